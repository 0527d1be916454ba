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
        pytest.param(("aws:iam/accountAlias:AccountAlias",), listed.ALIAS_ACTIONS, id="alias"),
        pytest.param(
            ("aws:iam/accountPasswordPolicy:AccountPasswordPolicy",), listed.PASSWORD_ACTIONS, id="password policy"
        ),
        pytest.param(
            ("aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock",), listed.PUBLIC_ACCESS_ACTIONS, id="buckets"
        ),
        pytest.param(("aws:ebs/encryptionByDefault:EncryptionByDefault",), listed.EBS_ACTIONS, id="volumes"),
        pytest.param(
            ("aws:ec2/instanceMetadataDefaults:InstanceMetadataDefaults",), listed.METADATA_ACTIONS, id="metadata"
        ),
        pytest.param(("aws:budgets/budget:Budget",), listed.BUDGET_ACTIONS, id="budgets"),
        pytest.param(("aws:account/alternativeContact:AlternativeContact",), listed.CONTACT_ACTIONS, id="contacts"),
        pytest.param(
            ("aws:servicequotas/serviceQuota:ServiceQuota",),
            (*listed.QUOTA_ACTIONS, *listed.QUOTA_REQUEST_ACTIONS),
            id="quotas",
        ),
    ],
)
def test_every_call_of_a_type_is_judged(kinds: tuple[str, ...], actions: tuple[str, ...]) -> None:
    """What the types call is listed as IAM names it, but for what no deployment needs."""
    types = full_catalogue().types
    called = frozenset(_action(call) for kind in kinds for call in all_calls(types[kind]))
    of_inline = frozenset(listed.INLINE_ACTIONS) if kinds != ("aws:iam/rolePolicy:RolePolicy",) else frozenset()
    assert called - listed.NEVER_NEEDED - of_inline == frozenset(actions)


def _action(operation: str) -> str:
    """Return what IAM calls the right to an operation, where that is not its name.

    Source: Service Authorization Reference, the pages of AWS Budget Service, Amazon S3 and Service Quotas.
    """
    service, _, name = operation.partition(":")
    if service == "service-quotas":
        return f"servicequotas:{name}"
    if service == "s3control":
        return f"s3:{'Get' if name.startswith('Get') else 'Put'}AccountPublicAccessBlock"
    if service == "budgets" and "tag" not in name.lower():
        return f"budgets:{'ViewBudget' if name.startswith('Describe') else 'ModifyBudget'}"
    return operation


def test_aws_has_every_action_of_settings() -> None:
    """What IAM calls the rights of settings and quotas is what AWS's reference has."""
    settings = (
        *(*listed.ALIAS_ACTIONS, *listed.PASSWORD_ACTIONS, *listed.PUBLIC_ACCESS_ACTIONS, *listed.EBS_ACTIONS),
        *(*listed.METADATA_ACTIONS, *listed.BUDGET_ACTIONS, *listed.CONTACT_ACTIONS),
        *(*listed.QUOTA_ACTIONS, *listed.QUOTA_REQUEST_ACTIONS),
    )
    assert [each for each in settings if each.partition(":")[2].lower() not in aws_actions().names(_of(each))] == []


def test_aws_has_every_ordinary_action() -> None:
    """No action is made up, or a list of what is allowed would be judged by what nobody allows."""
    made_up = [
        action for action in listed.ORDINARY if action.partition(":")[2].lower() not in aws_actions().names(_of(action))
    ]
    assert made_up == []


def _of(action: str) -> str:
    return action.partition(":")[0]
