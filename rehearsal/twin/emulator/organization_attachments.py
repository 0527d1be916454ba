"""What policies are attached to. moto attaches and detaches whatever it is told to.

Source: AWS Organizations API Reference, "AttachPolicy", "DetachPolicy"; User Guide, "Quotas and service limits".
"""

from __future__ import annotations

from rehearsal.twin.emulator.organization import Answer, AwsError, Organization, Params, invalid, page, violation
from rehearsal.twin.emulator.organization_policies import summary
from rehearsal.twin.emulator.organization_quotas import RCP, SCP, attached_quota


def attach_policy(organization: Organization, params: Params) -> Answer:
    """AttachPolicy."""
    policy, target = organization.policy(params["PolicyId"]), organization.target(params["TargetId"])
    if not organization.is_enabled(policy.type):
        words = "This operation can be performed only for enabled policy types."
        raise AwsError("PolicyTypeNotEnabledException", words)
    if policy in target.attached_policies:
        words = "The selected policy is already attached to the specified target."
        raise AwsError("DuplicatePolicyAttachmentException", words)
    of_type = [each for each in target.attached_policies if each.type == policy.type]
    if len(of_type) >= organization.quota(attached_quota(policy.type)):
        words = "You have attached the maximum number of policies to the specified target."
        raise violation("MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED", words)
    target.attached_policies.append(policy)
    policy.attachments.append(target)
    return {}


def detach_policy(organization: Organization, params: Params) -> Answer:
    """DetachPolicy."""
    policy, target = organization.policy(params["PolicyId"]), organization.target(params["TargetId"])
    if policy not in target.attached_policies:
        raise AwsError("PolicyNotAttachedException", "The policy isn't attached to the specified target.")
    if policy.type == RCP and policy.aws_managed:
        raise invalid("NON_DETACHABLE_POLICY", "You can't detach this AWS Managed Policy.")
    of_type = [each for each in target.attached_policies if each.type == policy.type]
    if policy.type == SCP and len(of_type) == 1:
        words = "You cannot remove the last policy attached to the specified target. You must have at least one."
        raise violation("MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED", words)
    target.attached_policies.remove(policy)
    policy.attachments.remove(target)
    return {}


def list_policies_for_target(organization: Organization, params: Params) -> Answer:
    """ListPoliciesForTarget."""
    target = organization.target(params["TargetId"])
    found = [policy for policy in target.attached_policies if policy.type == params["Filter"]]
    return page("Policies", found, params, summary)


def list_targets_for_policy(organization: Organization, params: Params) -> Answer:
    """ListTargetsForPolicy."""
    policy = organization.policy(params["PolicyId"])
    return page(
        "Targets",
        policy.attachments,
        params,
        lambda each: {"TargetId": each.id, "Arn": each.arn, "Name": each.name, "Type": each.type},
    )
