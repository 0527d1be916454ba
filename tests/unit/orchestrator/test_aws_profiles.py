"""The profiles of a person: which there are, what each rests on, and which names are refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from landing_zone.lock import Lock
from orchestrator.people.aws_profiles import Person, Profile, ProfileSet, profiles_for
from orchestrator.people.errors import NameTooLong
from orchestrator.people.granted_roles import granted
from tests.unit.orchestrator.fleets import FLEET, LOCK, small_fleet

READER = """\
  Management-Reader:
    trusted: {saml: {provider: okta}}
    state: none
    session_hours: 4
    grants:
      - {roles: [Admin], accounts: [lab-two]}
"""
OPS = Person("ops")


def made(person: Person = OPS, text: str = FLEET, lock: Lock = LOCK) -> ProfileSet:
    """Return a person's profiles in the small fleet."""
    manifest = small_fleet(text)
    return profiles_for(manifest, granted(manifest, lock), person)


def by_name(profiles: ProfileSet) -> dict[str, dict[str, str]]:
    """Return the settings by the profiles' names."""
    return {profile.name: dict(profile.settings) for profile in profiles.profiles}


def test_a_user_gets_the_management_role_with_mfa_and_each_grant_behind_it() -> None:
    """The workloads' caller has the name the manifest gives it; what it reaches rests on it, in the fleet's region."""
    profiles = by_name(made())
    assert profiles["small-management"] == {
        "role_arn": "arn:aws:iam::100000000001:role/Management-Admin",
        "source_profile": "default",
        "role_session_name": "ops",
        "region": "eu-west-1",
        "mfa_serial": "arn:aws:iam::100000000001:mfa/ops",
    }
    assert profiles["small/Management-Admin/lab-one/Admin"] == {
        "role_arn": "arn:aws:iam::200000000002:role/Admin",
        "source_profile": "small-management",
        "role_session_name": "ops",
        "region": "eu-west-1",
    }
    assert set(profiles) == {"small-management", *(f"small/Management-Admin/lab-{n}/Admin" for n in ("one", "two"))}


def test_a_device_that_was_not_given_is_said_to_be_a_guess() -> None:
    """The MFA device is the given one; without it the one named like the user, which is told."""
    assert made().guessed_mfa == "arn:aws:iam::100000000001:mfa/ops"
    given = made(replace(OPS, mfa_serial="GAHT12345678"))
    assert given.guessed_mfa == ""
    assert by_name(given)["small-management"]["mfa_serial"] == "GAHT12345678"


def test_a_role_that_asks_for_no_mfa_gets_none() -> None:
    """Where the trust does not ask for MFA the profile has no device, so that no code is asked for."""
    profiles = made(text=FLEET.replace("{users: [ops]}", "{users: [ops], mfa: false}"))
    assert "mfa_serial" not in by_name(profiles)["small-management"]
    assert profiles.guessed_mfa == ""


def test_a_longer_session_is_asked_for_where_the_role_allows_it() -> None:
    """Only the first hop, which is not chained, asks for the role's full length."""
    profiles = by_name(made(text=FLEET.replace("state: write", "state: write\n    session_hours: 4")))
    assert profiles["small-management"]["duration_seconds"] == "14400"
    assert "duration_seconds" not in profiles["small/Management-Admin/lab-one/Admin"]


def test_a_role_one_cannot_become_is_left_out_unless_one_holds_a_session() -> None:
    """A role that does not trust the user is left out; with a profile of the person's own its hops rest on that."""
    text = FLEET.replace("units:\n  core", f"{READER}units:\n  core")
    assert made(text=text).left_out == ("Management-Reader",)
    profiles = made(replace(OPS, sessions={"Management-Reader": "okta-reader"}), text)
    assert profiles.left_out == ()
    assert by_name(profiles)["small/Management-Reader/lab-two/Admin"]["source_profile"] == "okta-reader"
    assert "okta-reader" not in by_name(profiles)


def test_accounts_that_do_not_exist_have_no_profile() -> None:
    """Before AWS has made the accounts there is the management role alone."""
    assert set(by_name(made(lock=Lock()))) == {"small-management"}


def test_a_users_path_is_no_part_of_the_session_name() -> None:
    """A user with a path is named in sessions and device by the name alone."""
    text = FLEET.replace("users: [ops]", "users: [team/ops]")
    assert by_name(made(Person("team/ops"), text))["small-management"]["role_session_name"] == "ops"


@pytest.mark.parametrize(
    ("person", "words"),
    [
        (Person("u" * 65), "has 65 characters, 2 to 64 fit"),
        (Person("u"), "has 1 characters, 2 to 64 fit"),
        (replace(OPS, source_profile="my keys"), "'my keys' may have letters"),
        (replace(OPS, mfa_serial="short"), "'short' has 5 characters"),
        (replace(OPS, mfa_serial="arn:aws:iam::1:mfa/x\nrole_arn = y"), "the MFA serial"),
        (replace(OPS, source_profile="x]\n[y"), "may have letters"),
    ],
)
def test_names_that_aws_does_not_take_are_refused_with_the_limit(person: Person, words: str) -> None:
    """Too long, too short, or of other characters: refused, never shortened, and never a line of its own."""
    with pytest.raises(NameTooLong) as caught:
        made(person, FLEET.replace("users: [ops]", f"users: [ops, {person.user}]"))
    assert words in caught.value.why


def test_a_role_name_that_sdks_pass_over_is_refused() -> None:
    """A role's name may hold `=` in IAM, but a profile's may not."""
    with pytest.raises(NameTooLong, match="letters, digits"):
        made(
            text=FLEET.replace("Admin:", "Ad=min:", 1)
            .replace("[Admin]", "[Ad=min]")
            .replace("role: Admin", "role: Ad=min")
        )


def test_profiles_are_plain_values() -> None:
    """Two profiles of the same name and settings are equal."""
    assert made().profiles[0] == Profile("small-management", dict(made().profiles[0].settings))
