"""The lockout guard knows every call of the types that a member account's program makes."""

from __future__ import annotations

import pytest

from orchestrator.lockout import actions as listed
from orchestrator.validation.aws_actions import aws_actions
from rehearsal.aws.api_calls import all_calls
from rehearsal.aws.catalogue import full_catalogue


@pytest.mark.parametrize(
    ("kinds", "actions"),
    [
        pytest.param(
            ("aws:iam/role:Role", "aws:iam/rolePolicyAttachment:RolePolicyAttachment"),
            (*listed.ROLE_ACTIONS, *listed.ATTACHING_ACTIONS, *listed.BOUNDARY_ACTIONS),
            id="roles",
        ),
        pytest.param(("aws:iam/rolePolicy:RolePolicy",), listed.INLINE_ACTIONS, id="policies inside roles"),
        pytest.param(("aws:iam/policy:Policy",), listed.POLICY_ACTIONS, id="policies"),
        pytest.param(
            ("aws:ssm/parameter:Parameter",),
            (*listed.PARAMETER_ACTIONS, *listed.PARAMETERS_ACTIONS),
            id="the parameter",
        ),
    ],
)
def test_every_call_of_a_type_is_judged(kinds: tuple[str, ...], actions: tuple[str, ...]) -> None:
    """What the types call is listed, but for what no deployment needs; the actions are named as the operations."""
    types = full_catalogue().types
    called = frozenset(call for kind in kinds for call in all_calls(types[kind]))
    of_inline = frozenset(listed.INLINE_ACTIONS) if kinds != ("aws:iam/rolePolicy:RolePolicy",) else frozenset()
    assert called - listed.NEVER_NEEDED - of_inline == frozenset(actions)


def test_aws_has_every_ordinary_action() -> None:
    """No action is made up, or a list of what is allowed would be judged by what nobody allows."""
    made_up = [
        action for action in listed.ORDINARY if action.partition(":")[2].lower() not in aws_actions().names(_of(action))
    ]
    assert made_up == []


def _of(action: str) -> str:
    return action.partition(":")[0]
