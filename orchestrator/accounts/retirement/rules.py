"""Which accounts cannot be retired, and why. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from landing_zone.fleet import Account, Manifest
from landing_zone.organization_policies import SUSPENDED_POLICY
from orchestrator.accounts.adoption.found import FoundOrganization
from orchestrator.accounts.readiness import CLOSED
from orchestrator.accounts.retirement.errors import RetirementRefused

_UNCHANGED = "anything: nothing was changed"


def refuse_unretirable(manifest: Manifest, account: Account, account_id: str, found: FoundOrganization) -> None:
    """Raise RetirementRefused, with every reason why this account cannot be retired."""
    reasons = [*needed_as(manifest, account), *_of_aws(account_id, found)]
    step = f"fleetyard accounts show {account.name}"
    if account.in_suspended_unit:
        unit = manifest.governance.suspended_unit
        reasons.append(
            f"it is in {unit}, where nobody can destroy its stacks: write it under another unit and "
            "fleetyard up --stack 'organization/*' first"
        )
    elif account.suspended:
        reasons.append("it is suspended, and its stacks are left alone: resume it first")
        step = f"fleetyard accounts resume {account.name}, then repeat the command" if len(reasons) == 1 else step
    if reasons:
        raise RetirementRefused(
            f"{account.name} cannot be retired",
            subject=account_id or account.name,
            why="; ".join(reasons),
            not_run=_UNCHANGED,
            hint=step,
        )


def needed_as(manifest: Manifest, account: Account) -> Iterator[str]:
    """Yield what the manifest itself needs an account for: who needs it, and by which key."""
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
    if there is not None and there.status in CLOSED:
        yield (
            f"AWS has closed it already ({there.status}), so nothing in it can be destroyed: "
            "fleetyard accounts release forgets its states, then fleetyard accounts remove takes it out of the fleet"
        )
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
    # Runs leave the account alone while it is being retired; its own retirement is what does not.
    accounts = tuple(
        replace(each, suspended=False, in_suspended_unit=False) if each.name == name else each
        for each in manifest.accounts
    )
    return replace(manifest, accounts=accounts, workloads=workloads)


def workloads_at(manifest: Manifest, places: Collection[tuple[str | int, ...]]) -> Collection[str | int]:
    """Return the workloads that cannot be destroyed in an account any more once these keys of the manifest changed.

    With another state bucket that is all of them: nobody would find the account's states.
    """
    if any(keys[0] == "state_buckets" for keys in places if keys):
        return manifest.workloads.keys()
    return {keys[1] for keys in places if keys[:1] == ("workloads",)}


def set_aside(manifest: Manifest, names: Collection[str]) -> Manifest:
    """Return the manifest with these accounts suspended: runs leave their stacks alone, whatever rests on them."""
    if not names:
        return manifest
    accounts = tuple(replace(each, suspended=True) if each.name in names else each for each in manifest.accounts)
    return replace(manifest, accounts=accounts)
