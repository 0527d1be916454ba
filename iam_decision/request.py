"""Who asks for what: principals, requests, and the request context that conditions are read against.

Sources: IAM User Guide, "AWS JSON policy elements: Principal", "AWS global condition context keys" and the table
"Principal key values" of "IAM policy elements: Variables and tags".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum


class PrincipalKind(Enum):
    """What kind of caller signs a request; the value is what `aws:PrincipalType` says, if that key is there."""

    ROOT = "Account"
    USER = "User"
    ROLE_SESSION = "AssumedRole"
    SERVICE = "Service"
    ANONYMOUS = "Anonymous"
    FEDERATED = "FederatedUser"


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller.

    `arn` is the caller's ARN as AWS states it: the session ARN for a role session, the user ARN for a user, the
    root ARN for the root user, `arn:aws:sts::ID:federated-user/NAME` or the identity provider (ARN or host) for a
    federated one, the service name (`cloudtrail.amazonaws.com`) for a service, empty for an anonymous one.
    `role_arn` is the IAM role ARN with its path of a role session, or the ARN of the user behind a federated user.
    `unique_id` is the stable id (AIDA..., AROA...) of the user or role.
    """

    kind: PrincipalKind
    account_id: str
    arn: str
    role_arn: str = ""
    unique_id: str = ""

    @property
    def has_identity(self) -> bool:
        """Tells whether identity policies apply: true of root, users, role sessions and STS federated users."""
        if self.kind is PrincipalKind.FEDERATED:
            return ":federated-user/" in self.arn
        return self.kind in {PrincipalKind.ROOT, PrincipalKind.USER, PrincipalKind.ROLE_SESSION}


@dataclass(frozen=True, slots=True)
class Request:
    """One action on one resource: action `service:Name` in any case, resource an ARN or `*`, context by key."""

    principal: Principal
    action: str
    resource: str
    context: Mapping[str, str | Sequence[str]] = field(default_factory=dict)


class RequestView:
    """A request made ready for matching: the action in lower case and the context by lower-case key.

    Keys that follow from the principal (`aws:PrincipalArn`, `aws:PrincipalAccount`, `aws:PrincipalType`,
    `aws:PrincipalIsAWSService`, `aws:PrincipalServiceName`, `aws:userid`, `aws:username`) are added when absent.
    `bounded` tells that the principal has a permissions boundary.
    """

    __slots__ = ("action", "bounded", "principal", "resource", "values")

    def __init__(self, request: Request, *, bounded: bool) -> None:
        self.bounded = bounded
        self.principal = request.principal
        self.action = request.action.lower()
        self.resource = request.resource
        self.values: dict[str, tuple[str, ...]] = principal_keys(request.principal)
        for key, value in request.context.items():
            self.values[key.lower()] = (value,) if isinstance(value, str) else tuple(value)

    def one_value(self, key: str) -> str | None:
        """Return the value of a lower-case key, or None when it is absent or has several values."""
        values = self.values.get(key)
        return values[0] if values is not None and len(values) == 1 else None


def principal_keys(principal: Principal) -> dict[str, tuple[str, ...]]:
    """Return the context keys (lower case) that follow from the principal alone."""
    kind = principal.kind
    keys: dict[str, tuple[str, ...]] = {
        "aws:principalisawsservice": ("true" if kind is PrincipalKind.SERVICE else "false",)
    }
    if kind is PrincipalKind.SERVICE:
        keys["aws:principalservicename"] = (principal.arn,)
        return keys
    if kind is PrincipalKind.ANONYMOUS:
        keys["aws:principaltype"] = (kind.value,)
        keys["aws:userid"] = ("anonymous",)
        return keys
    if not principal.has_identity:
        return keys
    keys["aws:principaltype"] = (kind.value,)
    keys["aws:principalaccount"] = (principal.account_id,)
    is_session = kind is PrincipalKind.ROLE_SESSION
    keys["aws:principalarn"] = (principal.role_arn if is_session and principal.role_arn else principal.arn,)
    user_id = _user_id(principal)
    if user_id:
        keys["aws:userid"] = (user_id,)
    if kind is PrincipalKind.USER:
        keys["aws:username"] = (principal.arn.rpartition("/")[2],)
    return keys


def _user_id(principal: Principal) -> str:
    if principal.kind is PrincipalKind.ROOT:
        return principal.account_id
    name = principal.arn.rpartition("/")[2]
    if principal.kind is PrincipalKind.FEDERATED:
        return f"{principal.account_id}:{name}"
    if principal.kind is PrincipalKind.ROLE_SESSION and principal.unique_id and ":" not in principal.unique_id:
        return f"{principal.unique_id}:{name}"
    return principal.unique_id
