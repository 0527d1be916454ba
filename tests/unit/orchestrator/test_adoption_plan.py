"""What adopting writes: names, stages, units, tags, and the ids that are taken into the state."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from landing_zone.errors import ManifestInvalid
from landing_zone.fleet import Callers
from landing_zone.lock import Lock
from landing_zone.manifest import parse_manifest
from orchestrator.accounts.adoption.adopt import IMPORT, draft_edit, named, unwanted
from orchestrator.accounts.adoption.adoption import AdoptionPlan, plan_adoption
from orchestrator.accounts.adoption.errors import (
    AdoptionNotClean,
    AdoptionStopped,
    AdoptionWouldChange,
    FirstManifestIncomplete,
)
from orchestrator.accounts.adoption.first_manifest import FirstWords, empty_manifest, first_manifest
from orchestrator.accounts.adoption.found import FoundOrganization, FoundUnit
from orchestrator.running.job import ResourceChange
from tests.unit.orchestrator.fleets import FLEET, LOCK, MANAGEMENT_ID, small_fleet
from tests.unit.orchestrator.organizations import LAB, ROOT_ID, SMALL, account

WORDS = FirstWords("small", "eu-west-1", Callers("adm", "man"))


def first(found: FoundOrganization, stage: str = "") -> tuple[AdoptionPlan, str]:
    """Return the plan of a first manifest, and its text."""
    plan = plan_adoption(empty_manifest(Path("fleet.yaml"), WORDS), Lock(), found, stage=stage)
    return plan, first_manifest(WORDS, found, plan)


def test_a_first_manifest_is_valid_and_says_what_aws_has() -> None:
    """Every unit and account stands where AWS has it, the management account and those in no unit under the root."""
    plan, text = first(SMALL)
    manifest = parse_manifest(text, Path("fleet.yaml"))
    assert {each.name: each.unit for each in manifest.accounts} == {
        "lab-one": "lab",
        "lab-two": "lab/deep",
        "anything": "root",
    }
    assert manifest.management_account.id == MANAGEMENT_ID
    assert [unit.path for unit in manifest.units if unit.root] == ["root"]
    assert plan.imports.accounts == {"lab-one": "200000000002", "lab-two": "300000000003"}
    assert plan.imports.units == {
        unit.names[-1] if len(unit.names) == 1 else "lab/deep": unit.id for unit in SMALL.units
    }


def test_names_that_stacks_cannot_have_are_kept_as_aws_names() -> None:
    """Spaces and slashes go, names stay apart whatever their case, and the real ones are written beside."""
    names = ("Log Archive", "log archive", "lögs", "///")
    accounts = tuple(account(f"40000000000{at}", name, f"{at}@small.example") for at, name in enumerate(names))
    units = (
        *SMALL.units,
        FoundUnit("ou-ab12-slash000", ("a/b",), ROOT_ID),
        FoundUnit("ou-ab12-root0000", ("root",), ROOT_ID),
    )
    _, text = first(replace(SMALL, accounts=(*SMALL.accounts, *accounts), units=units))
    manifest = parse_manifest(text.replace("lögs", "logs"), Path("fleet.yaml"))
    assert [each.name for each in manifest.accounts if each.id == "" and each.unit == "root-2"] == [
        "Log-Archive",
        "log-archive-2",
        "l-gs",
        "account-400000000003",
    ]
    assert manifest.account("Log-Archive").aws_name == "Log Archive"
    assert next(unit for unit in manifest.units if unit.path == "a-b").aws_name == "a/b"


def test_stages_come_from_tags_and_are_never_guessed() -> None:
    """A tag `stage` says it, else `--stage`; without either it is left out and told."""
    tagged = account("400000000004", "shop-prod", "p@small.example", LAB, tags={"Stage": "live", "cost": "1"})
    found = replace(SMALL, accounts=(*SMALL.accounts, tagged))
    plan, text = first(found)
    assert plan.accounts["lab"]["shop-prod"]["stage"] == "live"
    assert plan.accounts["lab"]["shop-prod"]["tags"] == {"Stage": "live", "cost": "1"}
    assert set(plan.stageless) == {"lab-one", "lab-two"}
    assert "is left out where no tag `stage` says it" in text
    given, _ = first(found, stage="dev")
    assert {
        fields["stage"] for each in given.accounts.values() for name, fields in each.items() if name.startswith("lab")
    } == {"dev"}
    assert given.stageless == ()


def test_what_the_organisation_has_enabled_stays_enabled() -> None:
    """Policy types and trusted services are written, so that the program changes neither."""
    plan, _ = first(replace(SMALL, policy_types=("TAG_POLICY",), trusted_services=("sso.amazonaws.com",)))
    assert plan.top == {"policy_types": ["TAG_POLICY"], "trusted_services": ["sso.amazonaws.com"]}
    assert first(SMALL)[0].top == {}
    assert plan_adoption(small_fleet(), LOCK, replace(SMALL, policy_types=())).top == {}


def test_one_account_comes_with_the_units_it_stands_in() -> None:
    """Other units and accounts stay away, and closed ones always do."""
    new = FoundUnit("ou-ab12-new00000", ("lab", "new"), LAB)
    other = FoundUnit("ou-ab12-other000", ("other",), ROOT_ID)
    wanted = account("400000000004", "wanted", "w@small.example", new.id)
    closed = account("500000000005", "closed", "c@small.example", status="SUSPENDED")
    found = replace(SMALL, units=(*SMALL.units, new, other), accounts=(*SMALL.accounts, wanted, closed))
    plan = plan_adoption(small_fleet(), LOCK, found, wanted)
    assert plan.units == {"lab/new": {"adopted": True}}
    assert plan.accounts == {"lab/new": {"wanted": {"email": "w@small.example", "adopted": True}}}
    whole = plan_adoption(small_fleet(), LOCK, found)
    assert [each.name for each in whole.closed] == ["closed"]
    assert "other" in whole.units


def test_a_second_adoption_has_nothing_to_write() -> None:
    """What the manifest has already is imported by id, which changes nothing, and not written again."""
    plan = plan_adoption(small_fleet(), LOCK, SMALL)
    assert (plan.units, plan.accounts, plan.changed) == ({}, {}, {})
    assert set(plan.imports.units) == {"core", "lab", "lab/deep"}


def test_an_account_of_the_manifest_is_marked_as_adopted(tmp_path: Path) -> None:
    """Known by its email it gets AWS's name and tags, known by an id of its own it loses that; other lines stay."""
    one = account("200000000002", "Lab One", "one@small.example", LAB, tags={"team": "green"})
    found = replace(SMALL, accounts=(one, *SMALL.accounts[1:]))
    fleet = tmp_path / "fleet.yaml"
    fleet.write_text(FLEET, encoding="utf-8")
    by_email = plan_adoption(parse_manifest(FLEET, fleet), Lock(), found)
    assert by_email.changed["lab-one"] == {"adopted": True, "aws_name": "Lab One", "tags": {"team": "green"}}
    draft = draft_edit(fleet, by_email)
    adopted = draft.manifest.account("lab-one")
    assert (adopted.adopted, adopted.aws_name, adopted.tags) == (True, "Lab One", {"team": "green"})
    text = FLEET.replace("{email: one@small.example", '{id: "200000000002", email: one@small.example')
    fleet.write_text(text, encoding="utf-8")
    recorded = parse_manifest(text, fleet)
    assert "lab-one" not in plan_adoption(recorded, Lock(), found).changed
    taken = draft_edit(fleet, plan_adoption(recorded, Lock(), found, one)).manifest.account("lab-one")
    assert (taken.id, taken.adopted) == ("", True)


def test_new_units_come_whole_and_other_lines_stay(tmp_path: Path) -> None:
    """Units with what is below them, at the top and in a unit that was there; every line of before is still there."""
    units = (
        FoundUnit("ou-ab12-new00000", ("new",), ROOT_ID, {"owner": "ops"}),
        FoundUnit("ou-ab12-below000", ("new", "EU 1"), "ou-ab12-new00000"),
        FoundUnit("ou-ab12-inlab000", ("lab", "in"), LAB),
    )
    accounts = (
        account("400000000004", "far", "far@small.example", "ou-ab12-below000"),
        account("500000000005", "near", "near@small.example", "ou-ab12-inlab000"),
        account("600000000006", "beside", "beside@small.example", LAB),
        account("700000000007", "loose", "loose@small.example"),
    )
    found = replace(SMALL, units=(*SMALL.units, *units), accounts=(*SMALL.accounts, *accounts))
    fleet = tmp_path / "fleet.yaml"
    fleet.write_text(FLEET.replace("  lab:\n", "  lab:  # where we try\n", 1), encoding="utf-8")
    draft = draft_edit(fleet, plan_adoption(parse_manifest(FLEET, fleet), LOCK, found))
    assert [line for line in draft.words.splitlines() if line.startswith("-") and not line.startswith("---")] == []
    assert {name: draft.manifest.account(name).unit for name in ("far", "near", "beside", "loose")} == {
        "far": "new/EU 1",
        "near": "lab/in",
        "beside": "lab",
        "loose": "root",
    }
    draft.write()
    assert "# where we try" in fleet.read_text(encoding="utf-8")
    assert "      far: {email: far@small.example, adopted: true}" in fleet.read_text(encoding="utf-8")


def test_only_imports_are_wanted() -> None:
    """Components and providers are in the state alone; an import that differs, or anything else, is named."""
    components = ResourceChange("urn::units", "fleetyard:landingzone:Units", "create")
    provider = ResourceChange("urn::account", "pulumi:providers:aws", "update")
    taken = ResourceChange("urn::lab", "aws:organizations/organizationalUnit:OrganizationalUnit", IMPORT)
    differing = replace(taken, diffs=("tags",))
    made = ResourceChange("urn::new", "aws:organizations/account:Account", "create")
    assert unwanted([components, provider, taken]) == []
    assert unwanted([taken], imports=False) == [taken]
    words = named(unwanted([taken, differing, made]))
    assert words == "import OrganizationalUnit lab (tags); create Account new"


def test_what_goes_wrong_has_a_code() -> None:
    """Each way in which adopting ends has an error of its own, with its exit code."""
    kinds = (AdoptionWouldChange, FirstManifestIncomplete, AdoptionNotClean, AdoptionStopped)
    assert [(kind.code, kind.exit_code) for kind in kinds] == [("FY373", 4), ("FY375", 2), ("FY376", 4), ("FY377", 1)]


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("lab-one: {", 'lab-one: {id: "200000000002", adopted: true, ', "has an id and is adopted"),
        ("  core:\n", "  core:\n    root: true\n    tags: {a: b}\n", "is no unit, so it has no tags"),
        ("  core:\n", "  core:\n    root: true\n", "an organisation has one"),
        ("      deep:\n", "      deep:\n        root: true\n", "stands for the root and below another unit"),
    ],
)
def test_marks_that_contradict_each_other_are_problems(before: str, after: str, words: str) -> None:
    """An id and an adoption, a root with a unit's keys, two roots, a root below a unit."""
    text = FLEET.replace(before, after, 1)
    if words.endswith("has one"):
        text = text.replace("  lab:\n", "  lab:\n    root: true\n", 1)
    with pytest.raises(ManifestInvalid, match=words):
        parse_manifest(text, Path("fleet.yaml"))
