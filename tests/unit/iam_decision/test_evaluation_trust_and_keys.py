"""Roles and KMS keys, whose own policy must allow. AWS pages: "Policy evaluation logic" and KMS "Key policies"."""

from __future__ import annotations

import pytest

from iam_decision import Policies, Policy, PolicyKindThatDecided, Principal, Reason, Request, ResourceKind, decide
from tests.unit.iam_decision.policy_builders import (
    AWAY,
    EVERYTHING,
    HOME,
    KEY,
    TARGET_ROLE,
    Body,
    allow,
    anonymous,
    deny,
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
    trust,
    user,
)

ADMIN = (identity(EVERYTHING),)
NOTHING = identity(allow("ec2:*"))


def trusting(principal: object, **elements: object) -> Body:
    """Return a trust statement for a principal."""
    return allow("sts:AssumeRole", Principal=principal, **elements)


def assume(caller: Principal, **context: str) -> Request:
    """Return a call of AssumeRole on the target role; context names use _ for the colon."""
    keys = {name.replace("_", ":", 1): value for name, value in context.items()}
    return request(caller, "sts:AssumeRole", TARGET_ROLE, keys)


def around_role(policy: Policy | None, *, account: str = HOME, identities: tuple[Policy, ...] = ()) -> Policies:
    """Return what applies to AssumeRole: the role's trust policy and the caller's identity policies."""
    return Policies(identity=identities, resource=policy, resource_account=account, resource_kind=ResourceKind.TRUST)


@pytest.mark.parametrize(
    ("principal", "caller"),
    [
        ({"AWS": user().arn}, user()),
        ({"AWS": user().unique_id}, user()),
        ({"AWS": role_arn()}, session()),
        ({"AWS": session().arn}, session()),
        ("*", user()),
    ],
)
def test_trust_that_names_the_caller_is_enough_in_the_same_account(principal: object, caller: Principal) -> None:
    """In the role's account, naming the principal needs no identity policy ("IAM role principals")."""
    decision = decide(assume(caller), around_role(trust(trusting(principal))))
    assert decision.allowed
    assert decision.by is PolicyKindThatDecided.TRUST


def test_trust_in_the_account_needs_the_identity_policy_as_well() -> None:
    """Trust in the account's root delegates to identity policies ("AWS account principals")."""
    policy = trust(trusting({"AWS": root_arn()}))
    assert decide(assume(user()), around_role(policy)).reason is Reason.IMPLICIT_DENY_IDENTITY
    assert decide(assume(user()), around_role(policy, identities=ADMIN)).allowed


@pytest.mark.parametrize("policy", [None, trust(trusting({"AWS": user("bob").arn}))], ids=["no trust", "other trust"])
def test_an_identity_policy_never_opens_a_role_by_itself(policy: Policy | None) -> None:
    """A trust policy must explicitly allow the principal, also in the same account ("Resource-based policies")."""
    decision = decide(assume(user()), around_role(policy, identities=ADMIN))
    assert decision.reason is Reason.IMPLICIT_DENY_TRUST


@pytest.mark.parametrize("principal", [{"AWS": user().arn}, {"AWS": root_arn()}, "*"])
def test_trust_across_accounts_needs_both_sides(principal: object) -> None:
    """Across accounts the trust policy and the caller's identity policy must both allow ("Cross-account ...")."""
    policy = trust(trusting(principal))
    assert not decide(assume(user()), around_role(policy, account=AWAY)).allowed
    assert decide(assume(user()), around_role(policy, account=AWAY, identities=ADMIN)).allowed


def test_a_role_of_another_account_that_trusts_somebody_else_stays_shut() -> None:
    """The caller's administrator rights do not open a foreign role."""
    policy = trust(trusting({"AWS": root_arn("333333333333")}))
    assert decide(assume(user()), around_role(policy, account=AWAY, identities=ADMIN)).reason is (
        Reason.IMPLICIT_DENY_TRUST
    )


@pytest.mark.parametrize(("caller", "allowed"), [(session(), True), (session("Other"), False), (user(), False)])
def test_trust_in_an_account_narrowed_to_a_role(caller: Principal, allowed: bool) -> None:
    """Root as principal with ArnEquals aws:PrincipalArn trusts that role of the account ("IAM role principals")."""
    condition = {"ArnEquals": {"aws:PrincipalArn": [role_arn(), role_arn("Second")]}}
    policy = trust(trusting({"AWS": root_arn()}, Condition=condition))
    assert decide(assume(caller), around_role(policy, account=AWAY, identities=ADMIN)).allowed is allowed


@pytest.mark.parametrize(
    ("context", "allowed"),
    [({"aws_MultiFactorAuthPresent": "true"}, True), ({"aws_MultiFactorAuthPresent": "false"}, False), ({}, False)],
)
def test_trust_may_ask_for_mfa(context: dict[str, str], allowed: bool) -> None:
    """A trust policy with Bool aws:MultiFactorAuthPresent admits MFA sessions only ("MFA-protected API access")."""
    condition = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    policy = trust(trusting({"AWS": user().arn}, Condition=condition))
    assert decide(assume(user(), **context), around_role(policy)).allowed is allowed


@pytest.mark.parametrize(("given", "allowed"), [("4711", True), ("0815", False), (None, False)])
def test_trust_may_ask_for_an_external_id(given: str | None, allowed: bool) -> None:
    """sts:ExternalId has to match, and to be there ("How to use an external ID")."""
    policy = trust(trusting({"AWS": root_arn()}, Condition={"StringEquals": {"sts:ExternalId": "4711"}}))
    context = {} if given is None else {"sts_ExternalId": given}
    policies = around_role(policy, account=AWAY, identities=ADMIN)
    assert decide(assume(user(), **context), policies).allowed is allowed


def test_a_deny_in_the_trust_policy_wins() -> None:
    """An explicit deny of the trust policy beats its Allow and the caller's rights."""
    policy = trust(trusting("*"), deny("sts:AssumeRole", Principal={"AWS": user().arn}))
    decision = decide(assume(user()), around_role(policy, identities=ADMIN))
    assert (decision.reason, decision.by) == (Reason.EXPLICIT_DENY_TRUST, PolicyKindThatDecided.TRUST)


def test_a_boundary_limits_trust_in_the_role_but_not_in_the_session() -> None:
    """Boundaries limit what a role ARN is trusted with ("Policy evaluation logic", table)."""
    for principal, allowed in ((role_arn(), False), (session().arn, True)):
        policies = Policies(
            boundary=NOTHING, resource=trust(trusting({"AWS": principal})), resource_kind=ResourceKind.TRUST
        )
        assert decide(assume(session()), policies).allowed is allowed


def test_root_may_not_assume_roles() -> None:
    """A role cannot be assumed by root (AWS STS API Reference, AssumeRole)."""
    decision = decide(assume(root()), around_role(trust(trusting("*")), identities=ADMIN))
    assert decision.reason is Reason.ROOT_MAY_NOT_ASSUME_ROLES
    assert not decision.allowed


def test_a_service_assumes_a_role_that_trusts_it() -> None:
    """A service role names the service ("AWS service principals")."""
    policy = trust(trusting({"Service": "ec2.amazonaws.com"}))
    assert decide(assume(service("ec2.amazonaws.com")), around_role(policy)).allowed
    assert not decide(assume(service("lambda.amazonaws.com")), around_role(policy)).allowed
    assert not decide(assume(user()), around_role(policy, identities=ADMIN)).allowed


def test_an_identity_provider_assumes_a_role_that_trusts_it() -> None:
    """AssumeRoleWithSAML is decided by the trust policy and its conditions ("SAML session principals")."""
    statement = allow(
        "sts:AssumeRoleWithSAML",
        Principal={"Federated": identity_provider().arn},
        Condition={"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
    )
    asked = Request(
        identity_provider(),
        "sts:AssumeRoleWithSAML",
        TARGET_ROLE,
        {"saml:aud": "https://signin.aws.amazon.com/saml"},
    )
    assert decide(asked, around_role(trust(statement))).allowed
    assert not decide(assume(identity_provider()), around_role(trust(statement))).allowed


def test_scps_apply_to_assume_role() -> None:
    """An SCP of the caller's account can keep it from assuming roles."""
    policies = Policies(
        identity=ADMIN,
        scp_levels=((scp(EVERYTHING, deny("sts:AssumeRole")),),),
        resource=trust(trusting("*")),
        resource_kind=ResourceKind.TRUST,
    )
    assert decide(assume(user()), policies).reason is Reason.EXPLICIT_DENY_SCP


def using_key(*statements: Body, identities: tuple[Policy, ...] = (), account: str = HOME) -> Policies:
    """Return what applies to a use of the key."""
    policy = resource_policy(*statements) if statements else None
    return Policies(identity=identities, resource=policy, resource_account=account, resource_kind=ResourceKind.KEY)


def decrypt(caller: Principal) -> Request:
    """Return a call of Decrypt with the key."""
    return request(caller, "kms:Decrypt", KEY)


DELEGATES = allow("kms:*", Principal={"AWS": root_arn()}, Sid="Enable IAM User Permissions")


@pytest.mark.parametrize(
    ("principal", "caller"),
    [({"AWS": user().arn}, user()), ({"AWS": role_arn()}, session()), ("*", user())],
)
def test_a_key_policy_that_names_the_caller_is_enough(principal: object, caller: Principal) -> None:
    """In the key's account the key policy alone can grant (KMS, "Key policies")."""
    decision = decide(decrypt(caller), using_key(allow("kms:Decrypt", Principal=principal)))
    assert decision.allowed
    assert decision.by is PolicyKindThatDecided.RESOURCE


def test_a_key_policy_may_delegate_to_identity_policies() -> None:
    """Naming the account lets identity policies grant (KMS, "Allows access to the AWS account")."""
    decision = decide(decrypt(user()), using_key(DELEGATES, identities=ADMIN))
    assert decision.by is PolicyKindThatDecided.IDENTITY
    assert decision.allowed
    assert decide(decrypt(user()), using_key(DELEGATES)).reason is Reason.IMPLICIT_DENY_IDENTITY


@pytest.mark.parametrize(
    "statements",
    [
        (),
        (allow("kms:*", Principal={"AWS": user("bob").arn}),),
        (allow("kms:DescribeKey", Principal={"AWS": root_arn()}),),
    ],
    ids=["no policy", "names another", "delegates another action"],
)
def test_an_identity_policy_alone_never_opens_a_key(statements: tuple[Body, ...]) -> None:
    """Unless the key policy allows it, identity policies have no effect on a key (KMS, "Key policies")."""
    decision = decide(decrypt(user()), using_key(*statements, identities=ADMIN))
    assert decision.reason is Reason.IMPLICIT_DENY_RESOURCE


def test_a_key_policy_can_shut_out_the_root_user() -> None:
    """Without a statement for the account not even its root user has access (KMS, "Key policies")."""
    assert decide(decrypt(root()), using_key(DELEGATES)).allowed
    assert not decide(decrypt(root()), using_key(allow("kms:*", Principal={"AWS": user().arn}))).allowed


def test_a_key_used_from_another_account_needs_both_sides() -> None:
    """Across accounts the key policy and the caller's identity policy must allow (KMS, "... other accounts")."""
    grants = allow("kms:Decrypt", Principal={"AWS": root_arn()})
    assert not decide(decrypt(user()), using_key(grants, account=AWAY)).allowed
    assert not decide(decrypt(user()), using_key(identities=ADMIN, account=AWAY)).allowed
    assert decide(decrypt(user()), using_key(grants, identities=ADMIN, account=AWAY)).allowed


def test_a_deny_in_the_key_policy_wins() -> None:
    """An explicit deny of the key policy overrides its Allow."""
    policies = using_key(DELEGATES, deny("kms:Decrypt", Principal="*"), identities=ADMIN)
    assert decide(decrypt(user()), policies).reason is Reason.EXPLICIT_DENY_RESOURCE


def test_anonymous_callers_are_denied() -> None:
    """A key that delegates to its account does nothing for callers without credentials."""
    assert not decide(decrypt(anonymous()), using_key(DELEGATES)).allowed
