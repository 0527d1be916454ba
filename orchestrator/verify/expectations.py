"""What the manifest says has to be: who becomes which role where, and what each probe has to be answered."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from landing_zone.fleet import Account, Manifest
from landing_zone.lock import Lock
from landing_zone.probes import Expect, Probe
from landing_zone.substitution import account_in, substitute
from orchestrator.verify.answers import Pair, Question
from orchestrator.verify.resources import resource_of


def expected_pairs(manifest: Manifest, accounts: Collection[str]) -> tuple[Pair, ...]:
    """Return the matrix of management roles and the roles of these accounts, by name; suspended ones are left out.

    In the management account nobody may become any role that member accounts offer: it has none.
    """
    granted = manifest.reach()
    home = manifest.management_account.name
    return tuple(
        Pair(caller, home, account.name, role, _expect(granted=(caller, account.name, role) in granted))
        for caller in manifest.management_roles
        for account in manifest.accounts
        for role in manifest.roles
        if account.name in accounts and not account.suspended
    )


def hub_pairs(manifest: Manifest, accounts: Collection[str]) -> tuple[Pair, ...]:
    """Return who becomes the hub, and who its spokes and the organisation reader: nobody but the hub."""
    hub, home = manifest.access.hub, manifest.management_account.name
    if hub is None:
        return ()
    callers = [*((name, home) for name in manifest.management_roles), (hub.role, hub.account)]
    reader = manifest.access.organization_reader
    targets = [(account.name, hub.spoke.role) for account in manifest.members if not account.suspended]
    targets += [(home, reader)] if reader else []
    pairs = [
        Pair(name, home, hub.account, hub.role, _expect(granted=manifest.access.becomes_hub(name)))
        for name in manifest.management_roles
    ]
    pairs += [
        Pair(caller, of, account, role, _expect(granted=caller == hub.role and of == hub.account))
        for caller, of in callers
        for account, role in targets
    ]
    return tuple(pair for pair in pairs if pair.account in accounts)


def _expect(*, granted: bool) -> Expect:
    return Expect.ALLOW if granted else Expect.DENY


def questions(manifest: Manifest, lock: Lock, accounts: Collection[str]) -> tuple[Question, ...]:
    """Return every call of the manifest's probes in these accounts; `lock` is complete, suspended ones are left out."""
    return tuple(
        question
        for probe in manifest.probes
        for account in manifest.members
        if account.name in probe.accounts and account.name in accounts and not account.suspended
        for question in _of(probe, account, manifest, lock)
    )


def _of(probe: Probe, account: Account, manifest: Manifest, lock: Lock) -> Iterator[Question]:
    region = probe.region or manifest.region
    account_id = lock.account_id(account.name)
    known = {
        "account.id": account_id,
        "account.name": account.name,
        "organization": manifest.organization,
        "organization_id": lock.organization_id,
        "region": region,
        "management_account_id": manifest.management_account.id,
    }

    def value_of(reference: str) -> str:
        other = account_in(reference)
        return lock.account_id(other) if other else known[reference]

    for action in probe.actions:
        yield Question(
            probe=probe.name,
            place=probe.place,
            action=action,
            account=account.name,
            role=probe.role,
            region=region,
            resource=str(substitute(probe.resource, value_of)) or resource_of(action, account_id, region),
            expect=probe.expect,
            by=probe.by,
            context=probe.context,
        )
