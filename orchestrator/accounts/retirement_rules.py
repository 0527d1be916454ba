"""Which accounts cannot be retired, and why. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from landing_zone.fleet import Account, Manifest
from landing_zone.organization_policies import SUSPENDED_POLICY
from orchestrator.accounts.found import FoundOrganization
from orchestrator.accounts.retirement_errors import RetirementRefused

_UNCHANGED = "anything: nothing was changed"


def refuse_unretirable(manifest: Manifest, account: Account, account_id: str, found: FoundOrganization) -> None:
    """Raise RetirementRefused, with every reason why this account cannot be retired."""
    reasons = [*_needed(manifest, account), *_of_aws(account_id, found)]
    if account.suspended:
        reasons.append("it is suspended, and its stacks are left alone: fleetyard accounts resume it first")
    if reasons:
        raise RetirementRefused(
            f"{account.name} cannot be retired",
            subject=account_id or account.name,
            why="; ".join(reasons),
            not_run=_UNCHANGED,
            hint=f"fleetyard accounts show {account.name}",
        )


def _needed(manifest: Manifest, account: Account) -> Iterator[str]:
    """Yield what the manifest itself needs the account for."""
    name = account.name
    if account.management:
        yield "it is the management account, which is never closed"
    if name == manifest.log_archive:
        yield "it keeps the organisation's logs (log_archive)"
    if manifest.access.hub and name == manifest.access.hub.account:
        yield "it is the hub (hub.account)"
    if name == manifest.people.account:
        yield "it holds the people (people.account)"
    for service, administrator in manifest.governance.delegated_administrators.items():
        if administrator == name:
            yield f"it administers {service} (delegated_administrators)"


def _of_aws(account_id: str, found: FoundOrganization) -> Iterator[str]:
    if not account_id:
        yield "AWS has not made it yet; fleetyard accounts remove takes it out of the manifest"
        return
    there = next((account for account in found.accounts if account.id == account_id), None)
    if there is None:
        yield f"{found.id} has no account {account_id}; fleetyard accounts remove takes it out of the manifest"
    if services := found.delegated.get(account_id):
        words = ", ".join(services)
        yield f"AWS has it as delegated administrator of {words}: aws organizations deregister-delegated-administrator"


def suspended_unit_id(manifest: Manifest, found: FoundOrganization) -> str:
    """Return the id of the unit that retired accounts go to; raises RetirementRefused unless it denies everything."""
    name = manifest.governance.suspended_unit
    unit = next((each for each in found.units if name and each.names == (name,)), None)
    bound = unit is not None and any(
        unit.id in policy.targets and policy.name.endswith(SUSPENDED_POLICY) for policy in found.policies
    )
    if unit is not None and bound:
        return unit.id
    why = (
        "the manifest has no suspended_unit" if not name else f"AWS has no unit {name} with the policy that denies all"
    )
    raise RetirementRefused(
        "there is no unit for retired accounts",
        subject=name,
        why=why,
        not_run=_UNCHANGED,
        hint="suspended_unit: suspended in the manifest, then: fleetyard up --stack 'organization/*'",
    )


def only_in(manifest: Manifest, name: str) -> Manifest:
    """Return the manifest with nothing running but in one account: what rests on its stacks elsewhere does not count.

    `after` orders the stacks of the whole fleet, and the others go on without these.
    """
    here = {each.name: each for each in manifest.workloads.values() if name in each.accounts}
    workloads = {
        workload: replace(each, accounts=(name,), after=tuple(other for other in each.after if other in here))
        for workload, each in here.items()
    }
    return replace(manifest, workloads=workloads)
