"""Pulumi typed by hand: which program is meant, and what Pulumi is told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from landing_zone.manifest import load_manifest
from orchestrator.by_hand import HandTools, Invocation, about_access, stack_of, take_folder, wrong_caller
from orchestrator.callers import AnswerKind, Identity
from orchestrator.errors import StateNotMade
from orchestrator.files.workspace import committed, rehearsal
from orchestrator.planning.plan import make_plan
from orchestrator.running.job import CallerName
from orchestrator.state.backends import Backends
from tests.cli.fleet_folder import make_fleet_folder
from tests.unit.orchestrator.fleets import BUCKET_FLEET, FLEET, HOME, LOCK, small_fleet

ENV = {"PULUMI_BACKEND_URL": "file:///elsewhere", "HOME": "/home/x"}


@pytest.fixture
def hand(tmp_path: Path) -> HandTools:
    """Return tools on a committed fleet whose bucket is made."""
    fleet = make_fleet_folder(tmp_path, BUCKET_FLEET)
    manifest, workspace = load_manifest(fleet), committed(fleet)
    return HandTools(manifest, workspace, make_plan(manifest), replace(LOCK, state=HOME), Backends(manifest, workspace))


def test_a_workloads_folder_leads_to_the_bucket(hand: HandTools) -> None:
    """In a workload's folder Pulumi works on the state bucket, whatever the shell says."""
    command = hand.invocation(["preview", "-s", "lab-one"], hand.workspace.root / "workloads" / "network", ENV)
    assert command.env["PULUMI_BACKEND_URL"] == f"s3://{HOME.bucket}?region=eu-west-1"
    assert (command.arguments, command.program) == (("preview", "-s", "lab-one"), "network")
    assert command.caller is CallerName.MANAGEMENT


@pytest.mark.parametrize("spelled", [["--cwd", "bootstrap"], ["--cwd=bootstrap"], ["-C", "bootstrap"]])
def test_a_folder_named_by_option_counts(hand: HandTools, spelled: list[str]) -> None:
    """`--cwd` and `-C` say which program is meant, as for Pulumi."""
    command = hand.invocation(["up", *spelled, "--yes"], hand.workspace.root, ENV)
    assert (command.program, command.folder) == ("bootstrap", hand.workspace.root / "bootstrap")
    assert command.arguments == ("up", "--yes")
    assert command.env["PULUMI_BACKEND_URL"] == hand.workspace.backend_url


def test_words_after_the_dashes_are_left_alone() -> None:
    """What follows `--` is data, also if it looks like an option."""
    assert take_folder(["config", "set", "--", "--cwd", "x"], Path("/a"))[1] == ("config", "set", "--", "--cwd", "x")


def test_a_folder_below_a_program_belongs_to_it(hand: HandTools) -> None:
    """Pulumi searches upwards for its project file, and so do we."""
    below = hand.workspace.root / "workloads" / "network" / "policies"
    below.mkdir()
    assert hand.invocation(["preview"], below, ENV).program == "network"


def test_a_stranger_folder_is_left_to_pulumi(hand: HandTools, tmp_path: Path) -> None:
    """A project that is none of the fleet's runs as typed."""
    other = tmp_path / "other"
    other.mkdir()
    (other / "Pulumi.yaml").write_text("name: other\nruntime: python\n", encoding="utf-8")
    assert hand.invocation(["up", "--cwd", str(other)], tmp_path, ENV) == Invocation(
        ("up", "--cwd", str(other)), tmp_path, ENV
    )


def test_a_stack_made_by_hand_is_encrypted_by_the_fleets_key(hand: HandTools) -> None:
    """`stack init` of a workload takes the state key, unless another provider is named."""
    folder = hand.workspace.root / "workloads" / "network"
    made = hand.invocation(["stack", "init", "lab-one"], folder, ENV).arguments
    assert made[-1] == f"--secrets-provider=awskms:///{HOME.key_arn}?region=eu-west-1"
    own = ["stack", "init", "lab-one", "--secrets-provider", "passphrase"]
    assert hand.invocation(own, folder, ENV).arguments == tuple(own)


def test_a_rehearsals_settings_are_used_in_a_rehearsal(hand: HandTools, tmp_path: Path) -> None:
    """Joined to a rehearsal Pulumi runs where a project leads to the rehearsal's settings, so the tree stays clean."""
    workspace = rehearsal(hand.workspace.fleet, tmp_path / ".fleetyard" / "rehearsal")
    joined = replace(hand, workspace=workspace, backends=Backends(hand.manifest, workspace))
    command = joined.invocation(["preview"], workspace.root / "workloads" / "network", ENV)
    project = (command.folder / "Pulumi.yaml").read_text(encoding="utf-8")
    assert f"main: {workspace.root / 'workloads' / 'network'}" in project
    assert "stackConfigDir: ../../../settings/network" in project


def test_without_a_bucket_a_workload_cannot_be_run(hand: HandTools) -> None:
    """A workload before bootstrap is FY321, with the command that makes the bucket."""
    with pytest.raises(StateNotMade) as refused:
        replace(hand, lock=LOCK).invocation(["up"], hand.workspace.root / "workloads" / "network", ENV)
    assert refused.value.hint == "fleetyard up --stack bootstrap"


@pytest.mark.parametrize(
    ("caller", "arn", "told"),
    [
        (CallerName.ADMINISTRATOR, "arn:aws:sts::100000000001:assumed-role/Management-Admin/ops", "Management-Admin"),
        (CallerName.ADMINISTRATOR, "arn:aws:iam::100000000001:user/root-admin", ""),
        (CallerName.MANAGEMENT, "arn:aws:iam::100000000001:user/root-admin", "user/root-admin"),
        (CallerName.MANAGEMENT, "arn:aws:sts::100000000001:assumed-role/Management-Admin/ops", ""),
    ],
)
def test_who_runs_a_program_is_told_to_somebody_else(caller: CallerName, arn: str, told: str) -> None:
    """After a failure, whoever is not the program's caller is told who is, and how to become that."""
    command = Invocation((), Path("/a"), {}, "network", caller)
    note = wrong_caller(small_fleet(), command, Identity(AnswerKind.KNOWN, "100000000001", arn))
    assert (told in note and f"small-{caller.value}" in note) if told else note == ""


@pytest.mark.parametrize("program", list(CallerName))
def test_a_role_without_state_rights_runs_nothing(program: CallerName) -> None:
    """A management role that has no rights to the state is nobody's caller, and is told so."""
    developer = "  Developer:\n    trusted: {users: [ops]}\n    state: none\n    grants:\n"
    developer += "      - {roles: [Admin], accounts: [lab-one]}\n"
    manifest = small_fleet(FLEET.replace("units:\n", f"{developer}units:\n", 1))
    arn = "arn:aws:sts::100000000001:assumed-role/Developer/ops"
    command = Invocation((), Path("/a"), {}, "network", program)
    note = wrong_caller(manifest, command, Identity(AnswerKind.KNOWN, "100000000001", arn))
    assert "you are Developer, which has no rights to the state of workloads" in note


@pytest.mark.parametrize(
    ("code", "told", "access"),
    [
        (1, ["error: FY531: no access"], True),
        (1, ["error: FY659: role", "  why: AccessDenied"], True),
        (1, ["is not authorized to perform: sts:AssumeRole"], True),
        (6, ["error: FY502: no stack named 'x' found"], False),
        (1, ["error: FY505: this is no JSON"], False),
        (1, [], True),
        (6, [], False),
        (2, [], False),
    ],
)
def test_only_failures_about_access_are_about_the_caller(code: int, told: list[str], access: bool) -> None:
    """A failure is about access if its words say so; from a CLI that tells us none, if its exit code may mean it."""
    assert about_access(code, told) is access


@pytest.mark.parametrize(
    ("folder", "stack", "told"),
    [
        (
            "workloads/network",
            "lab-oen",
            "did you mean lab-one? this folder holds the program network; its stacks are ",
        ),
        ("workloads/network", "zulu", "fleet.yaml has no zulu"),
        ("workloads/network", "lab-one", "fleetyard up --stack network/lab-one makes it"),
        (
            ".",
            "lab-one",
            (
                "this folder holds the program organization; its only stack is root; lab-one is a stack of "
                "bootstrap-subaccount (--cwd bootstrap-subaccount) or network (--cwd workloads/network)"
            ),
        ),
    ],
)
def test_a_missing_stack_is_answered_from_the_manifest(hand: HandTools, folder: str, stack: str, told: str) -> None:
    """Whoever names a stack that is not there is told the program, its stacks, and where the stack is at home."""
    advice = hand.invocation(["preview", "-s", stack], hand.workspace.root / folder, ENV).stack_missing
    assert told in advice
    assert "stack init" not in advice


def test_a_folder_that_is_not_there_is_left_to_pulumi(hand: HandTools) -> None:
    """A mistyped `--cwd` below the fleet's root is not taken for the root's program: Pulumi refuses it by name."""
    typed = ("preview", "--cwd", "workloads/netwrok")
    assert hand.invocation(typed, hand.workspace.root, ENV).arguments == typed


@pytest.mark.parametrize(
    "line",
    ["up -s dev", "up -sdev", "up --stack=dev", "stack select dev", "cancel organization/demo/dev", "up -s=dev --yes"],
)
def test_the_stack_that_a_line_names_is_found(line: str) -> None:
    """A stack is named by option in each of its spellings, or by argument; organisation and project are left out."""
    assert stack_of(line.split()) == "dev"
