"""Asks before something is changed, and makes sure that whoever destroys a foundation means this one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from landing_zone.fleet import Manifest
from orchestrator.cli.world import World
from orchestrator.driver import RunOptions
from orchestrator.errors import ConfirmationNeeded, ConfirmationWrong
from orchestrator.planning.plan import PlannedStack
from orchestrator.running.job import Operation
from orchestrator.workers.environment import RUN_FILE_VARIABLE


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be confirmed. `ask` is off with `--yes`; `typed` is what `--confirm` was given."""

    manifest: Manifest
    operation: Operation
    selected: Sequence[PlannedStack]
    options: RunOptions
    place: str
    """Where it would happen: on a twin, or in AWS."""
    ask: bool = False
    typed: str | None = None


def place_of(env: Mapping[str, str], manifest: Manifest) -> str:
    """Return where a run acts, for people; an environment that names a twin has been proven to lead there."""
    account = f"management account {manifest.management_account.id}"
    endpoint = env.get("AWS_ENDPOINT_URL", "")
    if env.get(RUN_FILE_VARIABLE):
        return f"on the twin at {endpoint} ({account}; not in AWS)"
    return f"at {endpoint} ({account})" if endpoint else f"in AWS ({account})"


def confirm(world: World, question: Question) -> None:
    """Return if the operation may go on.

    Raises: ConfirmationNeeded when a destroy is not confirmed and nobody can be asked, ConfirmationWrong for a no.
    """
    if question.operation is Operation.UP and question.ask and world.ask:
        _yes_or_no(world, f"Deploy {_counted(question.selected)} of {question.manifest.organization} {question.place}?")
    if question.operation is Operation.DESTROY:
        _confirm_destroy(world, question)


def _confirm_destroy(world: World, question: Question) -> None:
    foundation = [planned for planned in question.selected if planned.kept]
    if foundation and question.options.include_foundation:
        _confirm_by_name(world, question, foundation)
        return
    going = [planned for planned in question.selected if not planned.kept]
    if not (question.ask and going):
        return
    if world.ask is None:
        raise ConfirmationNeeded(
            f"destroying {_counted(going)} has to be confirmed",
            subject=_named(going),
            why="this is no terminal to ask on",
            not_run="any stack",
            hint="look at it with --preview, then add --yes",
        )
    _yes_or_no(
        world, f"Destroy {_counted(going)} of {question.manifest.organization} {question.place}: {_named(going)}?"
    )


def _confirm_by_name(world: World, question: Question, foundation: Sequence[PlannedStack]) -> None:
    name = question.manifest.management_account.name
    typed = question.typed
    if typed is None and world.ask is not None:
        typed = world.ask(
            f"This destroys {_named(question.selected)} {question.place}, the foundation included. "
            f"It cannot be undone.\n"
            f"Type the management account's name to go on: "
        )
    if typed is None:
        raise ConfirmationNeeded(
            "destroying the foundation has to be confirmed by the management account's name",
            subject=_named(foundation),
            why="this is no terminal to ask on",
            not_run="any stack",
            hint="--confirm NAME, with the name of the management account",
        )
    if typed != name:
        raise ConfirmationWrong(
            f"{typed!r} is not the management account's name",
            not_run="any stack",
            hint="repeat the command and type that name; fleetyard accounts list has it",
        )


def _yes_or_no(world: World, question: str) -> None:
    if world.ask is not None and world.ask(f"{question} [y/N] ").lower() not in {"y", "yes"}:
        raise ConfirmationWrong("not confirmed", not_run="any stack", hint="repeat the command and answer y")


def _counted(stacks: Sequence[PlannedStack]) -> str:
    return "1 stack" if len(stacks) == 1 else f"{len(stacks)} stacks"


def _named(stacks: Sequence[PlannedStack]) -> str:
    names = [str(planned.id) for planned in stacks]
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
