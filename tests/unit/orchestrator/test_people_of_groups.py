"""Links and profiles for people whom the manifest names in groups, and newcomers of a rehearsal."""

from __future__ import annotations

import pytest

from landing_zone.fleet import Manifest
from orchestrator.people.aws_profiles import Person, holder_id, profiles_for
from orchestrator.people.console_links import console_links
from orchestrator.people.granted_roles import granted
from orchestrator.planning.plan import make_plan
from orchestrator.rehearse.access import Credentials
from orchestrator.rehearse.newcomers import issuers_of, pipelines_of
from orchestrator.rehearse.people import Person as Rehearsed
from tests.unit.landing_zone.fleets import full_lock, parsed
from tests.unit.landing_zone.people_fleets import with_people


@pytest.fixture
def manifest() -> Manifest:
    """Return the small fleet with people in the account `audit`."""
    return parsed(with_people())


def test_profiles_of_somebody_in_a_group(manifest: Manifest) -> None:
    """A person gets the profiles of their groups' roles alone, with a device of the account that holds them."""
    lock = full_lock(manifest)
    holder = holder_id(manifest, lock, "bob")
    assert holder == lock.accounts["audit"]
    made = profiles_for(manifest, granted(manifest, lock), Person("bob", account_id=holder))
    by_name = {profile.name: profile.settings for profile in made.profiles}
    assert by_name.keys() == {"small/Management-Developer", "small/Management-Developer/prod/ReadOnly"}
    assert by_name["small/Management-Developer"]["mfa_serial"] == f"arn:aws:iam::{holder}:mfa/bob"
    assert set(made.left_out) == {"Management-Admin", "Management-Plan", "Management-Apply"}


def test_other_users_are_held_by_the_management_account(manifest: Manifest) -> None:
    """A user trusted by name is none of the people, and of the management account."""
    assert holder_id(manifest, full_lock(manifest), "ops") == ""


def test_destroy_keeps_the_stack_that_holds_people(manifest: Manifest) -> None:
    """The users that people sign in with go only where the foundation is asked to go."""
    kept = [str(planned.id) for planned in make_plan(manifest).stacks if planned.kept]
    assert kept == ["organization/root", "bootstrap/root", "bootstrap-subaccount/audit"]


def test_a_link_says_how_people_of_a_group_come_in(manifest: Manifest) -> None:
    """Each link of a role that trusts groups names them; one that only pipelines become says so."""
    links = console_links(manifest, granted(manifest, full_lock(manifest)))
    by_role = {link.management_role: link.precondition for link in links}
    assert (
        "people in Developers open a link made from their Management-Developer session"
        in by_role["Management-Developer"]
    )
    assert "only programs are trusted to become it" in by_role["Management-Plan"]


def test_a_rehearsal_has_a_pipeline_for_each_role_that_trusts_one(manifest: Manifest) -> None:
    """Each such role gets a pipeline with a subject it trusts, and the twin one issuer's keys."""
    found = pipelines_of(manifest)
    subjects = {each.pipeline.role: each.pipeline.subject for each in found if each.pipeline}
    assert subjects == {
        "Management-Plan": "repo:small/fleet:pull_request",
        "Management-Apply": "repo:small/fleet:ref:refs/heads/main",
    }
    assert list(issuers_of(found)) == ["token.actions.githubusercontent.com"]
    roles = manifest.management_roles
    assert [name for name in roles if found[0].may_become(roles[name])] == ["Management-Plan"]
    assert not found[0].is_user


def test_a_rehearsed_person_may_become_what_their_groups_name(manifest: Manifest) -> None:
    """A person of the fleet is known by groups, never by a name that a role trusts otherwise."""
    bob = Rehearsed("ops", Credentials("", ""), groups=("Developers",))
    roles = manifest.management_roles
    assert [name for name in roles if bob.may_become(roles[name])] == ["Management-Developer"]


def test_a_fleet_without_pipelines_has_none() -> None:
    """No key is made where nothing signs with it."""
    assert pipelines_of(parsed()) == ()
