"""Proves that the hub gets into every member account, and that nobody else gets in where it does.

For a hub that a management role may become; one that only services become is asked for its refusals alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from orchestrator.rehearse.access import error_code
from orchestrator.rehearse.proofs.proof import Proof, listed, not_tried

if TYPE_CHECKING:
    from landing_zone.fleet_access import Hub
    from orchestrator.rehearse.access import Credentials
    from orchestrator.rehearse.proofs.scene import Scene

SESSION = "fleetyard-proof"
_ALLOWED, _DENIED = "allowed", "AccessDenied"


def prove_hub(scene: Scene) -> Proof:
    """Try every spoke and the organisation reader as the hub, as each management role, and as roles beside the hub."""
    hub = scene.manifest.access.hub
    if hub is None:
        raise ValueError("the manifest has no hub")
    if scene.nobody_left:
        return not_tried("hub and spokes", scene.nobody_left)
    targets = tuple(_targets(scene, hub))
    wrong: list[str] = []
    reached = refused = 0
    for who, credentials, expected in _callers(scene, hub):
        for arn in targets:
            answer = _try(scene, credentials, arn)
            reached += answer == _ALLOWED
            refused += answer == _DENIED
            if answer != expected:
                wrong.append(f"{who} to {arn}: {answer}, not {expected}")
    summary = f"{hub.role} reaches {reached} roles; {refused} hops of others refused"
    tried = refused > 0 and (reached > 0 or not hub.management_roles)
    return Proof("hub and spokes", tried and not wrong, f"{summary}; wrong: {listed(wrong)}" if wrong else summary)


def _targets(scene: Scene, hub: Hub) -> Iterator[str]:
    manifest = scene.manifest
    for account in manifest.members:
        if not account.suspended:
            yield _arn(scene, account.name, hub.spoke.role)
    if manifest.access.organization_reader:
        yield _arn(scene, manifest.management_account.name, manifest.access.organization_reader)


def _callers(scene: Scene, hub: Hub) -> Iterator[tuple[str, Credentials, str]]:
    """Yield who tries, as whom, and what AWS has to answer."""
    for name, credentials in scene.management_roles.items():
        yield name, credentials, _DENIED
        for role in scene.manifest.management_roles[name].granted.get(hub.account, ()):
            beside = scene.access.assume(credentials, _arn(scene, hub.account, role), SESSION)
            yield f"{role} in {hub.account}", beside, _DENIED
    trusted = next((name for name in hub.management_roles if name in scene.management_roles), "")
    if trusted:
        own = scene.access.assume(scene.management_roles[trusted], _arn(scene, hub.account, hub.role), SESSION)
        yield hub.role, own, _ALLOWED


def _try(scene: Scene, credentials: Credentials, arn: str) -> str:
    try:
        scene.access.assume(credentials, arn, SESSION)
    except ClientError as refused:
        return error_code(refused)
    return _ALLOWED


def _arn(scene: Scene, account: str, role: str) -> str:
    return f"arn:aws:iam::{scene.lock.accounts[account]}:role/{role}"
