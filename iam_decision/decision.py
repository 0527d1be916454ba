"""What a decision is made from and what it says: the policies that apply, the reason, and who decided."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from iam_decision.policy import Policy


class ResourceKind(Enum):
    """What the resource policy belongs to, where that changes the rules."""

    OTHER = "other"
    BUCKET = "bucket"
    """An S3 bucket: its owner's root user can always mend the bucket policy."""
    KEY = "key"
    """A KMS key: the key policy must allow, by itself or by naming the account."""
    TRUST = "trust"
    """A role about to be assumed: the trust policy must allow, by itself or by naming the account."""


@dataclass(frozen=True, slots=True)
class Policies:
    """Every policy that applies to one request.

    `identity`: policies of the user (with its groups) or role. `boundary`, `session`: None when there is none; an
    empty session tuple allows nothing. `scp_levels`: the SCPs of each level from root to account; None where SCPs do
    not apply (the management account, service-linked roles); a level without policies allows nothing. `rcps`: the RCPs
    over the account that owns the resource, of all levels; they only deny, so AWS's own of full access may be left out.
    `resource`: the bucket, key, queue or trust policy, None when the resource has none. `resource_account`: the account
    that owns the resource, empty for the caller's own. `scp_level_names` name the levels in explanations.
    """

    identity: tuple[Policy, ...] = ()
    boundary: Policy | None = None
    session: tuple[Policy, ...] | None = None
    scp_levels: tuple[tuple[Policy, ...], ...] | None = None
    rcps: tuple[Policy, ...] = ()
    resource: Policy | None = None
    resource_account: str = ""
    resource_kind: ResourceKind = ResourceKind.OTHER
    scp_level_names: tuple[str, ...] = ()


class PolicyKindThatDecided(Enum):
    """The kind of policy that a decision rests on; the value is AWS's name for it in messages."""

    SCP = "service control policy"
    RCP = "resource control policy"
    RESOURCE = "resource-based policy"
    TRUST = "role trust policy"
    IDENTITY = "identity-based policy"
    BOUNDARY = "permissions boundary"
    SESSION = "session policy"
    ROOT_USER = "root user"
    """No policy: the root user may do everything, but never assume a role."""


class Reason(Enum):
    """Why a request is allowed or denied.

    An explicit deny is a Deny statement that applies, an implicit one the lack of an Allow.
    """

    ALLOWED = "allowed"
    EXPLICIT_DENY_SCP = "explicit deny: SCP"
    EXPLICIT_DENY_RCP = "explicit deny: RCP"
    EXPLICIT_DENY_RESOURCE = "explicit deny: resource policy"
    EXPLICIT_DENY_TRUST = "explicit deny: trust policy"
    EXPLICIT_DENY_IDENTITY = "explicit deny: identity policy"
    EXPLICIT_DENY_BOUNDARY = "explicit deny: permissions boundary"
    EXPLICIT_DENY_SESSION = "explicit deny: session policy"
    IMPLICIT_DENY_SCP = "implicit deny: SCP"
    IMPLICIT_DENY_RESOURCE = "implicit deny: resource policy"
    IMPLICIT_DENY_TRUST = "implicit deny: trust policy"
    IMPLICIT_DENY_IDENTITY = "implicit deny: identity policy"
    IMPLICIT_DENY_BOUNDARY = "implicit deny: permissions boundary"
    IMPLICIT_DENY_SESSION = "implicit deny: session policy"
    ROOT_MAY_NOT_ASSUME_ROLES = "root may not assume roles"

    @property
    def is_explicit_deny(self) -> bool:
        """Tells whether a Deny statement decided."""
        return self.name.startswith("EXPLICIT_DENY_")

    @property
    def is_implicit_deny(self) -> bool:
        """Tells whether a missing Allow decided."""
        return self.name.startswith("IMPLICIT_DENY_")

    @classmethod
    def explicit_deny(cls, by: PolicyKindThatDecided) -> Reason:
        """Return the explicit deny of a kind of policy."""
        return cls[f"EXPLICIT_DENY_{by.name}"]

    @classmethod
    def implicit_deny(cls, by: PolicyKindThatDecided) -> Reason:
        """Return the implicit deny of a kind of policy."""
        return cls[f"IMPLICIT_DENY_{by.name}"]


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer: allowed or not, why, and the policy and statement that decided.

    `policy` and `statement` are empty when no single one did: for an implicit deny `policy` lists the policies that
    were looked at, `statement` is empty.
    """

    allowed: bool
    reason: Reason
    policy: str
    statement: str
    by: PolicyKindThatDecided


def denial_words(decision: Decision, action: str) -> str:
    """Return the end of AWS's access denied message, such as "with an explicit deny in an identity-based policy".

    Empty for an allowed request. Source: IAM User Guide, "Troubleshoot access denied error messages".
    """
    kind = decision.by.value
    if decision.reason.is_explicit_deny:
        article = "the" if decision.by is PolicyKindThatDecided.TRUST else "an" if kind[0] in "aeiou" else "a"
        return f"with an explicit deny in {article} {kind}"
    if decision.reason.is_implicit_deny:
        return f"because no {kind} allows the {action} action"
    return "" if decision.allowed else "because roles may not be assumed by root accounts"
