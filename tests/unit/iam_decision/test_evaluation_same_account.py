"""Requests within one account. AWS page: "Policy evaluation for requests within a single account"."""

from __future__ import annotations

import pytest

from iam_decision import (
    Policies,
    PolicyKindThatDecided,
    Principal,
    PrincipalKind,
    Reason,
    ResourceKind,
    decide,
)
from tests.unit.iam_decision.policy_builders import (
    AWAY,
    HOME,
    OBJECT,
    Body,
    allow,
    anonymous,
    deny,
    federated_user,
    identity,
    identity_provider,
    request,
    resource_policy,
    role_arn,
    root,
    root_arn,
    scp,
    service,
    session,
    user,
)

READS = allow("s3:GetObject", Sid="Reads")
NOTHING_HERE = allow("ec2:*")
LOCKED = resource_policy(deny("s3:*", Principal="*"))


def granting(principal: object, **elements: object) -> Body:
    """Return a bucket statement that lets a principal read."""
    return allow("s3:GetObject", Principal=principal, Sid="Grants", **elements)


def test_without_any_policy_everything_is_denied() -> None:
    """By default all requests are implicitly denied ("How AWS enforcement code logic evaluates requests")."""
    decision = decide(request(), Policies())
    assert not decision.allowed
    assert decision.reason is Reason.IMPLICIT_DENY_IDENTITY


def test_an_identity_policy_allows() -> None:
    """An Allow in an identity policy is enough, and the decision names policy and statement."""
    decision = decide(request(), Policies(identity=(identity(NOTHING_HERE, name="ec2"), identity(READS, name="s3"))))
    assert decision.allowed
    assert (decision.reason, decision.by) == (Reason.ALLOWED, PolicyKindThatDecided.IDENTITY)
    assert (decision.policy, decision.statement) == ("s3", "Reads")


def test_an_implicit_deny_lists_the_policies_looked_at() -> None:
    """When no statement allows, the decision names the policies that might have."""
    decision = decide(
        request(), Policies(identity=(identity(NOTHING_HERE, name="a"), identity(NOTHING_HERE, name="b")))
    )
    assert (decision.policy, decision.statement) == ("a, b", "")


def test_an_explicit_deny_in_the_same_policy_wins() -> None:
    """An explicit deny overrides an allow, whatever the order of the statements."""
    for statements in ([READS, deny("s3:*")], [deny("s3:*"), READS]):
        decision = decide(request(), Policies(identity=(identity(*statements),)))
        assert decision.reason is Reason.EXPLICIT_DENY_IDENTITY


def test_the_root_user_may_do_everything_in_its_account() -> None:
    """The root user has full access without any policy (same page, first bullet)."""
    decision = decide(request(root()), Policies())
    assert decision.allowed
    assert decision.by is PolicyKindThatDecided.ROOT_USER


def test_the_root_user_obeys_an_explicit_deny_of_the_resource() -> None:
    """A bucket policy can deny the root user ("Explicit deny")."""
    policies = Policies(resource=resource_policy(deny("s3:*", Principal="*")), resource_kind=ResourceKind.BUCKET)
    assert decide(request(root()), policies).reason is Reason.EXPLICIT_DENY_RESOURCE


@pytest.mark.parametrize("action", ["s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"])
def test_the_root_user_can_always_mend_its_bucket_policy(action: str) -> None:
    """A bucket policy cannot keep its account's root from it (Amazon S3 API Reference, PutBucketPolicy)."""
    policies = Policies(resource=LOCKED, resource_kind=ResourceKind.BUCKET, resource_account=HOME)
    assert decide(request(root(), action), policies).allowed


@pytest.mark.parametrize(("caller", "mends"), [(root(), True), (user(), False), (root(AWAY), False)])
def test_the_root_user_can_always_mend_its_queue_policy(caller: Principal, mends: bool) -> None:
    """A queue policy that denies everybody is taken away by the root user (IAM, "Perform a privileged task ...")."""
    policies = Policies(resource=resource_policy(deny("sqs:*", Principal="*")), resource_account=HOME)
    for action in ("sqs:GetQueueAttributes", "sqs:SetQueueAttributes"):
        assert decide(request(caller, action), policies).allowed is mends
    assert not decide(request(caller, "sqs:SendMessage"), policies).allowed


@pytest.mark.parametrize(
    ("caller", "action", "kind"),
    [
        (user(), "s3:PutBucketPolicy", ResourceKind.BUCKET),
        (root(AWAY), "s3:PutBucketPolicy", ResourceKind.BUCKET),
        (root(), "s3:GetObject", ResourceKind.BUCKET),
        (root(), "s3:PutBucketPolicy", ResourceKind.OTHER),
    ],
    ids=["user", "foreign root", "other action", "no bucket"],
)
def test_nobody_else_and_nothing_else_passes_a_locked_bucket(
    caller: Principal, action: str, kind: ResourceKind
) -> None:
    """Only the owner's root, and only for the bucket policy, passes its Deny (same page)."""
    policies = Policies(resource=LOCKED, resource_kind=kind, resource_account=HOME)
    assert decide(request(caller, action), policies).reason is Reason.EXPLICIT_DENY_RESOURCE


@pytest.mark.parametrize(
    ("principal", "caller"),
    [
        ({"AWS": user().arn}, user()),
        ({"AWS": user().unique_id}, user()),
        ({"AWS": role_arn()}, session()),
        ({"AWS": session().unique_id}, session()),
        ({"AWS": session().arn}, session()),
        ({"AWS": federated_user().arn}, federated_user()),
        ("*", user()),
        ("*", session()),
    ],
)
def test_a_resource_policy_alone_grants_in_the_same_account(principal: object, caller: Principal) -> None:
    """Identity and resource policy are joined: one Allow is enough ("Evaluating identity-based policies with ...")."""
    decision = decide(request(caller), Policies(resource=resource_policy(granting(principal), name="bucket")))
    assert decision.allowed
    assert (decision.by, decision.policy, decision.statement) == (PolicyKindThatDecided.RESOURCE, "bucket", "Grants")


def test_an_identity_policy_alone_grants_although_a_resource_policy_exists() -> None:
    """A bucket policy that does not name the caller takes nothing away."""
    policies = Policies(identity=(identity(READS),), resource=resource_policy(granting({"AWS": user("bob").arn})))
    assert decide(request(), policies).by is PolicyKindThatDecided.IDENTITY


@pytest.mark.parametrize("account", [root_arn(), HOME])
def test_naming_the_account_leaves_it_to_identity_policies(account: str) -> None:
    """The account as principal delegates: users still need an identity policy ("AWS account principals")."""
    bucket = resource_policy(granting({"AWS": account}))
    assert decide(request(), Policies(resource=bucket)).reason is Reason.IMPLICIT_DENY_IDENTITY
    assert decide(request(), Policies(resource=bucket, identity=(identity(READS),))).allowed


NAMES_USER = granting({"AWS": user().arn})
NAMES_ROLE = granting({"AWS": role_arn()})
NAMES_ROLE_ID = granting({"AWS": session().unique_id})
NAMES_SESSION = granting({"AWS": session().arn})
NAMES_EVERYONE = granting("*", Condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:*"}})


@pytest.mark.parametrize("limit", ["boundary", "session"])
@pytest.mark.parametrize(
    ("caller", "grant", "allowed"),
    [
        (user(), NAMES_USER, True),
        (user(), NAMES_EVERYONE, True),
        (session(), NAMES_ROLE, False),
        (session(), NAMES_ROLE_ID, False),
        (session(), NAMES_SESSION, True),
        (session(), NAMES_EVERYONE, True),
        (federated_user(), granting({"AWS": federated_user().arn}), True),
        (federated_user(), granting({"AWS": user().arn}), False),
    ],
)
def test_implicit_denies_limit_a_grant_to_the_role_but_not_to_the_session(
    caller: Principal, grant: Body, allowed: bool, limit: str
) -> None:
    """A boundary or session policy limits what the role ARN is granted, not what user or session are.

    AWS page: "Policy evaluation logic", table "Resource-based policies and implicit denies in other policy types".
    """
    policy = identity(NOTHING_HERE)
    limited = Policies(boundary=policy) if limit == "boundary" else Policies(session=(policy,))
    policies = Policies(boundary=limited.boundary, session=limited.session, resource=resource_policy(grant))
    decision = decide(request(caller), policies)
    assert decision.allowed is allowed
    if not allowed:
        assert decision.reason is Reason[f"IMPLICIT_DENY_{limit.upper()}"]


def test_the_most_direct_grant_counts() -> None:
    """Of several Allows of a resource policy, the one that names the session directly overrides the limits."""
    bucket = resource_policy(granting({"AWS": root_arn()}), granting({"AWS": role_arn()}), NAMES_SESSION)
    assert decide(request(session()), Policies(boundary=identity(NOTHING_HERE), resource=bucket)).allowed


def test_a_service_needs_the_resource_policy() -> None:
    """A service principal has no identity policies: the resource policy decides ("AWS service principals")."""
    bucket = resource_policy(granting({"Service": "cloudtrail.amazonaws.com"}))
    assert decide(request(service()), Policies(resource=bucket, resource_account=HOME)).allowed
    assert decide(request(service("config.amazonaws.com")), Policies(resource=bucket)).reason is (
        Reason.IMPLICIT_DENY_RESOURCE
    )
    assert not decide(request(service()), Policies(identity=(identity(READS),))).allowed


@pytest.mark.parametrize(("source", "allowed"), [(HOME, True), (AWAY, False)])
def test_a_service_grant_may_ask_for_the_source_account(source: str, allowed: bool) -> None:
    """aws:SourceAccount keeps other customers' use of the service out ("The confused deputy problem")."""
    condition = {"StringEquals": {"aws:SourceAccount": HOME}}
    bucket = resource_policy(granting({"Service": "cloudtrail.amazonaws.com"}, Condition=condition))
    asked = request(service(), context={"aws:SourceAccount": source})
    assert decide(asked, Policies(resource=bucket)).allowed is allowed


def test_an_anonymous_caller_needs_a_public_resource() -> None:
    """Only `*` reaches callers without credentials ("All principals")."""
    assert decide(request(anonymous()), Policies(resource=resource_policy(NAMES_USER))).allowed is False
    assert decide(request(anonymous()), Policies(resource=resource_policy(granting("*")))).allowed
    assert not decide(request(anonymous()), Policies()).allowed


def test_a_federated_user_has_its_users_policies_and_session_policies() -> None:
    """GetFederationToken: the session policies limit the user's identity policies ("Session policies")."""
    identities = (identity(allow("s3:*")),)
    assert not decide(request(federated_user()), Policies(identity=identities, session=())).allowed
    assert decide(request(federated_user()), Policies(identity=identities, session=(identity(READS),))).allowed


@pytest.mark.parametrize("secure", ["true", "false"])
def test_deny_insecure_transport(secure: str) -> None:
    """A TLS-only bucket policy denies plain HTTP and nothing else ("Bool condition operator", example)."""
    tls_only = resource_policy(deny("s3:*", Principal="*", Condition={"Bool": {"aws:SecureTransport": "false"}}))
    policies = Policies(identity=(identity(allow("s3:*")),), resource=tls_only, resource_kind=ResourceKind.BUCKET)
    assert decide(request(context={"aws:SecureTransport": secure}), policies).allowed is (secure == "true")


def test_a_policy_for_another_resource_or_action_does_not_count() -> None:
    """Action and Resource of a bucket policy have to fit too."""
    bucket = resource_policy(granting("*", Resource="arn:aws:s3:::other/*"), allow("s3:PutObject", Principal="*"))
    assert not decide(request(resource=OBJECT), Policies(resource=bucket)).allowed


def test_an_identity_provider_is_decided_by_the_resource_alone() -> None:
    """The caller of AssumeRoleWithSAML has no AWS identity ("Permissions for AssumeRoleWithSAML ...")."""
    policy = resource_policy(granting({"Federated": identity_provider().arn}))
    assert decide(request(identity_provider()), Policies(resource=policy, resource_account=HOME)).allowed


def test_a_policy_without_principals_grants_nothing_as_resource_policy() -> None:
    """An identity policy handed over in the place of the resource policy names nobody, so it grants nothing."""
    assert not decide(request(anonymous()), Policies(resource=identity(allow()))).allowed


def test_scps_limit_everyone_they_are_given_for() -> None:
    """SCPs limit the member account's root user too ("SCP effects on permissions")."""
    policies = Policies(scp_levels=((scp(NOTHING_HERE),),))
    assert decide(request(root()), policies).reason is Reason.IMPLICIT_DENY_SCP


def test_a_user_is_not_its_namesake_of_another_kind() -> None:
    """A grant to a role ARN does not reach a user who has that unique id prefix or name."""
    impostor = Principal(PrincipalKind.USER, HOME, f"arn:aws:iam::{HOME}:user/team/Deploy")
    assert not decide(request(impostor), Policies(resource=resource_policy(NAMES_ROLE))).allowed
