"""Whom resource policies name, and what follows from a principal, taken out or turned round one step at a time."""

from __future__ import annotations

from tests.mutation.mutation import Mutation

_PRINCIPALS, _REQUEST = "iam_decision/principal_sets.py", "iam_decision/request.py"

_NAMED, _DOORS, _SERVICES = ("principals",), ("trust_and_keys",), ("services",)

PRINCIPALS = (
    Mutation(
        "everyone is nobody",
        _PRINCIPALS,
        "if self.everyone or self._names_itself(principal):",
        "if self._names_itself(principal):",
        _NAMED,
    ),
    Mutation(
        "a grant to the role is one to the session",
        _PRINCIPALS,
        "            return Directness.ROLE\n",
        "            return Directness.DIRECT\n",
        _NAMED,
    ),
    Mutation(
        "a session is named by any of its role's",
        _PRINCIPALS,
        "return principal.arn in self.arns or (",
        'return any(principal.arn.rpartition("/")[0] == arn.rpartition("/")[0] for arn in self.arns) or (',
        _NAMED,
    ),
    Mutation(
        "a session's own ARN names nobody",
        _PRINCIPALS,
        "return principal.arn in self.arns or (",
        "return principal.kind is PrincipalKind.USER and principal.arn in self.arns or (",
        _NAMED,
    ),
    Mutation(
        "a role's ARN names nobody",
        _PRINCIPALS,
        "return principal.role_arn in self.arns or self._names_id(principal)",
        "return self._names_id(principal)",
        _NAMED,
    ),
    Mutation(
        "an account does not name its roles",
        _PRINCIPALS,
        "return principal.has_identity and principal.account_id in self.accounts",
        "return principal.kind is PrincipalKind.USER and principal.account_id in self.accounts",
        _NAMED,
    ),
    Mutation(
        "a named account is everybody",
        _PRINCIPALS,
        "return principal.has_identity and principal.account_id in self.accounts",
        "return principal.has_identity and bool(self.accounts)",
        _DOORS,
    ),
    Mutation(
        "any service is named",
        _PRINCIPALS,
        "return principal.arn in (self.services if",
        "return bool(self.services) or principal.arn in (self.services if",
        _SERVICES,
    ),
    Mutation(
        "NotPrincipal is read as Principal",
        _PRINCIPALS,
        "        if self.negated:\n",
        "        if self.negated is None:\n",
        _NAMED,
    ),
    Mutation(
        "NotPrincipal spares whom it lists without the account",
        _PRINCIPALS,
        "        if principal.kind is PrincipalKind.ROOT or not self._names_account(principal):\n",
        "        if principal.kind is PrincipalKind.ROOT:\n",
        _NAMED,
    ),
    Mutation(
        "NotPrincipal spares a session without its role",
        _PRINCIPALS,
        "return is_named and (principal.kind is PrincipalKind.USER or self._names_role(principal))",
        "return is_named",
        _NAMED,
    ),
    Mutation(
        "NotPrincipal spares every session of a role",
        _PRINCIPALS,
        "return is_named and (principal.kind is PrincipalKind.USER or self._names_role(principal))",
        "return is_named or self._names_role(principal)",
        _NAMED,
    ),
    Mutation(
        "NotPrincipal spares principals with a boundary",
        _PRINCIPALS,
        "view.bounded or not self._exempts(principal)",
        "not self._exempts(principal)",
        _NAMED,
    ),
    Mutation(
        "aws:PrincipalArn of a session is the session's",
        _REQUEST,
        "(principal.role_arn if is_session and principal.role_arn else principal.arn,)",
        "(principal.arn,)",
        _NAMED,
    ),
    Mutation(
        "role sessions have a user name",
        _REQUEST,
        "    if kind is PrincipalKind.USER:\n",
        "    if kind is not PrincipalKind.ROOT:\n",
        ("variables",),
    ),
    Mutation(
        "users have no name",
        _REQUEST,
        '        keys["aws:username"] =',
        '        keys["aws:usernames"] =',
        ("variables",),
    ),
    Mutation(
        "the user id of a session is the role's",
        _REQUEST,
        '        return f"{principal.unique_id}:{name}"\n',
        "        return principal.unique_id\n",
        ("variables",),
    ),
    Mutation(
        "a service is no AWS service",
        _REQUEST,
        '("true" if kind is PrincipalKind.SERVICE else "false",)',
        '("false",)',
        _SERVICES,
    ),
    Mutation(
        "everybody is an AWS service",
        _REQUEST,
        '("true" if kind is PrincipalKind.SERVICE else "false",)',
        '("true",)',
        _SERVICES,
    ),
    Mutation(
        "a service has no name",
        _REQUEST,
        '        keys["aws:principalservicename"] = (principal.arn,)\n',
        "",
        _SERVICES,
    ),
    Mutation(
        "who calls has no account",
        _REQUEST,
        '    keys["aws:principalaccount"] = (principal.account_id,)\n',
        "",
        ("variables",),
    ),
)
