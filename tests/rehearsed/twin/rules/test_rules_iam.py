"""What IAM refuses to delete while it is used, to name twice, to make too large; its service-linked roles."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest

from tests.rehearsed.twin.rules.rule_scene import allow, trusted
from tests.support.twin_fixtures import MANAGEMENT, TwinAws, document, refused

Client = Any
"""A client of boto3, which has no types."""

ROOT = {"AWS": f"arn:aws:iam::{MANAGEMENT}:root"}
TRUST = trusted(ROOT)
ANYTHING = document(allow("sqs:ListQueues"))


@pytest.fixture(scope="module")
def iam(aws: TwinAws, organization: str) -> Client:
    """Return the IAM of an account of this file's own."""
    assert organization
    made = aws.client("organizations").create_account(Email="rules-of-iam@example.com", AccountName="rules-of-iam")
    return aws.client("iam", aws.into(str(made["CreateAccountStatus"]["AccountId"])))


@pytest.fixture
def name(numbers: Iterator[int]) -> str:
    """Return a name that nothing has yet."""
    return f"Named-{next(numbers)}"


@pytest.fixture
def role(iam: Client, name: str) -> str:
    """Make a role; return its name."""
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
    return name


def _policy(iam: Client, name: str, text: str = ANYTHING) -> str:
    return str(iam.create_policy(PolicyName=name, PolicyDocument=text)["Policy"]["Arn"])


def _of_size(size: int) -> str:
    """Return an identity policy of exactly this many characters that are no white space, and some that are."""
    empty = json.dumps({"Version": "2012-10-17", "Statement": [allow("sqs:ListQueues", Sid="")]}, indent=1)
    used = sum(not character.isspace() for character in empty)
    return empty.replace('"Sid": ""', f'"Sid": "{"x" * (size - used)}"')


def test_an_attached_policy_stays(iam: Client, role: str, name: str) -> None:
    """A managed policy that is attached to anybody cannot be deleted.

    IAM API Reference, "DeletePolicy": detach it first; DeleteConflict.
    """
    arn = _policy(iam, name)
    iam.attach_role_policy(RoleName=role, PolicyArn=arn)
    with refused("DeleteConflict") as refusal:
        iam.delete_policy(PolicyArn=arn)
    assert (refusal.status, refusal.message) == (409, "Cannot delete a policy attached to entities.")
    iam.detach_role_policy(RoleName=role, PolicyArn=arn)
    iam.delete_policy(PolicyArn=arn)


def test_a_boundary_stays(iam: Client, role: str, name: str) -> None:
    """A policy that is somebody's permissions boundary cannot be deleted.

    IAM API Reference, "DeletePolicy"; IAM User Guide, "Permissions boundaries for IAM entities".
    """
    arn = _policy(iam, name)
    iam.put_role_permissions_boundary(RoleName=role, PermissionsBoundary=arn)
    with refused("DeleteConflict"):
        iam.delete_policy(PolicyArn=arn)
    iam.delete_role_permissions_boundary(RoleName=role)
    iam.delete_policy(PolicyArn=arn)


def test_old_versions_go_first(iam: Client, name: str) -> None:
    """A managed policy with more versions than its default cannot be deleted, nor the default version.

    IAM API Reference, "DeletePolicy", "DeletePolicyVersion".
    """
    arn = _policy(iam, name)
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=ANYTHING, SetAsDefault=True)
    with refused("DeleteConflict"):
        iam.delete_policy(PolicyArn=arn)
    with refused("DeleteConflict"):
        iam.delete_policy_version(PolicyArn=arn, VersionId="v2")
    iam.delete_policy_version(PolicyArn=arn, VersionId="v1")
    iam.delete_policy(PolicyArn=arn)


def test_a_sixth_version_is_refused(iam: Client, name: str) -> None:
    """A managed policy has five versions at most.

    IAM User Guide, "IAM and AWS STS quotas", versions of a managed policy that can be stored.
    """
    arn = _policy(iam, name)
    for _ in range(4):
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=ANYTHING)
    with refused("LimitExceeded"):
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=ANYTHING)


def test_a_group_with_anything_stays(iam: Client, name: str) -> None:
    """A group with members, attached or inline policies cannot be deleted.

    IAM API Reference, "DeleteGroup": the group must not contain any users or have any attached policies.
    """
    iam.create_group(GroupName=name)
    iam.create_user(UserName=name)
    iam.add_user_to_group(GroupName=name, UserName=name)
    with refused("DeleteConflict") as refusal:
        iam.delete_group(GroupName=name)
    assert refusal.message == "Cannot delete entity, must remove users from group first."
    iam.remove_user_from_group(GroupName=name, UserName=name)
    arn = _policy(iam, name)
    iam.attach_group_policy(GroupName=name, PolicyArn=arn)
    with refused("DeleteConflict"):
        iam.delete_group(GroupName=name)
    iam.detach_group_policy(GroupName=name, PolicyArn=arn)
    iam.put_group_policy(GroupName=name, PolicyName="inline", PolicyDocument=ANYTHING)
    with refused("DeleteConflict"):
        iam.delete_group(GroupName=name)
    iam.delete_group_policy(GroupName=name, PolicyName="inline")
    iam.delete_group(GroupName=name)


@pytest.mark.parametrize(
    ("hold", "let_go", "words"),
    [
        (
            lambda iam, name: iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=ANYTHING),
            lambda iam, name: iam.delete_role_policy(RoleName=name, PolicyName="p"),
            "must delete policies first",
        ),
        (
            lambda iam, name: iam.attach_role_policy(RoleName=name, PolicyArn=_policy(iam, name)),
            lambda iam, name: iam.detach_role_policy(
                RoleName=name,
                PolicyArn=iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"][0]["PolicyArn"],
            ),
            "must detach all policies first",
        ),
        (
            lambda iam, name: (
                iam.create_instance_profile(InstanceProfileName=name),
                iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name),
            ),
            lambda iam, name: iam.remove_role_from_instance_profile(InstanceProfileName=name, RoleName=name),
            "must remove roles from instance profile first",
        ),
    ],
    ids=["inline", "attached", "instance profile"],
)
def test_a_role_with_anything_stays(
    iam: Client, role: str, hold: Callable[..., object], let_go: Callable[..., object], words: str
) -> None:
    """A role with policies or in an instance profile cannot be deleted.

    IAM API Reference, "DeleteRole"; IAM User Guide, "Delete roles or instance profiles".
    """
    hold(iam, role)
    with refused("DeleteConflict") as refusal:
        iam.delete_role(RoleName=role)
    assert words in refusal.message
    let_go(iam, role)
    iam.delete_role(RoleName=role)


def test_a_user_with_keys_or_groups_stays(iam: Client, name: str) -> None:
    """A user with access keys, groups, a password or policies cannot be deleted.

    IAM API Reference, "DeleteUser": these items have to be deleted first.
    """
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"]
    with refused("DeleteConflict"):
        iam.delete_user(UserName=name)
    iam.delete_access_key(UserName=name, AccessKeyId=key)
    iam.create_group(GroupName=name)
    iam.add_user_to_group(GroupName=name, UserName=name)
    with refused("DeleteConflict"):
        iam.delete_user(UserName=name)
    iam.remove_user_from_group(GroupName=name, UserName=name)
    iam.create_login_profile(UserName=name, Password="long-Enough-1!")
    with refused("DeleteConflict"):
        iam.delete_user(UserName=name)
    iam.delete_login_profile(UserName=name)
    iam.delete_user(UserName=name)


def test_a_second_password_is_refused(iam: Client, name: str) -> None:
    """A user has one login profile.

    IAM API Reference, "CreateLoginProfile", EntityAlreadyExists.
    """
    iam.create_user(UserName=name)
    iam.create_login_profile(UserName=name, Password="long-Enough-1!")
    with refused("EntityAlreadyExists"):
        iam.create_login_profile(UserName=name, Password="other-Enough-1!")


@pytest.mark.parametrize(
    ("create", "parameters"),
    [
        ("create_role", lambda name: {"RoleName": name, "AssumeRolePolicyDocument": TRUST}),
        ("create_user", lambda name: {"UserName": name}),
        ("create_group", lambda name: {"GroupName": name}),
        ("create_policy", lambda name: {"PolicyName": name, "PolicyDocument": ANYTHING}),
        ("create_instance_profile", lambda name: {"InstanceProfileName": name}),
    ],
)
def test_names_are_unique_whatever_their_case(
    iam: Client, name: str, create: str, parameters: Callable[[str], dict[str, str]]
) -> None:
    """Two roles, users, groups, policies or instance profiles cannot have names that differ in case alone.

    IAM User Guide, "IAM and AWS STS quotas", "IAM name requirements".
    """
    getattr(iam, create)(**parameters(name))
    with refused("EntityAlreadyExists") as refusal:
        getattr(iam, create)(**parameters(name.upper()))
    assert (refusal.status, name.upper() in refusal.message) == (409, True)


def test_an_identity_provider_is_known_once(iam: Client) -> None:
    """An account has one OIDC provider for a URL.

    IAM API Reference, "CreateOpenIDConnectProvider", EntityAlreadyExists.
    """
    given = {"Url": "https://issuer.example.com/once", "ClientIDList": ["sts.amazonaws.com"]}
    iam.create_open_id_connect_provider(**given)
    with refused("EntityAlreadyExists"):
        iam.create_open_id_connect_provider(**given)


def test_a_providers_clients_can_be_changed(iam: Client) -> None:
    """An OIDC provider's client ids can be added and removed, again and again without an error.

    IAM API Reference, "AddClientIDToOpenIDConnectProvider", "RemoveClientIDFromOpenIDConnectProvider".
    """
    given = {"Url": "https://issuer.example.com/clients", "ClientIDList": ["one"]}
    arn = iam.create_open_id_connect_provider(**given)["OpenIDConnectProviderArn"]
    for _ in range(2):
        iam.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=arn, ClientID="two")
    assert iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)["ClientIDList"] == ["one", "two"]
    for _ in range(2):
        iam.remove_client_id_from_open_id_connect_provider(OpenIDConnectProviderArn=arn, ClientID="one")
    assert iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)["ClientIDList"] == ["two"]


@pytest.mark.parametrize(("kind", "limit"), [("role", 10240), ("user", 2048), ("group", 5120)])
def test_inline_policies_have_a_size_together(iam: Client, name: str, kind: str, limit: int) -> None:
    """All inline policies of an entity together have a largest size; white space is not counted.

    IAM User Guide, "IAM and AWS STS quotas", "IAM and STS character limits".
    """
    trust = {"AssumeRolePolicyDocument": TRUST} if kind == "role" else {}
    named = {f"{kind.capitalize()}Name": name}
    getattr(iam, f"create_{kind}")(**named, **trust)
    put = getattr(iam, f"put_{kind}_policy")
    put(**named, PolicyName="one", PolicyDocument=_of_size(limit - 200))
    put(**named, PolicyName="two", PolicyDocument=_of_size(200))
    with refused("LimitExceeded") as refusal:
        put(**named, PolicyName="two", PolicyDocument=_of_size(201))
    assert refusal.message == f"Maximum policy size of {limit} bytes exceeded for {kind} {name}"
    assert refusal.status == 409


def test_a_managed_policy_has_a_size(iam: Client, name: str) -> None:
    """A managed policy measures 6,144 characters at most, white space not counted.

    IAM User Guide, "IAM and AWS STS quotas", "IAM and STS character limits".
    """
    arn = _policy(iam, name, _of_size(6144))
    with refused("LimitExceeded") as refusal:
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=_of_size(6145))
    assert refusal.message == "Cannot exceed quota for PolicySize: 6144"


def test_a_trust_policy_has_a_size(iam: Client, role: str) -> None:
    """A role's trust policy measures 2,048 characters at most unless the quota was raised.

    IAM User Guide, "IAM and AWS STS quotas", "Role trust policy length".
    """
    long = trusted(ROOT, Sid="x" * 2048)
    with refused("LimitExceeded") as refusal:
        iam.update_assume_role_policy(RoleName=role, PolicyDocument=long)
    assert refusal.message == "Cannot exceed quota for ACLSizePerRole: 2048"


def test_an_eleventh_policy_is_refused(iam: Client, role: str, name: str) -> None:
    """Ten managed policies can be attached to a role; attaching one again changes nothing.

    IAM User Guide, "IAM and AWS STS quotas", managed policies per role.
    """
    arns = [_policy(iam, f"{name}-{number}") for number in range(11)]
    for arn in arns[:10]:
        iam.attach_role_policy(RoleName=role, PolicyArn=arn)
    iam.attach_role_policy(RoleName=role, PolicyArn=arns[0])
    with refused("LimitExceeded") as refusal:
        iam.attach_role_policy(RoleName=role, PolicyArn=arns[10])
    assert refusal.message == "Cannot exceed quota for PoliciesPerRole: 10"


def test_an_eleventh_group_is_refused(iam: Client, name: str) -> None:
    """A user is in ten groups at most.

    IAM User Guide, "IAM and AWS STS quotas", IAM groups an IAM user can be a member of.
    """
    iam.create_user(UserName=name)
    for number in range(11):
        iam.create_group(GroupName=f"{name}-{number}")
    for number in range(10):
        iam.add_user_to_group(GroupName=f"{name}-{number}", UserName=name)
    with refused("LimitExceeded"):
        iam.add_user_to_group(GroupName=f"{name}-10", UserName=name)


def test_a_third_access_key_is_refused(iam: Client, name: str) -> None:
    """A user has two access keys at most.

    IAM User Guide, "IAM and AWS STS quotas", access keys assigned to an IAM user.
    """
    iam.create_user(UserName=name)
    for _ in range(2):
        iam.create_access_key(UserName=name)
    with refused("LimitExceeded"):
        iam.create_access_key(UserName=name)


def test_a_boundary_has_to_exist(iam: Client, role: str, name: str) -> None:
    """A permissions boundary is a policy that there is.

    IAM API Reference, "PutRolePermissionsBoundary", "CreateRole", NoSuchEntity.
    """
    arn = f"arn:aws:iam::{MANAGEMENT}:policy/nowhere"
    with refused("NoSuchEntity"):
        iam.put_role_permissions_boundary(RoleName=role, PermissionsBoundary=arn)
    with refused("NoSuchEntity"):
        iam.create_role(RoleName=f"{name}-new", AssumeRolePolicyDocument=TRUST, PermissionsBoundary=arn)


@pytest.mark.parametrize(
    ("service", "named"),
    [
        ("guardduty", "AWSServiceRoleForAmazonGuardDuty"),
        ("malware-protection.guardduty", "AWSServiceRoleForAmazonGuardDutyMalwareProtection"),
        ("member.org.stacksets.cloudformation", "AWSServiceRoleForCloudFormationStackSetsOrgMember"),
        ("access-analyzer", "AWSServiceRoleForAccessAnalyzer"),
    ],
)
def test_service_linked_roles_have_their_names(iam: Client, service: str, named: str) -> None:
    """A service-linked role has the name its service gives it, can be made once, and is changed by AWS alone.

    IAM User Guide, "Create a service-linked role"; Amazon GuardDuty User Guide, "Using service-linked roles".
    """
    principal = f"{service}.amazonaws.com"
    role = iam.create_service_linked_role(AWSServiceName=principal)["Role"]
    assert (role["RoleName"], role["Path"]) == (named, f"/aws-service-role/{principal}/")
    assert iam.get_role(RoleName=named)["Role"]["Arn"] == role["Arn"]
    with refused("InvalidInput"):
        iam.create_service_linked_role(AWSServiceName=principal)
    with refused("UnmodifiableEntity"):
        iam.put_role_policy(RoleName=named, PolicyName="more", PolicyDocument=ANYTHING)
    with refused("UnmodifiableEntity"):
        iam.delete_role(RoleName=named)
    iam.delete_service_linked_role(RoleName=named)
    with refused("NoSuchEntity"):
        iam.get_role(RoleName=named)


def test_a_device_in_use_stays(iam: Client, name: str) -> None:
    """A virtual MFA device that is switched on for somebody cannot be deleted.

    IAM API Reference, "DeleteVirtualMFADevice": deactivate it first; DeleteConflict.
    """
    made = iam.create_virtual_mfa_device(VirtualMFADeviceName=name)["VirtualMFADevice"]
    codes, now = pyotp.TOTP(made["Base32StringSeed"].decode()), datetime.now(UTC)
    iam.create_user(UserName=name)
    iam.enable_mfa_device(
        UserName=name,
        SerialNumber=made["SerialNumber"],
        AuthenticationCode1=codes.at(now - timedelta(seconds=30)),
        AuthenticationCode2=codes.at(now),
    )
    with refused("DeleteConflict"):
        iam.delete_virtual_mfa_device(SerialNumber=made["SerialNumber"])
    iam.deactivate_mfa_device(UserName=name, SerialNumber=made["SerialNumber"])
    iam.delete_virtual_mfa_device(SerialNumber=made["SerialNumber"])


def test_a_new_account_has_no_password_policy(iam: Client) -> None:
    """A new account has no password policy of its own and no alias.

    IAM API Reference, "GetAccountPasswordPolicy", NoSuchEntity; "ListAccountAliases".
    """
    with refused("NoSuchEntity"):
        iam.get_account_password_policy()
    assert iam.list_account_aliases()["AccountAliases"] == []


def test_the_credential_report_begins_with_the_root_user(iam: Client, name: str) -> None:
    """A credential report is made first, and names the root user before all others.

    IAM User Guide, "Generate credential reports for your AWS account".
    """
    iam.create_user(UserName=name)
    iam.generate_credential_report()
    rows = list(csv.DictReader(iam.get_credential_report()["Content"].decode().splitlines()))
    assert rows[0]["user"] == "<root_account>"
    assert (rows[0]["arn"][-5:], rows[0]["access_key_1_active"], rows[0]["cert_2_active"]) == (
        ":root",
        "false",
        "false",
    )
    assert name in [row["user"] for row in rows[1:]]
