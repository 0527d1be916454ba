"""Short ways to write the policies, principals and requests that the evaluator's tests are about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from iam_decision import Policy, PolicyKind, Principal, PrincipalKind, Request, parse_policy

HOME = "111111111111"
AWAY = "222222222222"
OBJECT = "arn:aws:s3:::acme-data/report.csv"
KEY = f"arn:aws:kms:eu-west-1:{HOME}:key/1234abcd"
TARGET_ROLE = f"arn:aws:iam::{HOME}:role/Target"

Body = dict[str, object]
EVERYTHING: Body = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def allow(action: str | list[str] = "*", **elements: object) -> Body:
    """Return an Allow statement on every resource unless elements say otherwise."""
    return {"Effect": "Allow", "Action": action, "Resource": "*", **elements}


def deny(action: str | list[str] = "*", **elements: object) -> Body:
    """Return a Deny statement on every resource unless elements say otherwise."""
    return {"Effect": "Deny", "Action": action, "Resource": "*", **elements}


def without(body: Body, *elements: str) -> Body:
    """Return the statement without some elements."""
    return {key: value for key, value in body.items() if key not in elements}


def document(*statements: Body, version: str = "2012-10-17") -> Body:
    """Return a policy document."""
    return {"Version": version, "Statement": list(statements)}


def identity(*statements: Body, name: str = "identity", version: str = "2012-10-17") -> Policy:
    """Return a parsed identity policy; also what boundaries and session policies are."""
    return parse_policy(document(*statements, version=version), name)


def scp(*statements: Body, name: str = "scp") -> Policy:
    """Return a parsed service control policy."""
    return parse_policy(document(*statements), name, kind=PolicyKind.SCP)


def rcp(*statements: Body, name: str = "rcp") -> Policy:
    """Return a parsed resource control policy."""
    return parse_policy(document(*statements), name, kind=PolicyKind.RCP)


def resource_policy(*statements: Body, name: str = "resource") -> Policy:
    """Return a parsed bucket, key or other resource policy."""
    return parse_policy(document(*statements), name, kind=PolicyKind.RESOURCE)


def trust(*statements: Body, name: str = "trust") -> Policy:
    """Return a parsed role trust policy; the Resource that `allow` and `deny` add is taken out."""
    bodies = [without(statement, "Resource") for statement in statements]
    return parse_policy(document(*bodies), name, kind=PolicyKind.TRUST)


def user(name: str = "alice", account: str = HOME) -> Principal:
    """Return an IAM user; its unique id is AIDA and the name."""
    return Principal(
        PrincipalKind.USER, account, f"arn:aws:iam::{account}:user/{name}", unique_id=f"AIDA{name.upper():0<16}"
    )


def session(role: str = "Deploy", name: str = "run", account: str = HOME) -> Principal:
    """Return a role session; the role's path is /team/, its unique id AROA and the name."""
    return Principal(
        PrincipalKind.ROLE_SESSION,
        account,
        f"arn:aws:sts::{account}:assumed-role/{role}/{name}",
        role_arn=role_arn(role, account),
        unique_id=f"AROA{role.upper():0<16}",
    )


def role_arn(role: str = "Deploy", account: str = HOME) -> str:
    """Return the ARN of the role behind `session`."""
    return f"arn:aws:iam::{account}:role/team/{role}"


def root(account: str = HOME) -> Principal:
    """Return the root user of an account."""
    return Principal(PrincipalKind.ROOT, account, root_arn(account))


def root_arn(account: str = HOME) -> str:
    """Return the ARN that stands for an account."""
    return f"arn:aws:iam::{account}:root"


def service(name: str = "cloudtrail.amazonaws.com") -> Principal:
    """Return an AWS service as caller."""
    return Principal(PrincipalKind.SERVICE, "", name)


def anonymous() -> Principal:
    """Return a caller without credentials."""
    return Principal(PrincipalKind.ANONYMOUS, "", "")


def federated_user(name: str = "guest") -> Principal:
    """Return a session of GetFederationToken, called by the user alice."""
    return Principal(PrincipalKind.FEDERATED, HOME, f"arn:aws:sts::{HOME}:federated-user/{name}", role_arn=user().arn)


def identity_provider() -> Principal:
    """Return the caller of AssumeRoleWithSAML: somebody whom a SAML provider vouches for."""
    return Principal(PrincipalKind.FEDERATED, "", f"arn:aws:iam::{HOME}:saml-provider/acme")


def request(
    principal: Principal | None = None,
    action: str = "s3:GetObject",
    resource: str = OBJECT,
    context: Mapping[str, str | Sequence[str]] | None = None,
) -> Request:
    """Return a request; by default the user alice reads an object."""
    return Request(principal or user(), action, resource, context or {})
