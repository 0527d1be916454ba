"""What the programs make of people, last-resort users and pipelines: and that no password or key is among it."""

from __future__ import annotations

import json

import pytest

from landing_zone.documents.people import use_pattern
from landing_zone.stack_config import for_bootstrap, for_subaccount
from tests.unit.landing_zone.fleets import full_lock, parsed
from tests.unit.landing_zone.people_fleets import PEOPLE, with_people
from tests.unit.programs.program_under_mocks import Ran, run_program

USER, MEMBERSHIP = "aws:iam/user:User", "aws:iam/userGroupMembership:UserGroupMembership"
GROUP_POLICY = "aws:iam/groupPolicy:GroupPolicy"
ROLE, RULE, TARGET = "aws:iam/role:Role", "aws:cloudwatch/eventRule:EventRule", "aws:cloudwatch/eventTarget:EventTarget"
GITHUB = "token.actions.githubusercontent.com"


def bootstrap(text: str = "") -> Ran:
    """Run the management account's program."""
    manifest = parsed(text or with_people())
    config = for_bootstrap(manifest, full_lock(manifest))
    return run_program("bootstrap", config, project="bootstrap", stack="root")


def subaccount(account: str) -> Ran:
    """Run a member account's program."""
    manifest = parsed(with_people())
    config = for_subaccount(manifest, full_lock(manifest), account)
    return run_program("bootstrap-subaccount", config, project="bootstrap-subaccount", stack=account)


def test_each_person_is_two_resources() -> None:
    """A user and their membership, each with the person's name; the user can go with whatever they made themselves."""
    ran = subaccount("audit")
    users = ran.of_type(USER)
    assert users.keys() == ran.of_type(MEMBERSHIP).keys() == {"ana", "bob"}
    assert users["ana"].inputs["tags"] == {"team": "core", "fleetyard:groups": ":Developers:Operators:"}
    assert all(user.inputs["forceDestroy"] is True for user in users.values())
    assert ran.of_type(MEMBERSHIP)["ana"].inputs["groups"] == ["Developers", "Operators"]


def test_a_person_between_two_groups_stays_a_user() -> None:
    """In the run in which people only lose access somebody may be in no group: a user, with nothing to become."""
    manifest = parsed(with_people())
    config = for_subaccount(manifest, full_lock(manifest), "audit")
    assert config.people is not None
    nowhere = config.people.users["bob"].model_copy(update={"groups": ()})
    people = config.people.model_copy(update={"users": {**config.people.users, "bob": nowhere}})
    ran = run_program(
        "bootstrap-subaccount",
        config.model_copy(update={"people": people}),
        project="bootstrap-subaccount",
        stack="audit",
    )
    assert ran.of_type(USER)["bob"].inputs["tags"] == {"fleetyard:groups": ":"}
    assert ran.of_type(MEMBERSHIP).keys() == {"ana"}


def test_a_group_may_become_what_it_names_and_nothing_without_mfa() -> None:
    """A group has the denial without MFA, and the right to its management roles of the management account."""
    ran = subaccount("audit")
    (statement,) = ran.of_type(GROUP_POLICY)["Developers"].document("policy")["Statement"]
    assert statement["Action"] == ["sts:AssumeRole"]
    assert statement["Resource"] == ["arn:aws:iam::100000000001:role/Management-Developer"]
    own = ran.of_type("aws:iam/policy:Policy")["fleetyard-own-credentials"].document("policy")["Statement"]
    (denial,) = [each for each in own if each["Effect"] == "Deny"]
    assert denial["Condition"] == {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
    assert "iam:DeactivateMFADevice" not in denial["NotAction"]
    attached = ran.of_type("aws:iam/groupPolicyAttachment:GroupPolicyAttachment")
    assert {"Developers-fleetyard-own-credentials", "Operators-fleetyard-own-credentials"} < attached.keys()


def test_only_one_account_holds_people() -> None:
    """No other account has a user of theirs: nor the management account, unless it is the one."""
    assert subaccount("dev").of_type(USER) == {}
    assert bootstrap().of_type(USER).keys() == {"last-resort-1", "last-resort-2"}
    own = bootstrap(with_people(PEOPLE.replace("  account: audit\n", "")))
    assert own.of_type(USER).keys() == {"ana", "bob", "last-resort-1", "last-resort-2"}


def test_a_role_knows_people_by_their_groups() -> None:
    """The trust names the account that holds users, users only, their groups' tag, and MFA."""
    trust = bootstrap().of_type(ROLE)["Management-Developer"].document("assumeRolePolicy")["Statement"]
    (people,) = [each for each in trust if each["Sid"] == "People"]
    holder = full_lock(parsed(with_people())).accounts["audit"]
    assert people["Principal"] == {"AWS": f"arn:aws:iam::{holder}:root"}
    assert people["Condition"] == {
        "ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{holder}:user/*"},
        "StringLike": {"aws:PrincipalTag/fleetyard:groups": ["*:Developers:*"]},
        "Bool": {"aws:MultiFactorAuthPresent": "true"},
    }


@pytest.mark.parametrize(
    ("role", "condition"),
    [
        (
            "Management-Plan",
            {
                "StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com"},
                "StringLike": {f"{GITHUB}:sub": ["repo:small/fleet:pull_request", "repo:small/fleet:ref:refs/heads/*"]},
            },
        ),
        (
            "Management-Apply",
            {
                "StringEquals": {
                    f"{GITHUB}:aud": "sts.amazonaws.com",
                    f"{GITHUB}:sub": [
                        "repo:small/fleet:ref:refs/heads/main",
                        "repo:small/fleet:environment:production",
                    ],
                }
            },
        ),
    ],
)
def test_a_pipeline_is_trusted_by_audience_and_subject(role: str, condition: dict[str, object]) -> None:
    """A role of pipelines has one statement: the issuer's provider, the audience, and these subjects alone."""
    ran = bootstrap()
    (statement,) = ran.of_type(ROLE)[role].document("assumeRolePolicy")["Statement"]
    assert statement["Principal"] == {"Federated": f"arn:aws:iam::100000000001:oidc-provider/{GITHUB}"}
    assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert statement["Condition"] == condition
    provider = ran.only("aws:iam/openIdConnectProvider:OpenIdConnectProvider")
    assert provider.inputs == {"url": f"https://{GITHUB}", "clientIdLists": ["sts.amazonaws.com"]}


def test_the_alarm_listens_in_every_region_and_tells_one_address() -> None:
    """One rule in each region sees reading events too; those elsewhere hand on to the fleet's own region's bus."""
    ran, manifest = bootstrap(), parsed(with_people())
    rules, targets = ran.of_type(RULE), ran.of_type(TARGET)
    assert {rule.inputs["region"] for rule in rules.values()} == set(manifest.last_resort.regions)
    pattern = use_pattern("100000000001", ("last-resort-1", "last-resort-2"))
    for rule in rules.values():
        assert rule.inputs["state"] == "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
        assert json.loads(rule.inputs["eventPattern"]) == pattern
    elsewhere = [each.inputs for each in targets.values() if each.inputs["region"] != "eu-west-1"]
    bus = "arn:aws:events:eu-west-1:100000000001:event-bus/default"
    assert {each["arn"] for each in elsewhere} == {bus}
    assert "roleArn" not in targets["fleetyard-last-resort-eu-west-1"].inputs
    told = ran.only("aws:sns/topicSubscription:TopicSubscription").inputs
    assert (told["protocol"], told["endpoint"]) == ("email", "security@small.example")


def test_last_resort_users_are_bound_before_they_administer() -> None:
    """Their group denies everything without MFA, and keys of their own making; only then it administers."""
    ran = bootstrap()
    guard = ran.of_type(GROUP_POLICY)["fleetyard-last-resort"].document("policy")["Statement"]
    assert {each["Sid"] for each in guard if each["Effect"] == "Deny"} == {"NothingElseWithoutMfa", "NoAccessKeys"}
    order = [(found.type, found.name) for found in ran.resources]
    administers = ("aws:iam/groupPolicyAttachment:GroupPolicyAttachment", "fleetyard-last-resort")
    assert order.index((GROUP_POLICY, "fleetyard-last-resort")) < order.index(administers)


def test_no_password_and_no_key_is_made() -> None:
    """No state can hold what a person signs in with: none of it is a resource of ours."""
    made = {found.type for ran in (bootstrap(), subaccount("audit")) for found in ran.aws}
    assert not {each for each in made if "LoginProfile" in each or "AccessKey" in each or "VirtualMfa" in each}
