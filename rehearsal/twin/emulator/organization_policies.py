"""Policies of an organisation, and their types. moto knows five types, fails at one and takes any document.

Documents of SCPs and RCPs are checked in the gate, by `iam_decision`. Source: AWS Organizations API Reference, the
errors of each operation; User Guide, "Quotas and service limits", and the syntax page of each policy type.
"""

from __future__ import annotations

import json

from rehearsal.twin.emulator.organization import (
    Answer,
    AwsError,
    Model,
    Organization,
    Params,
    invalid,
    page,
    violation,
)
from rehearsal.twin.emulator.organization_quotas import RCP, SCP, characters_quota, policies_quota
from rehearsal.twin.emulator.organization_tags import tags_given
from rehearsal.twin.emulator.organization_units import attach_full_access

_TYPES_OF_MOTO = (SCP, RCP, "TAG_POLICY", "AISERVICES_OPT_OUT_POLICY")
_OUTERMOST = {
    "AISERVICES_OPT_OUT_POLICY": {"services"},
    "BACKUP_POLICY": {"plans"},
    "DECLARATIVE_POLICY_EC2": {"ec2_attributes"},
    "TAG_POLICY": {"tags"},
}
"""What a document of a type may hold at its outermost level; of other types any object is taken."""
NEEDS_SERVICE = {"SECURITYHUB_POLICY": "securityhub.amazonaws.com"}
"""Policy types that want trusted access for a service first."""
_MALFORMED = "The provided policy document does not meet the requirements of the specified policy type."


def create_policy(organization: Organization, params: Params) -> Answer:
    """CreatePolicy."""
    kind = params["Type"]
    _require_available(organization)
    _check_content(organization, kind, params["Content"])
    _refuse_taken_name(organization, params["Name"])
    backend = organization.backend
    if sum(policy.type == kind for policy in backend.policies) >= organization.quota(policies_quota(kind)):
        words = "You have exceeded the maximum number of policies of this type in an organization."
        raise violation("POLICY_NUMBER_LIMIT_EXCEEDED", words)
    tags = tags_given(organization, params)
    policy = _new(organization, kind, params)
    policy.tags = tags
    backend.policies.append(policy)
    return {"Policy": _whole(policy)}


def _new(organization: Organization, kind: str, params: Params) -> Model:
    models = organization.models
    known = kind if kind in _TYPES_OF_MOTO else "TAG_POLICY"
    policy = models.FakePolicy(
        organization.backend.org,
        Name=params["Name"],
        Description=params.get("Description", ""),
        Type=known,
        Content=params["Content"],
    )
    policy.type = kind
    policy._arn_format = f"arn:{{0}}:organizations::{{1}}:policy/{{2}}/{kind.lower()}/{{3}}"
    return policy


def describe_policy(organization: Organization, params: Params) -> Answer:
    """DescribePolicy."""
    return {"Policy": _whole(organization.policy(params["PolicyId"]))}


def update_policy(organization: Organization, params: Params) -> Answer:
    """UpdatePolicy."""
    policy = organization.policy(params["PolicyId"])
    _refuse_of_aws(policy)
    if params.get("Content") is not None:
        _check_content(organization, policy.type, params["Content"])
    if params.get("Name") not in (None, policy.name):
        _refuse_taken_name(organization, params["Name"])
    policy.name = params.get("Name") or policy.name
    policy.content = params.get("Content") or policy.content
    if params.get("Description") is not None:
        policy.description = params["Description"]
    return {"Policy": _whole(policy)}


def delete_policy(organization: Organization, params: Params) -> Answer:
    """DeletePolicy."""
    policy = organization.policy(params["PolicyId"])
    _refuse_of_aws(policy)
    if policy.attachments:
        words = (
            "The policy is attached to one or more entities. You must detach it from all roots, OUs, and accounts "
            "before performing this operation."
        )
        raise AwsError("PolicyInUseException", words)
    organization.backend.policies.remove(policy)
    return {}


def list_policies(organization: Organization, params: Params) -> Answer:
    """ListPolicies."""
    found = [policy for policy in organization.backend.policies if policy.type == params["Filter"]]
    return page("Policies", found, params, summary)


def enable_policy_type(organization: Organization, params: Params) -> Answer:
    """EnablePolicyType: AWS's own policy of the type is then attached everywhere."""
    root, kind = _root(organization, params["RootId"]), params["PolicyType"]
    _require_available(organization)
    if organization.is_enabled(kind):
        raise AwsError("PolicyTypeAlreadyEnabledException", "The specified policy type is already enabled.")
    service = NEEDS_SERVICE.get(kind)
    if service and not any(each["ServicePrincipal"] == service for each in organization.backend.services):
        words = (
            "You attempted to enable a policy type before you enabled service access. "
            "Call the EnableAWSServiceAccess API first."
        )
        raise violation("SERVICE_ACCESS_NOT_ENABLED", words)
    root.policy_types.append({"Type": kind, "Status": "ENABLED"})
    if kind in (SCP, RCP):
        for entity in (*organization.backend.ou, *organization.backend.accounts):
            attach_full_access(organization, entity)
    return {"Root": root.describe()}


def disable_policy_type(organization: Organization, params: Params) -> Answer:
    """DisablePolicyType: what is attached of the type is so no more, AWS's own excepted."""
    root, kind = _root(organization, params["RootId"]), params["PolicyType"]
    if not organization.is_enabled(kind):
        words = "This operation can be performed only for enabled policy types."
        raise AwsError("PolicyTypeNotEnabledException", words)
    root.policy_types.remove({"Type": kind, "Status": "ENABLED"})
    for policy in organization.backend.policies:
        if policy.type == kind and not policy.aws_managed:
            for target in policy.attachments:
                target.attached_policies.remove(policy)
            policy.attachments.clear()
    return {"Root": root.describe()}


def summary(policy: Model) -> Answer:
    """Return a policy as lists show it."""
    found: Answer = _whole(policy)["PolicySummary"]
    return found


def _whole(policy: Model) -> Answer:
    found: Answer = policy.describe()["Policy"]
    return found


def _root(organization: Organization, root_id: str) -> Model:
    if root_id != organization.root.id:
        raise AwsError("RootNotFoundException", "You specified a root that doesn't exist.")
    return organization.root


def _require_available(organization: Organization) -> None:
    if organization.backend.org.feature_set != "ALL":
        words = "You can't use the specified policy type with the feature set currently enabled for this organization."
        raise AwsError("PolicyTypeNotAvailableForOrganizationException", words)


def _refuse_of_aws(policy: Model) -> None:
    if policy.aws_managed:
        raise invalid("IMMUTABLE_POLICY", "You specified a policy that is managed by AWS and can't be modified.")


def _refuse_taken_name(organization: Organization, name: str) -> None:
    if any(policy.name == name for policy in organization.backend.policies):
        raise AwsError("DuplicatePolicyException", "A policy with the same name already exists.")


def _check_content(organization: Organization, kind: str, content: str) -> None:
    if len(content) > organization.quota(characters_quota(kind)):
        raise violation("POLICY_CONTENT_LIMIT_EXCEEDED", "You have exceeded the maximum policy size.")
    if kind in (SCP, RCP):
        return
    try:
        document = json.loads(content)
    except ValueError as error:
        raise AwsError("MalformedPolicyDocumentException", _MALFORMED) from error
    allowed = _OUTERMOST.get(kind)
    if not isinstance(document, dict) or (allowed is not None and not document.keys() <= allowed):
        raise AwsError("MalformedPolicyDocumentException", _MALFORMED)
