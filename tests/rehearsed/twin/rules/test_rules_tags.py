"""Rules of session tags: who may pass them, what they count for, and how they go along a chain."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from orchestrator.rehearse.token_issuer import TokenIssuer
from rehearsal.twin.client import change_settings
from rehearsal.twin.run_file import TwinRun
from tests.rehearsed.twin.rules.policy_types import RCP, switched_on
from tests.support.twin_fixtures import EVERYTHING, MANAGEMENT, Keys, TwinAws, document, keys_of, refused, trusting

NewRole = Callable[..., str]
NewUser = Callable[..., tuple[str, Keys]]
ROOT = f"arn:aws:iam::{MANAGEMENT}:root"
ALL = document(*EVERYTHING["Statement"])
TAGS_CLAIM, IDENTITY_CLAIM = "https://aws.amazon.com/tags", "https://aws.amazon.com/source_identity"
AUDIENCE, SUBJECT = "sts.amazonaws.com", "repo:acme/fleet:ref:refs/heads/main"


def tagging(principal: str = ROOT, **more: object) -> str:
    """Return a trust that lets sessions be tagged."""
    allow = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": ["sts:AssumeRole", "sts:TagSession"]}
    return document({**allow, **more})


def tags(**given: str) -> list[dict[str, str]]:
    """Return tags as STS takes them."""
    return [{"Key": key, "Value": value} for key, value in given.items()]


def listing_for(team: str) -> str:
    """Return a policy of every right to sessions of a team."""
    return document({**EVERYTHING["Statement"][0], "Condition": {"StringEquals": {"aws:PrincipalTag/team": team}}})


def test_tagging_wants_a_right_in_the_trust(aws: TwinAws, account: str, new_role: NewRole) -> None:
    """Session tags want sts:TagSession in the role's trust (IAM User Guide, "Pass session tags in AWS STS")."""
    aws.assume(new_role(account, tagging()), Tags=tags(team="a"))
    with refused("AccessDenied") as denial:
        aws.assume(new_role(account, trusting(ROOT)), Tags=tags(team="a"))
    assert "is not authorized to perform: sts:TagSession on resource" in denial.message


def test_tagging_wants_a_right_of_the_caller(aws: TwinAws, account: str, new_role: NewRole, new_user: NewUser) -> None:
    """Across accounts the caller needs sts:TagSession as well ("Pass session tags in AWS STS", permissions)."""
    _, keys = new_user(document({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}))
    arn = new_role(account, tagging())
    aws.assume(arn, keys)
    with refused("AccessDenied"):
        aws.assume(arn, keys, Tags=tags(team="a"))


def test_a_trust_may_limit_tags(aws: TwinAws, account: str, new_role: NewRole) -> None:
    """A trust may want tags by aws:RequestTag and aws:TagKeys ("Pass session tags in AWS STS", condition keys)."""
    condition = {"StringLike": {"aws:RequestTag/team": "a*"}, "ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}
    arn = new_role(account, tagging(Condition=condition))
    aws.assume(arn, Tags=tags(team="ab"))
    for given in (tags(team="b"), tags(team="ab", other="x")):
        with refused("AccessDenied"):
            aws.assume(arn, Tags=given)


def test_a_session_tag_counts_before_the_roles_own(aws: TwinAws, new_role: NewRole) -> None:
    """A session tag stands in for the role's tag of that key, in any case ("Pass session tags in AWS STS")."""
    arn = new_role(MANAGEMENT, tagging(), listing_for("session"), Tags=tags(Team="role"))
    with refused("AccessDenied"):
        aws.client("iam", aws.assume(arn)).list_users()
    aws.client("iam", aws.assume(arn, Tags=tags(team="session"))).list_users()


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"Tags": [{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}]}, "InvalidParameterValue"),
        ({"Tags": [{"Key": str(n), "Value": ""} for n in range(51)]}, "ValidationError"),
        ({"Tags": [{"Key": "a", "Value": "x" * 257}]}, "ValidationError"),
        ({"Tags": [{"Key": "aws:a", "Value": "x"}]}, "ValidationError"),
        ({"Tags": [{"Key": "a", "Value": "x"}], "TransitiveTagKeys": ["b"]}, "InvalidParameterValue"),
    ],
    ids=["doubled", "51", "too long", "reserved", "transitive without a tag"],
)
def test_tags_have_a_form(aws: TwinAws, account: str, new_role: NewRole, given: dict[str, Any], code: str) -> None:
    """At most 50 tags, keys told apart in any case ("Pass session tags in AWS STS", things to know)."""
    with refused(code):
        aws.assume(new_role(account, tagging()), **given)


def test_plain_tags_stay_behind(aws: TwinAws, account: str, new_role: NewRole) -> None:
    """Tags that are not transitive are not passed on ("Pass session tags in AWS STS", chaining with session tags)."""
    first = aws.assume(new_role(MANAGEMENT, tagging(), ALL), Tags=tags(team="a"))
    second = aws.assume(new_role(account, tagging(), listing_for("a")), first)
    with refused("AccessDenied"):
        aws.client("iam", second).list_users()


def test_transitive_tags_go_along_the_chain(aws: TwinAws, account: str, new_role: NewRole) -> None:
    """Transitive tags go along every hop, beside new ones ("Pass session tags in AWS STS", chaining)."""
    first = aws.assume(new_role(MANAGEMENT, tagging(), ALL), Tags=tags(team="a", x="1"), TransitiveTagKeys=["team"])
    second = aws.assume(new_role(MANAGEMENT, tagging(), ALL), first, Tags=tags(other="b"))
    third = aws.assume(new_role(account, tagging(), listing_for("a")), second)
    aws.client("iam", third).list_users()


def test_transitive_tags_want_a_right_at_each_hop(aws: TwinAws, account: str, new_role: NewRole) -> None:
    """Tags that come along a chain want sts:TagSession in the next trust too ("Pass session tags in AWS STS")."""
    first = aws.assume(new_role(MANAGEMENT, tagging(), ALL), Tags=tags(team="a"), TransitiveTagKeys=["team"])
    with refused("AccessDenied") as denial:
        aws.assume(new_role(account, trusting(ROOT)), first)
    assert "sts:TagSession" in denial.message


@pytest.mark.parametrize("key", ["team", "TEAM"])
def test_transitive_tags_cannot_be_overridden(aws: TwinAws, account: str, new_role: NewRole, key: str) -> None:
    """A transitive tag's key cannot be passed again ("Pass session tags in AWS STS", chaining)."""
    first = aws.assume(new_role(MANAGEMENT, tagging(), ALL), Tags=tags(team="a"), TransitiveTagKeys=["team"])
    with refused("InvalidParameterValue") as refusal:
        aws.assume(new_role(account, tagging()), first, Tags=tags(**{key: "b"}))
    assert "transitive tag key from the calling session" in refusal.message


def test_a_trust_may_limit_transitive_tags(aws: TwinAws, account: str, new_role: NewRole) -> None:
    """A trust may look at sts:TransitiveTagKeys (IAM User Guide, "AWS STS condition keys")."""
    condition = {"ForAllValues:StringEquals": {"sts:TransitiveTagKeys": ["team"]}}
    arn = new_role(account, tagging(Condition=condition))
    aws.assume(arn, Tags=tags(team="a", x="1"), TransitiveTagKeys=["team"])
    with refused("AccessDenied"):
        aws.assume(arn, Tags=tags(team="a", x="1"), TransitiveTagKeys=["team", "x"])


def test_federated_users_have_tags(aws: TwinAws, new_user: NewUser) -> None:
    """GetFederationToken takes tags, with the right to sts:TagSession (AWS STS API Reference, "GetFederationToken")."""
    may = document({"Effect": "Allow", "Action": ["sts:GetFederationToken", "sts:TagSession"], "Resource": "*"})
    sts = aws.client("sts", new_user(may)[1])
    sts.get_federation_token(Name="ann", Tags=tags(team="a"))
    without = document({"Effect": "Allow", "Action": "sts:GetFederationToken", "Resource": "*"})
    with refused("AccessDenied"):
        aws.client("sts", new_user(without)[1]).get_federation_token(Name="ann", Tags=tags(team="a"))


@pytest.fixture
def issuer(twin: TwinRun, aws: TwinAws, account: str) -> Iterator[TokenIssuer]:
    """Return an issuer of tokens that an account has a provider of."""
    found = TokenIssuer(host=f"tags-{account}.acme.example")
    change_settings(twin, issuers={found.host: found.jwks})
    aws.client("iam", aws.into(account)).create_open_id_connect_provider(
        Url=f"https://{found.host}", ClientIDList=[AUDIENCE], ThumbprintList=["ab" * 20]
    )
    yield found
    change_settings(twin, issuers={})


def federated(account: str, issuer: TokenIssuer, *actions: str) -> str:
    """Return a trust in the tokens of an issuer."""
    provider = f"arn:aws:iam::{account}:oidc-provider/{issuer.host}"
    return document(
        {
            "Effect": "Allow",
            "Principal": {"Federated": provider},
            "Action": ["sts:AssumeRoleWithWebIdentity", *actions],
            "Condition": {"StringEquals": {f"{issuer.host}:aud": AUDIENCE}},
        }
    )


def become(aws: TwinAws, arn: str, token: str, **more: object) -> Any:
    """Ask for a role with a token."""
    return aws.client("sts").assume_role_with_web_identity(
        RoleArn=arn, RoleSessionName="run", WebIdentityToken=token, **more
    )


def test_a_token_may_carry_tags(aws: TwinAws, account: str, new_role: NewRole, issuer: TokenIssuer) -> None:
    """A token's tags are the session's, if the trust allows sts:TagSession.

    Source: IAM User Guide, "Pass session tags in AWS STS", "Passing session tags using AssumeRoleWithWebIdentity".
    """
    claim = {TAGS_CLAIM: {"principal_tags": {"team": ["a"]}, "transitive_tag_keys": ["team"]}}
    token = issuer.token(SUBJECT, AUDIENCE, more=claim)
    arn = new_role(account, federated(account, issuer, "sts:TagSession"), ALL)
    session = keys_of(become(aws, arn, token)["Credentials"])
    aws.client("iam", aws.assume(new_role(account, tagging(account), listing_for("a")), session)).list_users()
    with refused("AccessDenied"):
        become(aws, new_role(account, federated(account, issuer)), token)


def test_a_token_may_carry_a_source_identity(
    aws: TwinAws, account: str, new_role: NewRole, issuer: TokenIssuer
) -> None:
    """A token's source identity is the session's, if the trust allows sts:SetSourceIdentity.

    Source: IAM User Guide, "Monitor and control actions taken with assumed roles".
    """
    token = issuer.token(SUBJECT, AUDIENCE, more={IDENTITY_CLAIM: "ann"})
    arn = new_role(account, federated(account, issuer, "sts:SetSourceIdentity"))
    assert become(aws, arn, token)["SourceIdentity"] == "ann"
    with refused("AccessDenied"):
        become(aws, new_role(account, federated(account, issuer)), token)


def test_a_tokens_session_may_be_narrowed(aws: TwinAws, account: str, new_role: NewRole, issuer: TokenIssuer) -> None:
    """AssumeRoleWithWebIdentity takes session policies (AWS STS API Reference, "AssumeRoleWithWebIdentity")."""
    only = document({"Effect": "Allow", "Action": "iam:ListUsers", "Resource": "*"})
    arn = new_role(account, federated(account, issuer), ALL)
    answer = become(aws, arn, issuer.token(SUBJECT, AUDIENCE), Policy=only)
    iam = aws.client("iam", keys_of(answer["Credentials"]))
    iam.list_users()
    with refused("AccessDenied"):
        iam.list_roles()


def test_a_tokens_session_is_a_chains_first(aws: TwinAws, account: str, new_role: NewRole, issuer: TokenIssuer) -> None:
    """A role assumed from a token's session is chained: an hour at most, and no session token.

    Source: IAM User Guide, "Roles terms and concepts", "Compare AWS STS credentials".
    """
    arn = new_role(account, federated(account, issuer), ALL)
    session = keys_of(become(aws, arn, issuer.token(SUBJECT, AUDIENCE))["Credentials"])
    second = new_role(account, trusting(account), MaxSessionDuration=7200)
    aws.assume(second, session)
    with refused("ValidationError"):
        aws.assume(second, session, DurationSeconds=3601)
    with refused("AccessDenied"):
        aws.client("sts", session).get_session_token()


def test_a_tokens_session_names_its_provider(
    aws: TwinAws, account: str, new_role: NewRole, issuer: TokenIssuer
) -> None:
    """aws:FederatedProvider is whose token opened the session (IAM User Guide, "global condition context keys")."""
    provider = f"arn:aws:iam::{account}:oidc-provider/{issuer.host}"
    for name, right in ((provider, True), (f"{provider}-other", False)):
        condition = {"StringEquals": {"aws:FederatedProvider": name}}
        policy = document({**EVERYTHING["Statement"][0], "Condition": condition})
        arn = new_role(account, federated(account, issuer), policy)
        iam = aws.client("iam", keys_of(become(aws, arn, issuer.token(SUBJECT, AUDIENCE))["Credentials"]))
        if right:
            iam.list_users()
        else:
            with refused("AccessDenied"):
                iam.list_users()


@pytest.mark.usefixtures("rcps")
def test_rcps_bind_tokens_as_well(aws: TwinAws, account: str, new_role: NewRole, issuer: TokenIssuer) -> None:
    """An RCP over the role's account may refuse a token (AWS Organizations User Guide, "RCP evaluation")."""
    arn = new_role(account, federated(account, issuer))
    become(aws, arn, issuer.token(SUBJECT, AUDIENCE))
    organizations = aws.client("organizations")
    statement = {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRoleWithWebIdentity", "Resource": "*"}
    policy = organizations.create_policy(
        Name=f"no-tokens-{account}", Description="", Type=RCP, Content=document(statement)
    )["Policy"]["PolicySummary"]["Id"]
    organizations.attach_policy(PolicyId=policy, TargetId=account)
    with refused("AccessDenied"):
        become(aws, arn, issuer.token(SUBJECT, AUDIENCE))


@pytest.fixture
def rcps(aws: TwinAws, organization: str) -> Iterator[None]:
    """Switch RCPs on for one test."""
    assert organization
    with switched_on(aws, RCP):
        yield
