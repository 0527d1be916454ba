"""Every resource type on a running twin: created, read back, changed, replaced, imported, drifted, deleted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from rehearsal.aws.catalogue import full_catalogue
from rehearsal.aws.services.organizations import ORGANIZATION
from tests.rehearsed.aws_provider import (
    cases,
    cases_of_account_settings,
    cases_of_baseline,
    cases_of_delivery,
    cases_of_ec2,
    cases_of_events,
    cases_of_firewalls,
    cases_of_functions,
    cases_of_gateways,
    cases_of_governance,
    cases_of_identity_center,
    cases_of_log_archive,
    cases_of_people,
    cases_of_secrets,
    cases_of_shares,
    cases_of_sqs,
    cases_of_ssm,
    cases_of_state_buckets,
    cases_of_tables,
)
from tests.rehearsed.aws_provider.cases import Case
from tests.rehearsed.aws_provider.world import World
from tests.unit.aws_provider.driving import Recorded

CASES = [
    *cases_of_account_settings.ACCOUNT_SETTINGS,
    *cases.IAM,
    *cases.S3,
    *cases.KMS,
    *cases.ORGANIZATIONS,
    *cases.CLOUDWATCH,
    *cases_of_ec2.NETWORKS,
    *cases_of_ec2.ROUTES,
    *cases_of_sqs.SQS,
    *cases_of_delivery.DELIVERY,
    *cases_of_people.PEOPLE,
    *cases_of_events.EVENTS,
    *cases_of_ssm.SSM,
    *cases_of_state_buckets.STATE_BUCKETS,
    *cases_of_governance.GOVERNANCE,
    *cases_of_log_archive.LOG_ARCHIVE,
    *cases_of_secrets.SECRETS,
    *cases_of_firewalls.FIREWALLS,
    *cases_of_baseline.BASELINE,
    *cases_of_identity_center.IDENTITY_CENTER,
    *cases_of_gateways.GATEWAYS,
    *cases_of_shares.SHARES,
    *cases_of_tables.TABLES,
    *cases_of_functions.FUNCTIONS,
]
each_type = pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES])


Untouched = Callable[[Case, World], tuple[Recorded, dict[str, Any]]]


@pytest.fixture(scope="session")
def untouched() -> Untouched:
    """Return a maker of resources for tests that only look: one for each case, made once."""
    made: dict[str, tuple[Recorded, dict[str, Any]]] = {}

    def get(case: Case, world: World) -> tuple[Recorded, dict[str, Any]]:
        if case.one_in_organization:
            return create(case, world)
        if case.name not in made:
            made[case.name] = create(case, world)
        return made[case.name]

    return get


@pytest.fixture(scope="session")
def untouched_worlds() -> dict[str, World]:
    """Keep the accounts in which tests only look at a type of which an account has one."""
    return {}


@pytest.fixture
def world(
    case: Case,
    world: World,
    new_world: Callable[[], World],
    untouched_worlds: dict[str, World],
    request: pytest.FixtureRequest,
) -> World:
    """Return the account of these tests; where an account has one of the type, one for this test or for looking."""
    if not case.own_account:
        return world
    if "untouched" not in request.fixturenames:
        return new_world()
    if case.name not in untouched_worlds:
        untouched_worlds[case.name] = new_world()
    return untouched_worlds[case.name]


def create(case: Case, world: World) -> tuple[Recorded, dict[str, Any]]:
    """Create the case's resource and return it with the inputs the program gave."""
    inputs = case.inputs(world)
    return case.driver(world).create(case.kind.type, world.name("made"), inputs), inputs


def changed(inputs: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Return the inputs with these changes; None takes a property away."""
    return {name: value for name, value in {**inputs, **changes}.items() if value is not None}


def test_every_type_has_a_case() -> None:
    """Each type of the catalogue is tried here; the organisation, one per management account, has tests of its own."""
    assert {case.kind.type for case in CASES} | {ORGANIZATION.type} == set(full_catalogue().types)


@each_type
def test_what_is_created_reads_back(case: Case, world: World, untouched: Untouched) -> None:
    """A created resource has an id and says all that was asked; the same inputs again are no change."""
    made, inputs = untouched(case, world)
    assert made.id
    missing = [name for name, value in inputs.items() if value is not None and name not in made.outputs]
    assert missing == []
    assert case.driver(world).diff(made, inputs).paths == {}


@each_type
def test_a_refresh_of_an_untouched_resource_changes_nothing(case: Case, world: World, untouched: Untouched) -> None:
    """Reading a resource that nobody touched yields the same inputs and outputs."""
    made, _ = untouched(case, world)
    assert case.driver(world).refresh(made) == made


@each_type
def test_changes_in_place(case: Case, world: World) -> None:
    """Each changeable property is changed without a replacement, reads back as asked, and then differs no more."""
    hand = case.driver(world)
    now, inputs = create(case, world)
    tried: set[str] = set()
    for changes in case.updates(world, inputs):
        inputs = changed(inputs, changes)
        said = hand.diff(now, inputs)
        assert said.some, changes
        assert said.replaces == set(), changes
        now = hand.update(now, inputs)
        assert hand.diff(now, inputs).paths == {}, changes
        found = hand.refresh(now)
        assert found is not None
        assert (found.inputs, found.outputs) == (now.inputs, now.outputs), changes
        tried |= changes.keys()
    in_place = {item.name for item in case.kind.given if item.replaces is not True} - {"tagsAll"}
    sometimes = {item.name for item in case.kind.given if item.replaces}
    assert in_place - tried == case.not_tried.keys() & in_place - (tried & sometimes)


@each_type
def test_changes_that_mean_another_resource(case: Case, world: World, untouched: Untouched) -> None:
    """Each property marked so in the table makes Diff ask for a replacement, and is named as the reason."""
    made, inputs = untouched(case, world)
    replacements = case.replacements(world)
    for name, value in replacements.items():
        assert case.driver(world).diff(made, {**inputs, name: value}).replaces == {name}
    replacing = {item.name for item in case.kind.given if item.replaces}
    assert replacing - replacements.keys() == case.not_tried.keys() & replacing - replacements.keys()


@each_type
def test_an_import_by_id_finds_the_same_resource(case: Case, world: World, untouched: Untouched) -> None:
    """Read by its id alone, a resource differs from the program that made it only in what AWS does not tell."""
    hand = case.driver(world)
    made, inputs = untouched(case, world)
    found = hand.import_(case.kind.type, "imported", case.import_id(made))
    assert found is not None
    assert found.id == made.id
    named = {item.name: made.inputs[item.name] for item in case.kind.given if item.auto_name}
    assert hand.diff(found, {**inputs, **named}).properties == case.untold


@each_type
def test_drift_is_seen_and_undone(case: Case, world: World) -> None:
    """What was changed behind the provider's back shows after a refresh, and the next update puts it right."""
    hand = case.driver(world)
    made, inputs = create(case, world)
    case.drift(world, made)
    found = hand.refresh(made)
    if case.drifted == {"gone"}:
        assert found is None
        return
    assert found is not None
    assert hand.diff(found, inputs).properties - {"tagsAll"} == case.drifted - {"tagsAll"}
    put_right = hand.update(found, inputs)
    assert hand.diff(put_right, inputs).paths == {}


@each_type
def test_what_is_deleted_is_gone(case: Case, world: World) -> None:
    """A deleted resource is found neither by a refresh nor by its id, and deleting it again is done."""
    hand = case.driver(world)
    made, _ = create(case, world)
    hand.delete(made)
    assert (hand.refresh(made) is None) is not case.stays
    assert (hand.import_(case.kind.type, "imported", case.import_id(made)) is None) is not case.stays
    hand.delete(made)
