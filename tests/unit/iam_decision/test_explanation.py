"""Why a request is decided as it is: one step per kind of policy. AWS page: "Policy evaluation logic"."""

from __future__ import annotations

from dataclasses import replace

import pytest

from iam_decision import (
    Explanation,
    Policies,
    PolicyKindThatDecided,
    ResourceKind,
    Step,
    Verdict,
    explain,
)
from tests.unit.iam_decision.policy_builders import (
    AWAY,
    EVERYTHING,
    HOME,
    TARGET_ROLE,
    allow,
    deny,
    identity,
    rcp,
    request,
    resource_policy,
    role_arn,
    root,
    scp,
    service,
    session,
    trust,
    user,
)

Kind = PolicyKindThatDecided
ADMIN = (identity(EVERYTHING, name="admin"),)
FULL = (scp(EVERYTHING, name="FullAWSAccess"),)
NO_S3 = scp(deny("s3:*", Sid="NoS3"), name="fence")
RCP = rcp({"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "*"}, name="no writes")


def deciding(explanation: Explanation) -> Step:
    """Return the one step that decided."""
    (step,) = [step for step in explanation.steps if step.decided]
    return step


def verdicts(explanation: Explanation) -> list[tuple[Kind, Verdict]]:
    """Return what each step said."""
    return [(step.by, step.verdict) for step in explanation.steps]


def test_the_steps_come_in_the_order_of_aws() -> None:
    """RCPs, each level of SCPs, resource, identity, boundary, session: the order of AWS's flow chart."""
    policies = Policies(
        identity=ADMIN,
        boundary=ADMIN[0],
        session=ADMIN,
        scp_levels=(FULL, FULL),
        rcps=(RCP,),
        resource=resource_policy(allow("s3:*", Principal={"AWS": role_arn()})),
    )
    assert verdicts(explain(request(session()), policies)) == [
        (Kind.RCP, Verdict.ALLOWED),
        (Kind.SCP, Verdict.ALLOWED),
        (Kind.SCP, Verdict.ALLOWED),
        (Kind.RESOURCE, Verdict.ALLOWED),
        (Kind.IDENTITY, Verdict.ALLOWED),
        (Kind.BOUNDARY, Verdict.ALLOWED),
        (Kind.SESSION, Verdict.ALLOWED),
    ]


def test_kinds_that_are_not_there_do_not_apply() -> None:
    """A kind of policy that the caller does not have is told as not applicable."""
    steps = verdicts(explain(request(), Policies(identity=ADMIN)))
    assert [by for by, verdict in steps if verdict is Verdict.NOT_APPLICABLE] == [
        Kind.RCP,
        Kind.SCP,
        Kind.RESOURCE,
        Kind.BOUNDARY,
        Kind.SESSION,
    ]


def test_the_level_that_denies_is_named() -> None:
    """A denial by an SCP names the level as the caller called it, the policy and the statement."""
    policies = Policies(
        identity=ADMIN, scp_levels=(FULL, (*FULL, NO_S3)), scp_level_names=("Root r-abcd", "OU Workloads")
    )
    step = deciding(explain(request(), policies))
    assert (step.by, step.verdict, step.level) == (Kind.SCP, Verdict.EXPLICIT_DENY, "OU Workloads")
    assert (step.policy, step.statement, step.looked_at) == ("fence", "NoS3", ("FullAWSAccess", "fence"))


def test_levels_without_names_are_counted_from_the_root() -> None:
    """Where the caller names no levels they are numbered, the root being level 1."""
    found = explain(request(), Policies(identity=ADMIN, scp_levels=(FULL, ())))
    assert deciding(found).level == "level 2"
    assert deciding(found).verdict is Verdict.NO_ALLOW


@pytest.mark.parametrize(
    ("changes", "by", "verdict"),
    [
        ({"identity": ()}, Kind.IDENTITY, Verdict.NO_ALLOW),
        ({"identity": (identity(deny(), EVERYTHING),)}, Kind.IDENTITY, Verdict.EXPLICIT_DENY),
        ({"boundary": identity(allow("ec2:*"))}, Kind.BOUNDARY, Verdict.NO_ALLOW),
        ({"session": ()}, Kind.SESSION, Verdict.NO_ALLOW),
        ({"session": (identity(EVERYTHING, deny()),)}, Kind.SESSION, Verdict.EXPLICIT_DENY),
        ({"resource": resource_policy(deny(Principal="*"))}, Kind.RESOURCE, Verdict.EXPLICIT_DENY),
        ({"resource_account": AWAY}, Kind.RESOURCE, Verdict.NO_ALLOW),
        ({"rcps": (rcp(deny("s3:*", Principal="*")),)}, Kind.RCP, Verdict.EXPLICIT_DENY),
    ],
)
def test_the_kind_that_denied_is_marked(changes: dict[str, object], by: Kind, verdict: Verdict) -> None:
    """Exactly one step is marked as deciding, and it is the one that the decision names."""
    step = deciding(explain(request(), replace(Policies(identity=ADMIN), **changes)))  # type: ignore[arg-type]
    assert (step.by, step.verdict) == (by, verdict)


def test_a_missing_identity_allow_may_do_no_harm() -> None:
    """A resource policy that names the user decides, though no identity policy allows."""
    found = explain(request(), Policies(resource=resource_policy(allow("s3:*", Principal={"AWS": user().arn}))))
    assert (Kind.IDENTITY, Verdict.NO_ALLOW) in verdicts(found)
    assert deciding(found).by is Kind.RESOURCE


def test_root_is_a_step_of_its_own() -> None:
    """The root user needs no identity policy, which the step says in place of one."""
    assert deciding(explain(request(root()), Policies())).by is Kind.ROOT_USER


def test_root_never_assumes_a_role() -> None:
    """That root users may assume no role is told as a step that allows nothing."""
    policies = Policies(resource=trust(allow(Principal="*", Action="sts:AssumeRole")), resource_kind=ResourceKind.TRUST)
    step = deciding(explain(request(root(), "sts:AssumeRole", TARGET_ROLE), policies))
    assert (step.by, step.verdict) == (Kind.ROOT_USER, Verdict.NO_ALLOW)


def test_a_service_has_no_identity_policies() -> None:
    """For a service principal the resource policy alone decides."""
    found = explain(request(service()), Policies(resource=resource_policy(allow(Principal={"AWS": HOME}))))
    assert (Kind.IDENTITY, Verdict.NOT_APPLICABLE) in verdicts(found)
    assert (deciding(found).by, deciding(found).verdict) == (Kind.RESOURCE, Verdict.NO_ALLOW)
