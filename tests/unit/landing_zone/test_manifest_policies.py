"""What a manifest may say of the organisation's policies, and what it means."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from landing_zone.manifest import load_manifest
from landing_zone.organization_policies import OrganizationPolicy, PolicyTargets, PolicyType
from tests.unit.landing_zone.fleet_files import problems_in, write_files
from tests.unit.landing_zone.fleets import SMALL, parsed, problems_of

DENY = {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}


def _document(**elements: object) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": {**DENY, **elements}})


def _policies(*blocks: str, more: str = "") -> str:
    return SMALL + "policies:\n" + "".join(f"  {block}\n" for block in blocks) + more


def _only(folder: Path, files: Mapping[str, str]) -> OrganizationPolicy:
    (policy,) = load_manifest(write_files(folder, files)).governance.policies
    return policy


def test_a_policy_and_its_targets() -> None:
    """A policy is a file with variables, of a type, over root, units by path and accounts by name or glob."""
    block = "lock: {file: starter/region-lock, vars: {regions: [eu-west-1]}, units: [plat], accounts: ['*it']}"
    (policy,) = parsed(_policies(block)).governance.policies
    assert (policy.name, policy.type, policy.file) == ("lock", PolicyType.SCP, "starter/region-lock")
    assert policy.targets == PolicyTargets(units=("plat",), accounts=("audit",))
    assert policy.place == "fleet.yaml:34:3"
    (lock,) = policy.template["Statement"]
    assert lock["Condition"]["StringNotEquals"] == {"aws:RequestedRegion": ["eu-west-1"]}


def test_a_file_is_found_beside_the_file_that_names_it(tmp_path: Path) -> None:
    """A path is relative to the file it stands in, also in one that is imported."""
    files = {
        "fleet.yaml": f"imports: [org/policies.yaml]\n{SMALL}",
        "org/policies.yaml": "policies:\n  own: {file: own/closed.json, root: true}\n",
        "org/own/closed.json": _document(),
    }
    assert _only(tmp_path, files).template["Statement"] == DENY


def test_a_file_is_named_without_detours(tmp_path: Path) -> None:
    """What is wrong in a file beside the importing folder is told at its plain path."""
    files = {
        "fleet.yaml": f"imports: [org/policies.yaml]\n{SMALL}",
        "org/policies.yaml": "policies:\n  own: {file: ../own/closed.json, root: true}\n",
        "own/closed.json": '{"Version": "2012-10-17", "Version": "2012-10-17", "Statement": []}',
    }
    (told,) = problems_in(write_files(tmp_path, files))
    assert told.startswith("own/closed.json:1:27: ")


def test_json_may_be_indented_with_tabs(tmp_path: Path) -> None:
    """AWS's own examples are."""
    files = {
        "fleet.yaml": _policies("own: {file: own.json, root: true}"),
        "own.json": '{\n\t"Version": "2012-10-17",\n\t"Statement": []\n}\n',
    }
    assert _only(tmp_path, files).template == {"Version": "2012-10-17", "Statement": []}


def test_what_the_manifest_knows_is_filled_in(tmp_path: Path) -> None:
    """Variables of the fleet and of the policy are filled in, its own defaults where the manifest gives none."""
    files = {
        "fleet.yaml": _policies('own: {file: own.yaml, root: true, vars: {who: "${region}-x"}}'),
        "own.yaml": 'vars: {who: nobody, where: ["${management_account_id}"]}\n'
        'Resource: ["${organization}", "a-${vars.who}", "${vars.where}", "${member_role_arns}"]\n',
    }
    assert _only(tmp_path, files).template == {
        "Resource": [
            "small",
            "a-eu-west-1-x",
            "100000000001",
            "arn:aws:iam::*:role/Admin",
            "arn:aws:iam::*:role/ReadOnly",
        ]
    }


def test_ids_that_aws_gives_wait_for_the_program(tmp_path: Path) -> None:
    """The organisation's id and those of accounts to be made stay, and so do IAM's own variables."""
    ids = ["${organization_id}", "${accounts.prod.id}", "${aws:PrincipalTag/team}", "${*}"]
    files = {
        "fleet.yaml": _policies("own: {file: own.json, root: true}"),
        "own.json": json.dumps({"Resource": [*ids, "${accounts.root.id}"]}),
    }
    assert _only(tmp_path, files).template == {"Resource": [*ids, "100000000001"]}


def _with_file(name: str, text: str) -> dict[str, str]:
    return {"fleet.yaml": _policies(f"own: {{file: {name}, root: true}}"), name: text}


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        pytest.param(_with_file("own.json", "{\n 'a': 1}"), "own.json:2:2: not JSON: Expecting property", id="JSON"),
        pytest.param(_with_file("own.json", '{"a": 1,\n "a": 2}'), 'own.json:2:2: the key "a" stands here', id="twice"),
        pytest.param(_with_file("own.yaml", "a: [1\n"), "own.yaml:2:1: not YAML", id="YAML"),
        pytest.param(_with_file("own.yaml", "- a\n"), "own.yaml:1:1: the file must hold keys and values", id="list"),
        pytest.param(_with_file("own.yaml", "vars: [a]\n"), "own.yaml:1:1: vars holds values", id="vars"),
        pytest.param(_with_file("own.json", f'{{"a": "{"x" * 100_000}"}}'), "too large for a policy", id="huge"),
        pytest.param(
            _with_file("own.yaml", 'Sid: "${vars.a"\n'), 'own.yaml:1:6: "${vars.a" lacks its closing brace', id="brace"
        ),
        pytest.param(
            _with_file("own.yaml", "Sid: ${organisation}\n"),
            'own.yaml:1:6: nothing is called "${organisation}" (did you mean "${organization}"?)',
            id="variable",
        ),
        pytest.param(
            _with_file("own.yaml", "Sid: ${accounts.prd.id}\n"),
            'own.yaml:1:6: ${accounts.prd.id}: no account is called "prd" (did you mean "prod"?)',
            id="account",
        ),
        pytest.param(
            _with_file("own.yaml", "vars: {a: [b]}\nSid: x${vars.a}\n"),
            "own.yaml:2:6: ${vars.a} is no single text; it can't stand inside another one",
            id="list in a text",
        ),
        pytest.param(
            _with_file("own.yaml", "Sid: ${vars.a}\n"),
            "fleet.yaml:34:3: own.yaml needs a value: vars: {a: ...}",
            id="no value",
        ),
        pytest.param(
            _with_file("own.yaml", f"Sid: {'x' * 10240}\n"),
            "fleet.yaml:34:3: the policy has 10,250 characters with its variables filled in and without white space, "
            "AWS takes 10,240",
            id="large",
        ),
    ],
)
def test_mistakes_in_a_policys_file(tmp_path: Path, files: Mapping[str, str], problem: str) -> None:
    """What is wrong in the file is told with the file's own line and column."""
    (found,) = problems_in(write_files(tmp_path, files))
    assert found.startswith(problem) or problem in found


@pytest.mark.parametrize(
    ("block", "problem"),
    [
        pytest.param(
            "lock: {file: starter/regionlock, root: true}",
            '34:16: no policy is shipped as "starter/regionlock" (did you mean "starter/region-lock"?)',
            id="starter",
        ),
        pytest.param(
            "own: {file: nowhere/at-all.json, root: true}",
            '34:15: there is no policy file "nowhere/at-all.json"',
            id="missing",
        ),
        pytest.param("own: {file: /etc/own.json, root: true}", "is no path relative to this file", id="absolute"),
        pytest.param("own: {file: own.txt, root: true}", "its name ends in .json, .yaml or .yml", id="ending"),
        pytest.param(
            "leave: {file: starter/deny-leaving}",
            "34:3: say what it is attached to: root: true, units or accounts",
            id="no target",
        ),
        pytest.param(
            "leave: {file: starter/deny-leaving, units: [plt]}",
            '34:47: no unit is called "plt" (did you mean "plat"?)',
            id="unit",
        ),
        pytest.param(
            "leave: {file: starter/deny-leaving, accounts: [prd]}",
            '34:50: no account matches "prd" (did you mean "prod"?)',
            id="account",
        ),
        pytest.param(
            "leave: {file: starter/deny-leaving, accounts: [root]}",
            '34:50: "root" means only the management account, over which AWS applies no policy',
            id="management account",
        ),
        pytest.param(
            "lock: {file: starter/region-lock, root: true, vars: {region: [eu-west-1]}}",
            '34:56: the policy has no variable "region" (did you mean "regions"?)',
            id="unused variable",
        ),
        pytest.param(
            "log-archive-guard: {file: starter/deny-leaving, root: true}",
            "is the name of a policy that Fleetyard makes itself",
            id="reserved",
        ),
        pytest.param("leave: {file: starter/deny-leaving, root: true, type: src}", '(did you mean "scp"?)', id="type"),
        pytest.param(
            "leave: {file: starter/deny-leaving, unit: [plat]}",
            '34:39: unknown key "unit" (did you mean "units"?)',
            id="mistyped target",
        ),
        pytest.param(
            "leave: {file: starter/deny-leaving, acounts: [prod]}", '(did you mean "accounts"?)', id="mistyped accounts"
        ),
        pytest.param("leave: {file: starter/deny-leaving, units: plat}", "units must be a list", id="no list"),
    ],
)
def test_mistakes_in_the_manifest(block: str, problem: str) -> None:
    """A wrong name, path or target is told where it stands, with what was probably meant."""
    (found,) = problems_of(_policies(block))
    assert problem in found


def test_a_mistyped_key_of_another_kind_hides_nothing() -> None:
    """A policy that says nothing of its targets is told as such beside whatever else is wrong with it."""
    found = problems_of(_policies("leave: {file: starter/deny-leaving, tpye: scp}"))
    assert [problem.split(": ", 1)[1].split(" ")[0] for problem in found] == ["say", "unknown"]


def test_a_file_outside_the_repository_is_not_read(tmp_path: Path) -> None:
    """A path may lead upwards, but not out of the repository."""
    (tmp_path / "own.json").write_text(_document(), encoding="utf-8")
    fleet = write_files(tmp_path / "inside", {"fleet.yaml": _policies("own: {file: ../own.json, root: true}")})
    assert "leads out of the repository" in problems_in(fleet)[0]


def test_ten_scps_on_a_target() -> None:
    """AWS takes ten SCPs on a target, its own among them, and the log archive's guard counts on its account."""
    leaves = [f"leave-{n}: {{file: starter/deny-leaving, accounts: [audit]}}" for n in range(9)]
    assert problems_of(_policies(*leaves)) == []
    (found,) = problems_of(_policies(*leaves, more="log_archive: audit\n"))
    assert found.endswith(
        "account audit has 11 SCPs with this one, AWS takes 10: its own of full access, log-archive-guard, "
        "leave-0, leave-1, leave-2, leave-3, leave-4, leave-5, leave-6, leave-7, leave-8"
    )
    others = "rcp: {file: starter/own-organization-only, type: rcp, accounts: [audit]}"
    assert problems_of(_policies(*leaves, others)) == []


def test_five_rcps_on_a_target() -> None:
    """AWS takes five RCPs on a target, its own among them."""
    perimeters = [f"own-{n}: {{file: starter/own-organization-only, type: rcp, accounts: [audit]}}" for n in range(5)]
    assert problems_of(_policies(*perimeters[:4])) == []
    (found,) = problems_of(_policies(*perimeters))
    assert "account audit has 6 RCPs with this one, AWS takes 5: its own of full access, own-0, " in found


def test_the_hubs_roles_are_among_the_member_roles() -> None:
    """What protects the member roles protects those of hub and spokes."""
    hub = (
        "hub:\n  account: audit\n  role: Fleet-Hub\n  trusted: {management_roles: [Management-Admin]}\n"
        "  spoke: {role: Fleet-Spoke, managed_policies: [ReadOnlyAccess]}\n"
    )
    (policy,) = parsed(_policies("base: {file: starter/protect-baseline, root: true}", more=hub)).governance.policies
    protected = policy.template["Statement"][0]["Resource"]
    assert protected[1:] == [
        f"arn:aws:iam::*:role/{name}" for name in ("Admin", "ReadOnly", "Fleet-Hub", "Fleet-Spoke")
    ]


def test_a_unit_that_stands_for_the_root_is_no_target() -> None:
    """The root is written as the root."""
    text = _policies("leave: {file: starter/deny-leaving, units: [top]}").replace(
        "units:\n  core:", "units:\n  top: {root: true, accounts: {one: {email: one@small.example}}}\n  core:"
    )
    assert [found.partition(": ")[2] for found in problems_of(text)] == [
        "top stands for the root; write root: true in its place"
    ]
