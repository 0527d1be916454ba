"""`fleetyard verify` as it is typed: what it asks, what it writes, how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from orchestrator.verify.errors import NobodyToAskAs
from tests.cli.fleet_folder import Terminal, deploy_on_paper, make_fleet_folder
from tests.unit.orchestrator.fleets import ACCOUNTS, FLEET

PROBES = """\
policies:
  deny-leaving: {file: starter/deny-leaving, units: [lab/deep]}
probes:
  leaving: {actions: [organizations:LeaveOrganization], accounts: ["*"], expect: deny, by: scp}
"""
LINE = (FLEET + PROBES).splitlines().index("probes:") + 2
"""Where the probe stands."""


def _terminal(folder: Path, text: str = FLEET, **env: str) -> Terminal:
    make_fleet_folder(folder, text)
    return Terminal(folder, env=env)


def test_everything_as_the_manifest_says(tmp_path: Path) -> None:
    """Without probes it is the reach matrix alone, and all is well with a manifest that contradicts nothing."""
    terminal = _terminal(tmp_path)
    assert terminal.run("verify", "--computed") == 0
    assert terminal.out.getvalue().splitlines() == [
        "Reach: 3 pairs, 3 as expected: 2 allowed, 1 denied (3 computed)",
        "Everything is as the manifest says.",
    ]


def test_what_differs_is_told_with_what_decided(tmp_path: Path) -> None:
    """A probe that is answered otherwise ends with 1, and names account, caller, both answers and the policy."""
    terminal = _terminal(tmp_path, FLEET + PROBES)
    deploy_on_paper(tmp_path)
    assert terminal.run("verify", "--computed") == 1
    said = terminal.out.getvalue()
    one = ACCOUNTS["lab-one"]
    assert said.startswith(
        f"DIFFERS  leaving: organizations:LeaveOrganization as an administrator in lab-one ({one}), eu-west-1: "
        "allowed, expected denied by scp; computed\n  decided: identity: AdministratorAccess"
    )
    assert f"  probe: {tmp_path / 'fleet.yaml'}:" in said
    assert "Probes: 2 calls, 1 as expected: 1 allowed, 1 denied (2 computed)" in said
    assert said.splitlines()[-1] == "NOT as the manifest says: 1 differ."


def test_every_row_when_asked(tmp_path: Path) -> None:
    """`--verbose` lists what is as expected as well."""
    terminal = _terminal(tmp_path)
    assert terminal.run("verify", "--computed", "--verbose") == 0
    assert "ok  Management-Admin to Admin in lab-one (no id yet): allowed, expected allowed; computed" in (
        terminal.out.getvalue()
    )


def test_as_json(tmp_path: Path) -> None:
    """Every row with what was expected, what was found, how, and what decided."""
    terminal = _terminal(tmp_path, FLEET + PROBES)
    deploy_on_paper(tmp_path)
    data = terminal.json("verify", "--computed", "--account", "lab-two")
    assert data == {
        "verified": True,
        "outcomes": {"ok": 2, "differs": 0, "unknown": 0},
        "reach": [
            {
                "caller": "Management-Admin",
                "caller_account": "root",
                "account": "lab-two",
                "account_id": ACCOUNTS["lab-two"],
                "role": "Admin",
                "expect": "allow",
                "outcome": "ok",
                "found": "allow",
                "how": "computed",
                "decided_by": "trust",
                "policy": "trust of Admin",
                "statement": "GrantedManagementRoles",
                "words": "",
            }
        ],
        "probes": [
            {
                "probe": "leaving",
                "action": "organizations:LeaveOrganization",
                "account": "lab-two",
                "account_id": ACCOUNTS["lab-two"],
                "role": None,
                "region": "eu-west-1",
                "resource": "*",
                "context": {},
                "expect": "deny",
                "by": "scp",
                "place": f"{tmp_path / 'fleet.yaml'}:{LINE}:3",
                "outcome": "ok",
                "found": "deny",
                "how": "computed",
                "decided_by": "scp",
                "policy": "deny-leaving on unit lab/deep",
                "statement": "DenyLeaving",
                "words": "",
            }
        ],
        "lockouts": [],
        "ways_in": [],
        "looked_into": [],
        "not_looked_into": {},
        "suspended": [],
    }


def test_what_is_expected(tmp_path: Path) -> None:
    """`--expect` says who becomes what where, and what each probe has to be answered; it asks nobody."""
    terminal = _terminal(tmp_path, FLEET + PROBES)
    assert terminal.run("verify", "--expect", "--unit", "lab/deep") == 0
    assert terminal.out.getvalue().splitlines() == [
        "Management-Admin  lab-two  Admin",
        "",
        "Reach: 1 pair: 1 allowed, 0 denied",
        "leaving: organizations:LeaveOrganization as an administrator in lab-two, eu-west-1: denied by scp",
        "Probes: 1 call",
    ]


def test_what_is_expected_as_json(tmp_path: Path) -> None:
    """The same as data: a file to keep, and to compare with in a review."""
    data = _terminal(tmp_path).json("verify", "--expect")
    reach = data["reach"]
    assert isinstance(reach, list)
    assert [(pair["account"], pair["role"], pair["expect"]) for pair in reach] == [
        ("root", "Admin", "deny"),
        ("lab-one", "Admin", "allow"),
        ("lab-two", "Admin", "allow"),
    ]


@pytest.mark.parametrize("arguments", [("--account", "nobody"), ("--unit", "nowhere")])
def test_a_selection_of_nothing(tmp_path: Path, arguments: tuple[str, str]) -> None:
    """Selectors mean what they mean everywhere: one that fits nothing ends with 2."""
    terminal = _terminal(tmp_path)
    assert terminal.run("verify", "--computed", *arguments) == 2
    said = terminal.err.getvalue()
    assert "FY301: no account matches the selection" in said
    assert "next: fleetyard accounts list" in said


@pytest.mark.parametrize(
    "arguments",
    [
        ("--expect", "--computed"),
        ("--expect", "--attached"),
        ("--expect", "--profile", "x"),
        ("--computed", "--profile", "x"),
    ],
)
def test_options_that_could_have_no_effect(
    tmp_path: Path, arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """Options of which one makes the other idle are refused as a wrong command line."""
    terminal = _terminal(tmp_path)
    assert terminal.run("verify", *arguments) == 2
    assert "no effect" in " ".join(capsys.readouterr().err.split())


def test_a_profile_in_a_rehearsal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """There everybody's row is asked, so a profile is refused rather than ignored."""
    terminal = _terminal(tmp_path, FLEETYARD_REHEARSAL="1")
    assert terminal.run("verify", "--profile", "x") == 2
    assert "in a rehearsal everybody" in " ".join(capsys.readouterr().err.split())


def test_nothing_left_to_verify(tmp_path: Path) -> None:
    """Suspended accounts are left alone, and where there are no others the command says so."""
    suspended = FLEET.replace(
        "lab-one: {email: one@small.example,", "lab-one: {email: one@small.example, suspended: true,"
    )
    terminal = _terminal(tmp_path, suspended)
    assert terminal.run("verify", "--computed", "--account", "lab-one") == 2
    assert "FY392" in terminal.err.getvalue()
    assert "suspended, left alone: lab-one" in terminal.err.getvalue()


def test_nobody_to_ask_as(tmp_path: Path) -> None:
    """On AWS a row is really asked: without credentials nothing is, and the way without any is named."""
    files = {"AWS_CONFIG_FILE": str(tmp_path / "none"), "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none")}
    terminal = _terminal(tmp_path, **files, AWS_EC2_METADATA_DISABLED="true")
    assert terminal.run("verify", "--profile", "stranger") == NobodyToAskAs.exit_code
    said = terminal.err.getvalue()
    assert "FY390: the profile stranger has no credentials here" in said
    assert "fleetyard verify --computed" in said


def test_a_probe_of_an_unknown_action_is_no_manifest(tmp_path: Path) -> None:
    """`validate` tells mistakes of probes with all others, each at its place."""
    terminal = _terminal(tmp_path, FLEET + PROBES.replace("LeaveOrganization", "LeaveOrganisation"))
    assert terminal.run("validate") == 2
    assert (
        f'fleet.yaml:{LINE}:23: AWS has no action "organizations:LeaveOrganisation" '
        '(did you mean "organizations:LeaveOrganization"?)' in terminal.err.getvalue()
    )


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        pytest.param("context: {aws:SourceIpp: x}", '(did you mean "aws:SourceIp"?)', id="a key that AWS has not"),
        pytest.param("resource: 'arn:aws:s3:::b'", "takes no ARN", id="a resource that it does not take"),
        pytest.param("role: Admin, by: boundary", "the role Admin has no permissions_boundary", id="cannot hold"),
    ],
)
def test_a_probe_that_proves_nothing_is_no_manifest(tmp_path: Path, more: str, problem: str) -> None:
    """A probe that could not say anything of the policies is refused before anything is asked."""
    probe = f"  own: {{actions: [ec2:DescribeVpcs], accounts: [lab-one], expect: deny, {more}}}\n"
    terminal = _terminal(tmp_path, f"{FLEET}probes:\n{probe}")
    assert terminal.run("verify", "--computed") == 2
    assert problem in terminal.err.getvalue()


def test_expectations_can_be_kept(tmp_path: Path) -> None:
    """What `--expect --format json` wrote is read again by any tool: it is one JSON object."""
    terminal = _terminal(tmp_path)
    terminal.run("verify", "--expect", "--format", "json")
    assert set(json.loads(terminal.out.getvalue())) == {"reach", "probes", "suspended"}
