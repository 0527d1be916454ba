"""Rules of AWS Organizations about policies, their types, and what they are attached to."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.organization_fixtures import RCP, SCP, Organized, Settings
from tests.support.twin_fixtures import TwinAws, document, refused

EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}
CONTENTS: dict[str, dict[str, Any]] = {
    "TAG_POLICY": {"tags": {"team": {"tag_key": {"@@assign": "Team"}}}},
    "BACKUP_POLICY": {"plans": {"daily": {"regions": {"@@assign": ["eu-west-1"]}}}},
    "AISERVICES_OPT_OUT_POLICY": {"services": {"default": {"opt_out_policy": {"@@assign": "optOut"}}}},
    "CHATBOT_POLICY": {"chatbot": {"platforms": {"slack": {"client": {"@@assign": "disabled"}}}}},
    "DECLARATIVE_POLICY_EC2": {"ec2_attributes": {"serial_console_access": {"status": {"@@assign": "disabled"}}}},
}


@pytest.fixture
def both(org: Organized) -> Organized:
    """Return the organisation with SCPs and RCPs enabled."""
    org.enable(SCP)
    org.enable(RCP)
    return org


@pytest.mark.parametrize("kind", [SCP, RCP])
def test_attaching_twice_is_refused(both: Organized, account: str, kind: str) -> None:
    """A policy is attached to a target once. Source: API Reference, "AttachPolicy": DuplicatePolicyAttachment."""
    policy = both.policy(kind)
    both.client.attach_policy(PolicyId=policy, TargetId=account)
    with refused("DuplicatePolicyAttachmentException"):
        both.client.attach_policy(PolicyId=policy, TargetId=account)


@pytest.mark.parametrize(("kind", "most"), [(SCP, 10), (RCP, 5)])
def test_a_target_takes_so_many_policies(both: Organized, account: str, kind: str, most: int) -> None:
    """A target takes ten SCPs, five RCPs, AWS's own among them.

    Source: User Guide, "Quotas"; ConstraintViolationException MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED.
    """
    for _ in range(most - 1):
        both.client.attach_policy(PolicyId=both.policy(kind), TargetId=account)
    with refused("ConstraintViolationException") as found:
        both.client.attach_policy(PolicyId=both.policy(kind), TargetId=account)
    assert found.reason == "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED"


def test_what_is_not_there_is_not_attached(both: Organized, account: str) -> None:
    """Policy and target exist. Source: API Reference, "AttachPolicy": PolicyNotFound, TargetNotFound."""
    with refused("PolicyNotFoundException"):
        both.client.attach_policy(PolicyId="p-00000000", TargetId=account)
    with refused("TargetNotFoundException"):
        both.client.attach_policy(PolicyId=both.policy(), TargetId="000000000000")
    with refused("InvalidInputException") as found:
        both.client.attach_policy(PolicyId=both.policy(), TargetId="nobody")
    assert found.reason == "INVALID_PATTERN_TARGET_ID"


def test_what_is_not_attached_is_not_detached(both: Organized, account: str) -> None:
    """Detaching needs an attachment. Source: API Reference, "DetachPolicy": PolicyNotAttached."""
    with refused("PolicyNotAttachedException"):
        both.client.detach_policy(PolicyId=both.policy(), TargetId=account)


def test_the_last_scp_stays(both: Organized, account: str) -> None:
    """Every target keeps one SCP, of AWS or one's own. Source: MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED."""
    with refused("ConstraintViolationException") as found:
        both.client.detach_policy(PolicyId="p-FullAWSAccess", TargetId=account)
    assert found.reason == "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED"
    both.client.attach_policy(PolicyId=both.policy(content=document(EVERYTHING)), TargetId=account)
    both.client.detach_policy(PolicyId="p-FullAWSAccess", TargetId=account)


def test_the_rcp_of_aws_is_never_detached(both: Organized, account: str) -> None:
    """RCPFullAWSAccess stays. Source: API Reference, InvalidInputException NON_DETACHABLE_POLICY."""
    with refused("InvalidInputException") as found:
        both.client.detach_policy(PolicyId="p-RCPFullAWSAccess", TargetId=account)
    assert found.reason == "NON_DETACHABLE_POLICY"


def test_policies_of_aws_do_not_change(org: Organized) -> None:
    """FullAWSAccess is neither changed nor deleted, and is in no account's name.

    Source: InvalidInputException IMMUTABLE_POLICY; Service Authorization Reference, `awspolicy`.
    """
    with refused("InvalidInputException") as found:
        org.client.update_policy(PolicyId="p-FullAWSAccess", Description="mine")
    assert found.reason == "IMMUTABLE_POLICY"
    with refused("InvalidInputException"):
        org.client.delete_policy(PolicyId="p-FullAWSAccess")
    arn = org.client.describe_policy(PolicyId="p-FullAWSAccess")["Policy"]["PolicySummary"]["Arn"]
    assert arn == "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess"


def test_what_is_attached_is_not_deleted(both: Organized, account: str) -> None:
    """A policy in use stays. Source: API Reference, "DeletePolicy": PolicyInUse."""
    policy = both.policy()
    both.client.attach_policy(PolicyId=policy, TargetId=account)
    with refused("PolicyInUseException"):
        both.client.delete_policy(PolicyId=policy)
    both.client.detach_policy(PolicyId=policy, TargetId=account)
    both.client.delete_policy(PolicyId=policy)
    with refused("PolicyNotFoundException"):
        both.client.describe_policy(PolicyId=policy)


def test_names_are_of_one_policy(org: Organized) -> None:
    """A policy's name is its own, made or changed. Source: "CreatePolicy", "UpdatePolicy": DuplicatePolicy."""
    name = org.name()
    org.policy(Name=name)
    with refused("DuplicatePolicyException"):
        org.policy(Name=name)
    with refused("DuplicatePolicyException"):
        org.client.update_policy(PolicyId=org.policy(), Name=name)


@pytest.mark.parametrize(("kind", "most"), [(SCP, 10_240), (RCP, 5120), ("TAG_POLICY", 10_000)])
def test_large_policies_are_refused(org: Organized, kind: str, most: int) -> None:
    """A policy has so many characters, white space included. Source: "Quotas"; POLICY_CONTENT_LIMIT_EXCEEDED."""
    policy = org.policy(kind, json.dumps(CONTENTS[kind]) if kind in CONTENTS else "")
    content = org.client.describe_policy(PolicyId=policy)["Policy"]["Content"]
    org.client.update_policy(PolicyId=policy, Content=content.ljust(most))
    with refused("ConstraintViolationException") as found:
        org.client.update_policy(PolicyId=policy, Content=content.ljust(most + 1))
    assert found.reason == "POLICY_CONTENT_LIMIT_EXCEEDED"


def test_sizes_are_a_quota(org: Organized, settings: Settings) -> None:
    """The size of a policy can be set, as AWS has changed it before."""
    settings(quotas={"service_control_policy_characters": 50})
    with refused("ConstraintViolationException") as found:
        org.policy()
    assert found.reason == "POLICY_CONTENT_LIMIT_EXCEEDED"


def test_policies_have_a_quota(org: Organized, settings: Settings) -> None:
    """There are so many policies of a type. Source: User Guide, "Quotas"; POLICY_NUMBER_LIMIT_EXCEEDED."""
    settings(quotas={"service_control_policies": 1})
    with refused("ConstraintViolationException") as found:
        org.policy()
    assert found.reason == "POLICY_NUMBER_LIMIT_EXCEEDED"


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        (SCP, "{"),
        (SCP, document({**EVERYTHING, "Principal": "*"})),
        (RCP, document(EVERYTHING)),
        ("TAG_POLICY", "[]"),
        ("TAG_POLICY", "not JSON"),
        ("BACKUP_POLICY", json.dumps(CONTENTS["TAG_POLICY"])),
    ],
)
def test_malformed_policies_are_refused(org: Organized, kind: str, content: str) -> None:
    """A document is one of its type. Source: API Reference, "CreatePolicy": MalformedPolicyDocument."""
    with refused("MalformedPolicyDocumentException"):
        org.policy(kind, content)


def test_types_are_enabled_before_they_are_attached(both: Organized, account: str) -> None:
    """A policy is attached where its type is enabled, and to nothing once it is disabled.

    Source: API Reference, "AttachPolicy", "EnablePolicyType", "DisablePolicyType": PolicyTypeNotEnabled and -Already.
    """
    policy = both.policy(RCP)
    both.client.attach_policy(PolicyId=policy, TargetId=account)
    with refused("PolicyTypeAlreadyEnabledException"):
        both.client.enable_policy_type(RootId=both.root, PolicyType=RCP)
    both.client.disable_policy_type(RootId=both.root, PolicyType=RCP)
    assert both.client.list_targets_for_policy(PolicyId=policy)["Targets"] == []
    with refused("PolicyTypeNotEnabledException"):
        both.client.attach_policy(PolicyId=policy, TargetId=account)
    with refused("PolicyTypeNotEnabledException"):
        both.client.disable_policy_type(RootId=both.root, PolicyType=RCP)
    with refused("RootNotFoundException"):
        both.client.enable_policy_type(RootId="r-0000", PolicyType=RCP)


def test_unknown_types_are_refused(org: Organized) -> None:
    """A type that AWS has not is named as such. Source: InvalidInputException INVALID_ENUM_POLICY_TYPE."""
    with refused("InvalidInputException") as found:
        org.client.enable_policy_type(RootId=org.root, PolicyType="WISH_POLICY")
    assert found.reason == "INVALID_ENUM_POLICY_TYPE"
    with refused("InvalidInputException") as plain:  # an SCP has no effective policy
        org.client.describe_effective_policy(PolicyType=SCP)
    assert plain.reason == "INVALID_ENUM_POLICY_TYPE"


@pytest.mark.parametrize("kind", list(CONTENTS))
def test_management_policies_live_and_end(org: Organized, account: str, kind: str) -> None:
    """A policy of every type is made, attached, read, detached, deleted. Source: "Managing organization policies"."""
    org.enable(kind)
    policy = org.policy(kind, json.dumps(CONTENTS[kind]))
    org.client.attach_policy(PolicyId=policy, TargetId=account)
    found = org.client.list_policies_for_target(TargetId=account, Filter=kind)["Policies"]
    assert [(each["Id"], each["Arn"].split("/")[-2]) for each in found] == [(policy, kind.lower())]
    effective = org.client.describe_effective_policy(PolicyType=kind, TargetId=account)["EffectivePolicy"]
    assert json.loads(effective["PolicyContent"]).keys() == CONTENTS[kind].keys()
    org.client.detach_policy(PolicyId=policy, TargetId=account)
    org.client.delete_policy(PolicyId=policy)
    with refused("EffectivePolicyNotFoundException"):
        org.client.describe_effective_policy(PolicyType=kind, TargetId=account)


def test_a_type_may_want_trusted_access(org: Organized) -> None:
    """Security Hub's policies want trusted access first, and keep it while enabled.

    Source: ConstraintViolationException SERVICE_ACCESS_NOT_ENABLED, POLICY_TYPE_ENABLED_FOR_THIS_SERVICE.
    """
    kind, service = "SECURITYHUB_POLICY", "securityhub.amazonaws.com"
    org.client.disable_aws_service_access(ServicePrincipal=service)
    with refused("ConstraintViolationException") as found:
        org.client.enable_policy_type(RootId=org.root, PolicyType=kind)
    assert found.reason == "SERVICE_ACCESS_NOT_ENABLED"
    org.client.enable_aws_service_access(ServicePrincipal=service)
    org.client.enable_policy_type(RootId=org.root, PolicyType=kind)
    with refused("ConstraintViolationException") as found:
        org.client.disable_aws_service_access(ServicePrincipal=service)
    assert found.reason == "POLICY_TYPE_ENABLED_FOR_THIS_SERVICE"
    org.client.disable_policy_type(RootId=org.root, PolicyType=kind)


def test_effective_policies_are_inherited(org: Organized, account: str, aws: TwinAws) -> None:
    """What is below changes what is above by the operators that are allowed it, for the account to read.

    Source: User Guide, "Understanding management policy inheritance", "Inheritance operators".
    """
    org.enable("TAG_POLICY")
    unit = org.unit()
    org.client.move_account(AccountId=account, SourceParentId=org.root, DestinationParentId=unit)
    only_append = {"@@operators_allowed_for_child_policies": ["@@append"]}
    above = {
        "tags": {
            "cost": {"tag_key": {"@@assign": "Cost"}, "tag_value": {**only_append, "@@assign": ["100"]}},
            "team": {"tag_value": {"@@assign": ["a", "b"]}},
        }
    }
    below = {"tags": {"cost": {"tag_value": {"@@append": ["200"]}}, "team": {"tag_value": {"@@remove": ["a"]}}}}
    last = {"tags": {"cost": {"tag_value": {"@@assign": ["300"]}}}}
    for content, target in ((above, unit), (below, account), (last, account)):
        org.client.attach_policy(PolicyId=org.policy("TAG_POLICY", json.dumps(content)), TargetId=target)
    own = aws.client("organizations", aws.into(account)).describe_effective_policy(PolicyType="TAG_POLICY")
    assert json.loads(own["EffectivePolicy"]["PolicyContent"]) == {
        "tags": {"cost": {"tag_key": "Cost", "tag_value": ["100", "200"]}, "team": {"tag_value": ["b"]}}
    }
