"""Commands that only look tell which accounts are being retired, and how far each is, as `accounts list` does."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from landing_zone.manifest import load_manifest
from orchestrator.accounts.retirement.retired_file import Retirement, Step, retired_path, write_retired
from orchestrator.doctor.engine_checks import EngineQuestion
from orchestrator.doctor.examination import FleetFacts, Surroundings, checks_for
from orchestrator.doctor.finding import Finding, Outcome
from orchestrator.doctor.machine_checks import MemoryQuestion
from orchestrator.errors import StillNeeded
from orchestrator.running.job import EngineChoice, EngineKind
from tests.cli.fleet_folder import Terminal, deploy_on_paper, make_fleet_folder
from tests.unit.orchestrator.fleets import ACCOUNTS, FLEET, LOCK

WHEN = "2026-11-20T10:00:00+00:00"
CONTINUE = "fleetyard accounts retire --continue"
STATE = f"retiring: destroyed, next: move ({CONTINUE})"
DESTROYED = Retirement("lab-one", ACCOUNTS["lab-one"], done={Step.DESTROY: WHEN})
WAITING = Retirement("lab-old", "900000000009", done=dict.fromkeys(list(Step)[:3], WHEN), said="quota")
CLOSED = Retirement("lab-gone", "900000000008", done=dict.fromkeys(Step, WHEN), closed=WHEN)


def _folder(tmp_path: Path, *accounts: Retirement, fleet: str = FLEET) -> Path:
    make_fleet_folder(tmp_path, fleet)
    deploy_on_paper(tmp_path, "network/lab-one")
    write_retired(retired_path(tmp_path / "fleet.lock.yaml"), accounts)
    return tmp_path


def _lines(folder: Path, *command: str) -> list[str]:
    terminal = Terminal(folder)
    assert terminal.run(*command) == 0
    return [line for line in terminal.out.getvalue().splitlines() if CONTINUE in line]


@pytest.mark.parametrize("command", ["plan", "status"])
def test_plan_and_status_tell_of_it(tmp_path: Path, command: str) -> None:
    """Lines below the table say how far each account is, and the command that goes on; closed ones are not named."""
    folder = _folder(tmp_path, DESTROYED, WAITING, CLOSED)
    waiting = f"on its way out: lab-old (900000000009), {WAITING.word} ({CONTINUE})"
    assert _lines(folder, command) == [f"left alone by runs: lab-one, {STATE}", waiting]
    assert _lines(folder, command, "--account", "lab-two") == [f"on its way out: lab-one, {STATE}", waiting]


@pytest.mark.parametrize("command", ["plan", "status"])
def test_one_that_is_half_dropped_is_told(tmp_path: Path, command: str) -> None:
    """An account that the manifest has no more, while its retirement has a step to go, is named; for programs too."""
    half = Retirement("lab-half", "900000000007", done=dict.fromkeys(list(Step)[:2], WHEN), doing=Step.DROP)
    folder = _folder(tmp_path, half, CLOSED)
    assert _lines(folder, command) == [f"on its way out: lab-half, {half.word} ({CONTINUE})"]
    assert Terminal(folder).json(command)["retiring"] == {"lab-half": f"{half.word} ({CONTINUE})"}


def test_a_new_account_of_a_name_that_is_used_again_is_not_marked(tmp_path: Path) -> None:
    """What is told of the dropped one is told of its id, and the stacks of the new one are no part of it."""
    folder = _folder(tmp_path, Retirement("lab-one", "900000000009", done=WAITING.done))
    stacks = Terminal(folder).json("plan")["stacks"]
    assert isinstance(stacks, list)
    assert not [stack for stack in stacks if "retiring" in stack]


@pytest.mark.parametrize("command", ["plan", "status"])
def test_its_stacks_are_marked_for_programs(tmp_path: Path, command: str) -> None:
    """In JSON each of its stacks has the words that `accounts list` has for the account, and no other stack has any."""
    folder = _folder(tmp_path, DESTROYED, WAITING, CLOSED)
    stacks = Terminal(folder).json(command)["stacks"]
    assert isinstance(stacks, list)
    marked = {stack["id"].split("/")[1]: stack["retiring"] for stack in stacks if "retiring" in stack}
    listed = Terminal(folder).json("accounts", "list")["accounts"]
    assert isinstance(listed, list)
    assert marked == {each["name"]: each["state"] for each in listed if each["name"] == "lab-one"} == {"lab-one": STATE}


def test_one_that_is_moved_is_told_once(tmp_path: Path) -> None:
    """An account that stands in the suspended unit for being retired is told as that, not as suspended as well."""
    suspended = FLEET.replace("lab-one: {email", "lab-one: {suspended: true, email")
    folder = _folder(tmp_path, DESTROYED, fleet=suspended)
    for command in ("plan", "status"):
        terminal = Terminal(folder)
        terminal.run(command)
        assert "suspended in the manifest" not in terminal.out.getvalue()


def _doctor(folder: Path) -> tuple[Finding, ...]:
    manifest = load_manifest(folder / "fleet.yaml")
    facts = FleetFacts(manifest, LOCK, folder, folder, retired_path(folder / "fleet.lock.yaml"))
    engine = EngineQuestion({}, EngineChoice(EngineKind.EMBEDDED), ())
    around = Surroundings({}, folder, facts, engine, MemoryQuestion(concurrency=1, per_stack=1, available=1))
    with ThreadPoolExecutor(1) as children:
        return checks_for(around, children)["retirements"]()


def test_the_doctor_warns_of_what_is_left_to_do(tmp_path: Path) -> None:
    """Every account with a step to go is named, those that have left the manifest too; closed ones need nothing."""
    (found,) = _doctor(_folder(tmp_path, DESTROYED, WAITING, CLOSED))
    assert (found.outcome, found.hint) == (Outcome.WARNING, CONTINUE)
    assert found.words == f"lab-one: {DESTROYED.word}; lab-old: {WAITING.word}"


def test_the_doctor_has_nothing_to_say_without_retirements(tmp_path: Path) -> None:
    """Where nothing is left to do there is no such line."""
    assert _doctor(_folder(tmp_path, CLOSED)) == ()


def test_the_doctor_tells_a_damaged_file(tmp_path: Path) -> None:
    """A file of retired accounts that no run could read fails, with the step that mends it."""
    folder = _folder(tmp_path)
    retired_path(folder / "fleet.lock.yaml").write_text("accounts: [", encoding="utf-8")
    (found,) = _doctor(folder)
    assert (found.outcome, "git checkout" in found.hint) == (Outcome.FAILED, True)


def test_a_destroy_that_it_holds_up_names_how_it_goes_on(tmp_path: Path) -> None:
    """Stacks below those of an account that is being retired stay until that is done: it is not told as suspended."""
    folder = _folder(tmp_path, DESTROYED)
    deploy_on_paper(folder, "network/lab-two", "app/lab-one.eu-west-1", "bootstrap-subaccount/lab-one")
    terminal = Terminal(folder)
    assert terminal.run("destroy", "--yes", "--stack", "network/lab-two") == 2
    said = terminal.err.getvalue()
    assert StillNeeded.code in said
    assert CONTINUE in said
    assert "accounts resume" not in said
