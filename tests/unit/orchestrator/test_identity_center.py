"""What people of Identity Center are given: profiles on their own, and what their console links ask for."""

from __future__ import annotations

import pytest

from landing_zone.fleet import Manifest
from orchestrator.people.aws_profiles import Person, ProfileSet, profiles_for
from orchestrator.people.console_links import precondition
from orchestrator.people.granted_roles import granted
from orchestrator.rehearse.access import Credentials
from orchestrator.rehearse.people import Person as Rehearsed
from tests.unit.orchestrator.fleets import FLEET, LOCK, small_fleet


def fleet(more: str = "") -> Manifest:
    """Return the small fleet whose management role people of the permission set Admins become."""
    center = f"{{users: [ops], identity_center: {{permission_sets: [Admins, Owners]{more}}}}}"
    return small_fleet(
        FLEET.replace("{users: [ops]}", center).replace("state: write", "state: write\n    session_hours: 8")
    )


def made(person: Person) -> ProfileSet:
    """Return the profiles of a person."""
    return profiles_for(fleet(), granted(fleet(), LOCK), person)


def test_a_profile_of_the_permission_set_is_what_the_others_rest_on() -> None:
    """The management role's profile assumes it from the set's own; neither MFA nor a length is asked of that hop."""
    profiles = {each.name: dict(each.settings) for each in made(Person(permission_sets={"Owners": "sso"})).profiles}
    assert profiles["small-management"] == {
        "role_arn": "arn:aws:iam::100000000001:role/Management-Admin",
        "source_profile": "sso",
        "region": "eu-west-1",
    }
    assert profiles["small/Management-Admin/lab-one/Admin"]["source_profile"] == "small-management"


def test_the_permission_set_goes_before_the_users_key_and_a_session_before_both() -> None:
    """Who has several ways in gets the one that they named most closely."""
    by_set = made(Person("ops", permission_sets={"Admins": "sso"}))
    assert by_set.profiles[0].settings["source_profile"] == "sso"
    assert by_set.profiles[0].settings["role_session_name"] == "ops"
    by_session = made(Person("ops", sessions={"Management-Admin": "mine"}, permission_sets={"Admins": "sso"}))
    assert by_session.profiles[0].settings["source_profile"] == "mine"


def test_a_set_that_is_not_trusted_leads_nowhere() -> None:
    """Without a user, a session or a trusted set the management role is left out."""
    assert made(Person(permission_sets={"Readers": "sso"})).left_out == ("Management-Admin",)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("", "sign in through Identity Center by the permission set Admins or Owners, if its own policy"),
        (
            ", direct: false",
            "people of Identity Center (Admins or Owners) open a link made from their Management",
        ),
    ],
)
def test_a_console_link_says_what_people_of_identity_center_need(more: str, words: str) -> None:
    """With direct trust the set's own session may switch; without it a sign-in link has to be opened first."""
    manifest = fleet(more)
    assert words in precondition(manifest, manifest.management_roles["Management-Admin"])


def test_a_rehearsed_person_of_a_set_becomes_what_trusts_the_set() -> None:
    """Somebody of Identity Center is no IAM user, whatever they are called."""
    role = fleet().management_roles["Management-Admin"]
    key = Credentials("AKIA", "secret")
    assert Rehearsed("ops", key).may_become(role)
    assert Rehearsed("ops", key, permission_set="Admins").may_become(role)
    assert not Rehearsed("ops", key, permission_set="Readers").may_become(role)
    assert not Rehearsed("eve", key).may_become(role)
