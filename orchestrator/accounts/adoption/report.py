"""Shows what was adopted, and what was left alone: words for people, an object for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from orchestrator.accounts.adoption.adopt import Adopted
from orchestrator.accounts.adoption.adoption import AdoptionPlan
from orchestrator.accounts.adoption.found import FoundOrganization
from orchestrator.accounts.discovery import Difference
from orchestrator.accounts.discovery_report import differences_as_json
from orchestrator.planning.plan import ORGANIZATION
from orchestrator.state.verify import counted

_SHOWN = 10


def adopted_as_json(
    found: FoundOrganization,
    plan: AdoptionPlan,
    done: Adopted | None,
    count: int,
    differences: Sequence[Difference] = (),
) -> Mapping[str, object]:
    """Return the result as a JSON object; `done` is None where nothing was to be done."""
    return {
        "organization_id": found.id,
        "calls": found.calls,
        "adopted": done is not None and not done.nothing,
        "nothing_to_adopt": done is not None and done.nothing,
        "imported": done.imported if done else 0,
        "to_import": count,
        "files": [str(path) for path in done.files] if done else [],
        "units": sorted(plan.units),
        "accounts": {name: plan.imports.accounts.get(name) for each in plan.accounts.values() for name in each},
        "changed": sorted(plan.changed),
        "without_stage": list(plan.stageless),
        "differences": differences_as_json(differences),
        "left_alone": {
            "retiring_accounts": {account.id: account.name for account in plan.retiring},
            "closed_accounts": {account.id: account.name for account in plan.closed},
            "policies": {policy.id: policy.name for policy in found.policies},
            "delegated_administrators": {account: list(services) for account, services in found.delegated.items()},
        },
    }


def adopted_as_text(
    found: FoundOrganization,
    plan: AdoptionPlan,
    done: Adopted | None,
    words: str,
    count: int,
    differences: Sequence[Difference] = (),
) -> str:
    """Return the result in words; with `done` None they begin with what would be written.

    `differences` are those between AWS and what was there before: a preview, made from the state, shows none of them.
    """
    what = f"{counted(plan.new_accounts, 'account')} and {counted(len(plan.units), 'unit')} new in the manifest"
    if plan.changed:
        what += f", {counted(len(plan.changed), 'account')} of it marked as adopted"
    if done is None:
        head = [
            words,
            f"Would adopt from {found.id}: {what}; {counted(count, 'resource')} would be taken into the state.",
        ]
    elif done.nothing:
        head = [f"Nothing to adopt from {found.id}: manifest, lock and state have all of it. Nothing was written."]
    else:
        head = [
            f"Adopted from {found.id}: {what}; {counted(done.imported, 'resource')} taken into the state.",
            "Nothing was changed in AWS" + ("." if differences else ", and a preview is clean."),
            f"Written: {', '.join(str(path) for path in done.files)}",
        ]
    return "\n".join([*head, *_differing(differences), *_left(found, plan)])


def _differing(differences: Sequence[Difference]) -> Iterator[str]:
    if not differences:
        return
    yield "AWS differs from the manifest in what the state, not refreshed since, does not show:"
    for each in differences[:_SHOWN]:
        yield f"  {each.subject}: {each.kind.value}: {each.aws or 'nothing'} in AWS, {each.manifest} in the manifest"
    if len(differences) > _SHOWN:
        yield f"  and {len(differences) - _SHOWN} more; fleetyard accounts discover shows all but tags"
    yield f"next: fleetyard refresh --stack '{ORGANIZATION}/*', then: fleetyard preview --stack '{ORGANIZATION}/*'"


def _left(found: FoundOrganization, plan: AdoptionPlan) -> Iterator[str]:
    if plan.stageless:
        yield f"No stage is known of {_listed(plan.stageless)}: no tag `stage`; write `stage:` where one is needed."
    if plan.closed:
        yield f"Left out, as they are closed or being closed: {_listed(tuple(each.name for each in plan.closed))}."
    for finished, what in ((False, "being retired"), (True, "closed")):
        each = tuple(f"{one.name} ({one.id}: {one.word})" for one in plan.retiring if one.finished is finished)
        if each:
            yield f"Left alone, as they are {what} (fleet.retired.yaml): {_listed(each)}."
    if found.policies:
        yield f"Left alone, policies: {_listed(tuple(policy.name for policy in found.policies))}."
    if found.delegated:
        each = tuple(f"{account} ({', '.join(services)})" for account, services in found.delegated.items())
        yield f"Left alone, delegated administrators: {_listed(each)}."


def _listed(names: tuple[str, ...]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
