"""The Principal and NotPrincipal elements: whom a statement of a resource policy names, and how directly.

Sources: IAM User Guide, "AWS JSON policy elements: Principal", "AWS JSON policy elements: NotPrincipal" and "Policy
evaluation logic" (table "Resource-based policies and implicit denies in other policy types").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum

from iam_decision.request import Principal, PrincipalKind, RequestView

_ACCOUNT = re.compile(r"(?:arn:aws[a-z-]*:iam::)?(?P<account>[0-9]{12})(?P<root>:root)?")
_NAMED_ARN = re.compile(
    r"arn:aws[a-z-]*:(?:iam::[0-9]{12}:(?:user|role)/[^*?]+"
    r"|sts::[0-9]{12}:(?:assumed-role/[^*?/]+/[^*?/]+|federated-user/[^*?/]+))"
)
_UNIQUE_ID = re.compile(r"A[A-Z]{3}[A-Z0-9]{8,124}")
_SERVICE = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+")
_PROVIDER = re.compile(
    r"arn:aws[a-z-]*:iam::[0-9]{12}:(?:saml-provider|oidc-provider)/[^*?]+|[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+"
)


class Directness(IntEnum):
    """How a statement reaches a principal; a higher one overrides more implicit denies of other policies."""

    NOT_NAMED = 0
    ACCOUNT = 1
    """The account is named: what its principals may do is left to their identity policies."""
    ROLE = 2
    """The role (not the session) is named: boundaries and session policies still limit."""
    DIRECT = 3
    """The user, the session, the service or everyone is named: no implicit deny of the same account limits."""


@dataclass(frozen=True, slots=True)
class PrincipalSet:
    """The principals that a statement names; `negated` for NotPrincipal."""

    negated: bool
    everyone: bool
    accounts: frozenset[str]
    arns: frozenset[str]
    unique_ids: frozenset[str]
    services: frozenset[str]
    providers: frozenset[str]

    @classmethod
    def compile(cls, named: Mapping[str, Iterable[str]], *, negated: bool) -> PrincipalSet:
        """Compile lists of principals by type (AWS, Service, Federated); raises ValueError naming a bad one."""
        everyone = False
        accounts, arns, unique_ids = set(), set(), set()
        for text in named.get("AWS", ()):
            account = _ACCOUNT.fullmatch(text)
            if text == "*":
                everyone = True
            elif account and bool(account["root"]) == text.startswith("arn:"):
                accounts.add(account["account"])
            elif _NAMED_ARN.fullmatch(text):
                arns.add(text)
            elif _UNIQUE_ID.fullmatch(text):
                unique_ids.add(text)
            else:
                raise ValueError(_invalid("AWS", text))
        return cls(
            negated=negated,
            everyone=everyone,
            accounts=frozenset(accounts),
            arns=frozenset(arns),
            unique_ids=frozenset(unique_ids),
            services=_checked("Service", named, _SERVICE),
            providers=_checked("Federated", named, _PROVIDER),
        )

    def directness(self, view: RequestView) -> Directness:
        """Return how the statement reaches the principal of a request.

        NotPrincipal always reaches one with a permissions boundary, whoever it lists (its page, "Key points").
        """
        principal = view.principal
        if self.negated:
            return Directness.DIRECT if view.bounded or not self._exempts(principal) else Directness.NOT_NAMED
        if self.everyone or self._names_itself(principal):
            return Directness.DIRECT
        if self._names_role(principal):
            return Directness.ROLE
        return Directness.ACCOUNT if self._names_account(principal) else Directness.NOT_NAMED

    def _names_itself(self, principal: Principal) -> bool:
        if not principal.has_identity:
            return principal.arn in (self.services if principal.kind is PrincipalKind.SERVICE else self.providers)
        return principal.arn in self.arns or (principal.kind is PrincipalKind.USER and self._names_id(principal))

    def _names_role(self, principal: Principal) -> bool:
        """Tell whether the role behind a session, or the user behind a federated user, is named."""
        return principal.role_arn in self.arns or self._names_id(principal)

    def _names_id(self, principal: Principal) -> bool:
        return bool(self.unique_ids) and principal.unique_id.partition(":")[0] in self.unique_ids

    def _names_account(self, principal: Principal) -> bool:
        return principal.has_identity and principal.account_id in self.accounts

    def _exempts(self, principal: Principal) -> bool:
        """Tell whether NotPrincipal lets the principal off.

        AWS checks the account first, then the role, then the session: each of them has to be listed.
        """
        if self.everyone or not principal.has_identity:
            return self.everyone or self._names_itself(principal)
        if principal.kind is PrincipalKind.ROOT or not self._names_account(principal):
            return self._names_account(principal)
        is_named = self._names_itself(principal)
        return is_named and (principal.kind is PrincipalKind.USER or self._names_role(principal))


def _checked(key: str, named: Mapping[str, Iterable[str]], form: re.Pattern[str]) -> frozenset[str]:
    texts = frozenset(named.get(key, ()))
    for text in sorted(texts):
        if not form.fullmatch(text):
            raise ValueError(_invalid(key, text))
    return texts


def _invalid(key: str, text: str) -> str:
    return f'Invalid principal in policy: "{key}":"{text}"'
