"""Shows what retiring would lose, and how far it has got: words for people, objects for programs. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from orchestrator.accounts.retirement.obstacles import Leaving, Obstacle
from orchestrator.accounts.retirement.retired_file import Retirement
from orchestrator.next_steps import GO_ON_RETIRING


def losses_as_json(leaving: Leaving, obstacles: Sequence[Obstacle] = ()) -> Mapping[str, object]:
    """Return what would be lost, and what is in the way, as a JSON object."""
    stacks = [
        {
            "stack": each.stack,
            "resources": dict(each.resources),
            "protected": each.kept,
            "problem": each.problem or None,
        }
        for each in leaving.losses
    ]
    return {
        "account": leaving.name,
        "id": leaving.id,
        "email": leaving.email,
        "stacks": stacks,
        "resources": sum(sum(each.resources.values()) for each in leaving.losses),
        "in_the_way": [{"stack": each.stack, "words": each.words, "next": each.step} for each in obstacles],
    }


def losses_as_text(leaving: Leaving, obstacles: Sequence[Obstacle] = ()) -> str:
    """Return what would be lost in lines: the stacks, what is in each, and what is in the way with its next step."""
    name, losses = leaving.name, leaving.losses
    total = sum(sum(each.resources.values()) for each in losses)
    destroyed = f"would destroy {_counted(len(losses), 'stack')} with {_counted(total, 'resource')}:"
    lines = [f"Retiring {name} {destroyed}" if losses else f"Retiring {name}: there is nothing to destroy."]
    for each in losses:
        what = ", ".join(f"{count} {kind.rpartition(':')[2]}" for kind, count in each.resources.items()) or "nothing"
        if each.problem and not each.resources:
            what = "not known, as something is in the way"
        lines.append(f"  {each.stack}{' (protected)' if each.kept else ''}: {what}")
    if not obstacles:
        lines += [
            "Then the account goes to the suspended unit, leaves manifest, state and lock, and AWS closes it.",
            f"Its email {leaving.email} can never be another account's afterwards: to use it again, change it before",
            "(docs/retire.md, The email).",
        ]
        return "\n".join(lines)
    lines.append("In the way, so nothing would be destroyed:")
    for obstacle in obstacles:
        lines += [f"  {obstacle.stack}: {obstacle.words}", f"    next: {obstacle.step}"]
    return "\n".join(lines)


def retired_as_json(account: Retirement) -> Mapping[str, object]:
    """Return an account on its way out as a JSON object."""
    return {
        "name": account.name,
        "id": account.id,
        "begun": account.begun or None,
        "done": {step.value: when for step, when in account.done.items()},
        "state": account.word,
        "closed": account.closed or None,
        "final_date": account.final_date or None,
        "said": account.said or None,
    }


def retired_as_text(accounts: Sequence[Retirement], *, account_map: bool = False) -> str:
    """Return how far each account is, and what to type next; `account_map` is whether the manifest has one."""
    if not accounts:
        return "No account is being retired."
    lines = [f"{each.name} ({each.id}): {each.word}" for each in accounts]
    lines += [f"AWS said: {words}" for words in dict.fromkeys(each.said for each in accounts if each.said)]
    if any(not each.finished for each in accounts):
        lines.append(f"next: {GO_ON_RETIRING}; commit fleet.retired.yaml until then")
    if any(each.dropped and not each.gone for each in accounts):
        where = "the account map and the documents of roles" if account_map else "the documents of roles"
        lines.append(f"next: fleetyard preview, then: fleetyard up, which takes them out of {where}")
    return "\n".join(lines)


def _counted(count: int, what: str) -> str:
    return f"1 {what}" if count == 1 else f"{count} {what}s"
