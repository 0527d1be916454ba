"""Every step of `iam_decision`, taken out or turned round one at a time.

Two steps have no mutation, since no request over HTTP reaches them: nobody signs as a root user on the twin, so that
root users may assume no role and may always mend their buckets' policies is shown by unit tests alone.
"""

from __future__ import annotations

from tests.mutation.mutation import Mutation

_EVALUATION = "iam_decision/evaluation.py"
_POLICY = "iam_decision/policy.py"
_GRAMMAR = "iam_decision/grammar.py"

_RULES, _ORGANISATION = ("evaluation",), ("scps_and_rcps",)
_NAMED, _DOORS, _SERVICES = ("principals",), ("trust_and_keys",), ("services",)

EVALUATION = (
    Mutation("no explicit deny wins", _EVALUATION, "        or _explicit_deny(view, policies)\n", "", _RULES),
    Mutation("no level of SCPs has to allow", _EVALUATION, "        or _scp_gap(view, policies)\n", "", _ORGANISATION),
    Mutation(
        "the SCPs of the root need not allow",
        _EVALUATION,
        "    for level in policies.scp_levels or ():\n        if first_allow",
        "    for level in (policies.scp_levels or ())[1:]:\n        if first_allow",
        _ORGANISATION,
    ),
    Mutation(
        "the SCPs of units need not allow",
        _EVALUATION,
        "    for level in policies.scp_levels or ():\n        if first_allow",
        "    for level in (policies.scp_levels or ())[:1] + (policies.scp_levels or ())[-1:]:\n        if first_allow",
        _ORGANISATION,
    ),
    Mutation(
        "the SCPs of the account need not allow",
        _EVALUATION,
        "    for level in policies.scp_levels or ():\n        if first_allow",
        "    for level in (policies.scp_levels or ())[:-1]:\n        if first_allow",
        _ORGANISATION,
    ),
    Mutation(
        "RCPs are ignored",
        _EVALUATION,
        "PolicyKindThatDecided.RCP, rcps_that_reach(view, policies)",
        "PolicyKindThatDecided.RCP, ()",
        _ORGANISATION,
    ),
    Mutation(
        "RCPs bind what they do not restrict",
        _EVALUATION,
        "return () if view.action in NOT_RESTRICTED else policies.rcps",
        "return policies.rcps",
        _ORGANISATION,
    ),
    Mutation(
        "a deny of an SCP is ignored",
        _EVALUATION,
        "        yield PolicyKindThatDecided.SCP, level\n",
        "        yield PolicyKindThatDecided.SCP, level[:0]\n",
        _ORGANISATION,
    ),
    Mutation(
        "a deny of the root's SCPs is ignored",
        _EVALUATION,
        "    for level in policies.scp_levels or ():\n        yield",
        "    for level in (policies.scp_levels or ())[1:]:\n        yield",
        _ORGANISATION,
    ),
    Mutation(
        "a deny of a unit's SCPs is ignored",
        _EVALUATION,
        "    for level in policies.scp_levels or ():\n        yield",
        "    for level in (policies.scp_levels or ())[:1] + (policies.scp_levels or ())[-1:]:\n        yield",
        _ORGANISATION,
    ),
    Mutation(
        "a deny of the account's SCPs is ignored",
        _EVALUATION,
        "    for level in policies.scp_levels or ():\n        yield",
        "    for level in (policies.scp_levels or ())[:-1]:\n        yield",
        _ORGANISATION,
    ),
    Mutation(
        "a deny of a resource policy is ignored",
        _EVALUATION,
        "    yield resource_side(policies), resource_policies_that_deny(view, policies)\n",
        "",
        _NAMED,
    ),
    Mutation(
        "a deny of an identity policy is ignored",
        _EVALUATION,
        "    yield PolicyKindThatDecided.IDENTITY, policies.identity\n",
        "",
        _RULES,
    ),
    Mutation(
        "a deny of a boundary is ignored",
        _EVALUATION,
        "    if policies.boundary is not None:\n        yield PolicyKindThatDecided.BOUNDARY, (policies.boundary,)\n",
        "",
        _RULES,
    ),
    Mutation(
        "a deny of a session policy is ignored",
        _EVALUATION,
        "    yield PolicyKindThatDecided.SESSION, policies.session or ()\n",
        "",
        _RULES,
    ),
    Mutation(
        "every resource is of the caller's account",
        _EVALUATION,
        '    return policies.resource_account in {"", view.principal.account_id}',
        "    return True",
        _NAMED,
    ),
    Mutation(
        "keys need no key policy",
        _EVALUATION,
        "in {ResourceKind.KEY, ResourceKind.TRUST}",
        "in {ResourceKind.TRUST}",
        _DOORS,
    ),
    Mutation(
        "roles need no trust",
        _EVALUATION,
        "in {ResourceKind.KEY, ResourceKind.TRUST}",
        "in {ResourceKind.KEY}",
        _DOORS,
    ),
    Mutation(
        "services are asked for identity policies",
        _EVALUATION,
        "    if not view.principal.has_identity:\n        return _by_resource(policies, grant)\n",
        "",
        _SERVICES,
    ),
    Mutation(
        "a grant to the user or session is none",
        _EVALUATION,
        "    if directness is Directness.DIRECT:\n        return _by_resource(policies, grant)\n",
        "",
        _NAMED,
    ),
    Mutation(
        "a grant to the role is none",
        _EVALUATION,
        "    if directness is Directness.ROLE:\n",
        "    if directness is None:\n",
        _NAMED,
    ),
    Mutation(
        "boundary and session policies do not limit a grant to the role",
        _EVALUATION,
        "return _limit_gap(view, policies) or _by_resource(policies, grant)",
        "return _by_resource(policies, grant)",
        _NAMED,
    ),
    Mutation(
        "boundary and session policies limit a grant to the session",
        _EVALUATION,
        "    if directness is Directness.DIRECT:\n        return _by_resource(policies, grant)\n",
        "    if directness is Directness.DIRECT:\n        directness = Directness.ROLE\n",
        _NAMED,
    ),
    Mutation(
        "a grant to the account is one to all in it",
        _EVALUATION,
        "    if directness is Directness.DIRECT:\n        return",
        "    if directness is Directness.DIRECT or directness is Directness.ACCOUNT:\n        return",
        _NAMED,
    ),
    Mutation(
        "across accounts the resource side is enough",
        _EVALUATION,
        "    return _by_resource(policies, grant) if from_identity.allowed else from_identity",
        "    return _by_resource(policies, grant)",
        _NAMED,
    ),
    Mutation(
        "across accounts the identity side is enough",
        _EVALUATION,
        "    if grant is None and must_be_granted(view, policies):\n        return _by_resource(policies, grant)\n",
        "    if grant is None and policies.resource_account not in ('', view.principal.account_id):\n"
        "        return _by_identity(view, policies)\n",
        _NAMED,
    ),
    Mutation(
        "the first grant counts, not the most direct",
        _EVALUATION,
        "            best, found = directness, ResourceGrant(",
        "            best, found = Directness.DIRECT, ResourceGrant(",
        _NAMED,
    ),
    Mutation(
        "identity policies are not asked",
        _EVALUATION,
        "        return _implicit_deny(PolicyKindThatDecided.IDENTITY, policies.identity)\n",
        "        return Decision(True, Reason.ALLOWED, '', '', PolicyKindThatDecided.IDENTITY)\n",
        _RULES,
    ),
    Mutation(
        "a boundary need not allow",
        _EVALUATION,
        "        return _implicit_deny(PolicyKindThatDecided.BOUNDARY, (policies.boundary,))\n",
        "        pass\n",
        _RULES,
    ),
    Mutation(
        "session policies need not allow",
        _EVALUATION,
        "        return _implicit_deny(PolicyKindThatDecided.SESSION, policies.session)\n",
        "        pass\n",
        _RULES,
    ),
    Mutation(
        "a boundary grants",
        _EVALUATION,
        "    found = first_allow(policies.identity, view)\n",
        "    found = first_allow((*policies.identity, *((policies.boundary,) if policies.boundary else ())), view)\n",
        _RULES,
    ),
    Mutation(
        "a session policy grants",
        _EVALUATION,
        "    found = first_allow(policies.identity, view)\n",
        "    found = first_allow((*policies.identity, *(policies.session or ())), view)\n",
        _RULES,
    ),
    Mutation(
        "an SCP grants",
        _EVALUATION,
        "    found = first_allow(policies.identity, view)\n",
        "    found = first_allow((*policies.identity, *sum(policies.scp_levels or (), ())), view)\n",
        _ORGANISATION,
    ),
)

STATEMENTS = (
    Mutation(
        "any action fits", _POLICY, "if self.action.patterns.matches(view.action, lookup) is", "if True is", _RULES
    ),
    Mutation(
        "NotAction is read as Action",
        _POLICY,
        "self.action.patterns.matches(view.action, lookup) is self.action.negated",
        "self.action.patterns.matches(view.action, lookup) is False",
        _RULES,
    ),
    Mutation(
        "any resource fits",
        _POLICY,
        "if resource is not None and resource.patterns",
        "if resource is not None and resource.negated and resource.patterns",
        _RULES,
    ),
    Mutation(
        "NotResource is read as Resource",
        _POLICY,
        "resource.patterns.matches(view.resource, lookup) is resource.negated",
        "resource.patterns.matches(view.resource, lookup) is False",
        _RULES,
    ),
    Mutation(
        "conditions are ignored",
        _POLICY,
        "if directness is Directness.NOT_NAMED or not condition.met(view):",
        "if directness is Directness.NOT_NAMED:",
        ("conditions",),
    ),
    Mutation(
        "the first condition alone counts",
        _POLICY,
        "for condition in self.conditions:",
        "for condition in self.conditions[:1]:",
        ("conditions",),
    ),
    Mutation(
        "principals are ignored",
        _POLICY,
        "Directness.DIRECT if self.principals is None else self.principals.directness(view)",
        "Directness.DIRECT",
        _NAMED,
    ),
    Mutation(
        "services in capitals are others",
        _GRAMMAR,
        "TextSet.compile([text.lower() for text in texts], Matching.LIKE",
        "TextSet.compile([text if text[:2].isupper() else text.lower() for text in texts], Matching.LIKE",
        _RULES,
    ),
    Mutation(
        "old documents have variables",
        _GRAMMAR,
        "variables=version == VERSIONS[0]",
        "variables=True",
        ("variables",),
    ),
    Mutation(
        "NotPrincipal may allow",
        _GRAMMAR,
        'if element == "NotPrincipal" and effect is Effect.ALLOW:',
        'if element == "NotPrincipal" and effect is None:',
        _NAMED,
    ),
    Mutation(
        "variables may stand in an ARN's account",
        "iam_decision/resource_arns.py",
        'if variables and "${" in text and',
        'if not variables and "${" in text and',
        ("variables",),
    ),
)
