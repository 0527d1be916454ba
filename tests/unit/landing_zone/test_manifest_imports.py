"""A manifest of several files: how they are merged, and which mistakes are told where."""

from __future__ import annotations

from pathlib import Path

import pytest

from landing_zone.manifest import load_manifest, parse_manifest
from tests.unit.landing_zone.fleet_files import problems_in, write_files
from tests.unit.landing_zone.fleets import SMALL, edited

HEAD, _, UNITS = SMALL.partition("units:\n")
UNITS, _, WORKLOADS = UNITS.partition("workloads:\n")
WORKLOADS = f"workloads:\n{WORKLOADS}"
PROD = "prod: {email: prod@small.example, stage: prod, vars: {cidr: 10.1.0.0/16}}"
EXTRA = "units: {plat: {accounts: {extra: {email: extra@small.example, stage: dev}}}}\n"


def test_a_manifest_cut_into_files_is_the_same(tmp_path: Path) -> None:
    """A manifest whose parts are in files of their own says what it says in one file."""
    fleet = write_files(
        tmp_path,
        {
            "fleet.yaml": f"imports: [units/*.yaml, workloads.yaml]\n{HEAD}",
            "units/all.yaml": f"units:\n{UNITS}",
            "workloads.yaml": WORKLOADS,
        },
    )
    assert load_manifest(fleet) == parse_manifest(SMALL, fleet)


def test_a_file_per_account(tmp_path: Path) -> None:
    """Accounts of one unit may stand in files of their own, in the order of the files' names."""
    files = {
        f"accounts/{name}.yaml": EXTRA.replace("extra", name).replace("stage: dev", "stage: x") for name in ("b", "a")
    }
    fleet = write_files(tmp_path, {"fleet.yaml": f"imports: [accounts/*.yaml]\n{SMALL}", **files})
    assert [account.name for account in load_manifest(fleet).accounts if account.stage == "x"] == ["a", "b"]


@pytest.mark.parametrize(
    ("imports", "own", "said"),
    [
        ("[low.yaml, high.yaml]", "", "high"),
        ("[high.yaml, low.yaml]", "", "low"),
        ("[low.yaml, high.yaml]", "description: own, ", "own"),
    ],
)
def test_later_wins(tmp_path: Path, imports: str, own: str, said: str) -> None:
    """A later import wins over an earlier one, and the file itself over all; what only one says is kept."""
    text = edited(("Admin: {managed", f"Admin: {{{own}managed"))
    low, high = (f"roles: {{Admin: {{description: {name}}}}}\n" for name in ("low", "high"))
    fleet = write_files(tmp_path, {"fleet.yaml": f"imports: {imports}\n{text}", "low.yaml": low, "high.yaml": high})
    role = load_manifest(fleet).roles["Admin"]
    assert (role.description, len(role.managed_policies)) == (said, 1)


def test_a_list_replaces_unless_marked(tmp_path: Path) -> None:
    """A list replaces the one below it; with + at its key's end its entries are added."""
    imported = "roles: {Admin: {managed_policies: [Low]}, ReadOnly: {managed_policies: [Low]}}\n"
    text = edited(("Admin: {managed_policies:", "Admin: {managed_policies+:"))
    manifest = load_manifest(write_files(tmp_path, {"fleet.yaml": f"imports: [a.yaml]\n{text}", "a.yaml": imported}))
    names = {name: [arn.rpartition("/")[2] for arn in role.managed_policies] for name, role in manifest.roles.items()}
    assert names == {"Admin": ["Low", "AdministratorAccess"], "ReadOnly": ["ReadOnlyAccess"]}


def test_files_of_one_glob_may_all_add(tmp_path: Path) -> None:
    """Teams that share a list each add to it, whichever file defines it."""
    files = {f"teams/{name}.yaml": f"workloads: {{network: {{accounts+: [{name}]}}}}\n" for name in ("dev", "audit")}
    text = edited(("    accounts: [prod, dev]\n", ""), ('{cidr: "${vars.cidr}", zones: 2}', "{}"))
    files["teams/network.yaml"] = "workloads: {network: {accounts: [prod]}}\n"
    manifest = load_manifest(write_files(tmp_path, {"fleet.yaml": f"imports: [teams/*.yaml]\n{text}", **files}))
    assert set(manifest.workloads["network"].accounts) == {"prod", "dev", "audit"}


def test_a_mark_with_nothing_below(tmp_path: Path) -> None:
    """A list that is added to nothing is the list."""
    text = edited(("accounts: [prod, dev]", "accounts+: [prod, dev]"))
    assert load_manifest(write_files(tmp_path, {"fleet.yaml": text})).workloads["network"].accounts == ("prod", "dev")


def test_a_file_reached_twice_counts_once(tmp_path: Path) -> None:
    """Two files of one layer may import the same third one; its lists are added once."""
    files = {
        "fleet.yaml": f"imports: [teams/*.yaml]\n{SMALL}".replace("accounts: [prod, dev]\n    ", ""),
        "teams/a.yaml": f"imports: [../shared.yaml]\n{EXTRA.replace('extra', 'one')}",
        "teams/b.yaml": f"imports: [../shared.yaml]\n{EXTRA.replace('extra', 'two')}",
        "shared.yaml": "workloads: {network: {accounts+: [prod]}}\nroles: {Admin: {description: shared}}\n",
    }
    manifest = load_manifest(write_files(tmp_path, files))
    assert manifest.workloads["network"].accounts == ("prod",)
    assert manifest.roles["Admin"].description == "shared"


def test_a_file_that_imports_starts_from_its_own_folder(tmp_path: Path) -> None:
    """Paths are relative to the file they stand in, also through a link to the file."""
    files = {
        "fleet.yaml": f"imports: [a/link.yaml]\n{SMALL}",
        "a/first.yaml": "imports: [b/*.yaml]\nroles: {Admin: {description: first}}\n",
        "a/b/second.yaml": EXTRA,
    }
    fleet = write_files(tmp_path, files)
    (tmp_path / "a" / "link.yaml").symlink_to("first.yaml")
    assert load_manifest(fleet).account("extra").stage == "dev"


@pytest.mark.parametrize(
    ("other", "column", "what"),
    [(EXTRA, 35, "accounts.extra.email"), ("units: {plat: {accounts: [x]}}\n", 16, "accounts")],
    ids=["the same", "another kind"],
)
def test_defined_twice_at_one_layer(tmp_path: Path, other: str, column: int, what: str) -> None:
    """What two files of one glob define is an error that names both places, even where they say the same."""
    files = {"fleet.yaml": f"imports: [teams/*.yaml]\n{SMALL}", "teams/a.yaml": EXTRA, "teams/b.yaml": other}
    said = f"units.plat.{what} is defined twice at one layer, here and in teams/a.yaml:1:{column}"
    assert f"teams/b.yaml:1:{column}: {said}" in problems_in(write_files(tmp_path, files))


def test_an_account_twice_in_two_units(tmp_path: Path) -> None:
    """Two accounts of one name are told with the other file's name and line."""
    files = {
        "fleet.yaml": f"imports: [a.yaml]\n{SMALL}",
        "a.yaml": EXTRA.replace("extra", "audit").replace("plat", "x"),
    }
    assert "fleet.yaml:24:7: two accounts are called audit; the first is in a.yaml:1:24" in problems_in(
        write_files(tmp_path, files)
    )


@pytest.mark.parametrize(
    ("imported", "problem"),
    [
        ("roles: {Admin: {managed_policies+: x}}\n", '1:17: unknown key "managed_policies+" (did you mean "managed_'),
        ("workloads: {network: {rol: Admin}}\n", '1:23: unknown key "rol" (did you mean "role"?)'),
        ("units: {plat: {accounts: {new: {stage: dev}}}}\n", '1:27: units.plat.accounts.new lacks "email"'),
        ("workloads: {w: {accounts+: [prdo], role: Admin}}\n", '1:29: no account matches "prdo" (did you mean'),
        ("workloads: {w: {after: [a], after+: [b]}}\n", '1:29: "after" and "after+" stand in one block: write'),
        ("a: [\n", "2:1: not YAML: while parsing a flow"),
        ("\n", "1:1: the file is empty"),
        ("units: {plat: {imports: [b.yaml]}}\n", '1:16: unknown key "imports"; imports stand at the top of a file'),
        ("import: [b.yaml]\n", '1:1: unknown key "import" (did you mean "imports"?)'),
        ("include: [b.yaml]\n", '1:1: unknown key "include"; other files are named at the top of a file: imports:'),
    ],
    ids=lambda value: value if value.endswith("\n") else "",
)  # fmt: skip
def test_mistakes_in_an_imported_file(tmp_path: Path, imported: str, problem: str) -> None:
    """Mistakes of any kind are told at the file and line that they are in."""
    files = {"fleet.yaml": f"imports: [a.yaml]\n{SMALL}", "a.yaml": imported}
    found = problems_in(write_files(tmp_path, files))
    assert [each for each in found if each.startswith(f"a.yaml:{problem}")], found


def test_keys_and_values_over_a_list(tmp_path: Path) -> None:
    """A block that a lower layer has as something else is told with both places."""
    files = {"fleet.yaml": f"imports: [a.yaml]\n{SMALL}", "a.yaml": "roles: [x]\n"}
    assert problems_in(write_files(tmp_path, files)) == [
        "fleet.yaml:6:1: roles holds keys and values here, and none in a.yaml:1:1"
    ]


def test_adding_to_what_is_no_list(tmp_path: Path) -> None:
    """A list that is to be added to a value of another kind is told with both places."""
    files = {"fleet.yaml": f"imports: [a.yaml]\n{SMALL}"}
    files["a.yaml"] = "imports: [b.yaml]\nworkloads: {network: {config: {cidr: x, names+: [a]}}}\n"
    files["b.yaml"] = "workloads: {network: {config: {names: one}}}\n"
    assert problems_in(write_files(tmp_path, files)) == [
        'a.yaml:2:41: "names+" adds to a list, and "names" is none in b.yaml:1:32'
    ]


def test_problems_of_all_files_at_once(tmp_path: Path) -> None:
    """Problems of several files stand together, each in its own file."""
    files = {
        "fleet.yaml": "imports: [teams/*.yaml]\n" + edited(("stages: [prod]", "stages: [prdo]")),
        "teams/a.yaml": "regoin: x\n",
        "teams/b.yaml": "workloads: {w: {role: Admni, accounts: [prod]}}\n",
    }
    assert problems_in(write_files(tmp_path, files)) == [
        'fleet.yaml:19:38: no account has the stage "prdo" (did you mean "prod"?)',
        'teams/a.yaml:1:1: unknown key "regoin" (did you mean "region"?)',
        'teams/b.yaml:1:23: no account offers a role "Admni" (did you mean "Admin"?)',
    ]


def test_a_missing_file_hides_no_typing_mistake_and_causes_none(tmp_path: Path) -> None:
    """While a file is missing, keys are checked, and names and required keys that may stand in it are not."""
    text = f"imports: [a.yaml]\n{HEAD}workloads: {{network: {{rol: Admin, accounts: [prod]}}}}\n"
    assert problems_in(write_files(tmp_path, {"fleet.yaml": text})) == [
        'fleet.yaml:1:11: there is no file "a.yaml"',
        'fleet.yaml:20:23: unknown key "rol" (did you mean "role"?)',
    ]
