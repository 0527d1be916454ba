"""Rules of AWS Organizations about who may call it: members, delegated administrators, whom a policy lets in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from rehearsal.twin.client import last_denials
from rehearsal.twin.run_file import TwinRun
from tests.support.organization_fixtures import DENIED, SCP, NewAccount, Organized
from tests.support.twin_fixtures import MANAGEMENT, Keys, TwinAws, document, refused

SERVICE = "config.amazonaws.com"
NO_PERMISSION = "You don't have permissions to access this resource."


@pytest.fixture
def member(aws: TwinAws, account: str) -> Any:
    """Return Organizations as the administrator of a member account."""
    return aws.client("organizations", aws.into(account))


@pytest.fixture
def trusted(org: Organized) -> Organized:
    """Return the organisation with trusted access for one service."""
    org.client.enable_aws_service_access(ServicePrincipal=SERVICE)
    return org


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("list_accounts", {}),
        ("list_roots", {}),
        ("describe_account", {"AccountId": MANAGEMENT}),
        ("list_policies", {"Filter": SCP}),
        ("list_delegated_administrators", {}),
        ("create_organizational_unit", {"ParentId": "r-0000", "Name": "mine"}),
        ("close_account", {"AccountId": MANAGEMENT}),
    ],
)
def test_members_see_little(member: Any, operation: str, arguments: dict[str, str]) -> None:
    """A member account may do nothing that is the management account's, whatever its policies allow.

    Source: API Reference, each operation: "You can only call this operation from the management account".
    """
    with refused("AccessDeniedException") as found:
        getattr(member, operation)(**arguments)
    assert found.message == NO_PERMISSION


def test_why_members_see_little_is_kept(member: Any, twin: TwinRun) -> None:
    """AWS does not say why; the twin's own record does."""
    with refused("AccessDeniedException"):
        member.list_accounts()
    assert last_denials(twin, 1)[0]["reason"].startswith("only the management account may call this")


def test_members_see_little_with_the_gate_off(member: Any, gate_off: Callable[[], object]) -> None:
    """What no policy decides holds without the gate as well. Source: as above."""
    gate_off()
    with refused("AccessDeniedException") as found:
        member.list_accounts()
    assert found.message == NO_PERMISSION


def test_members_see_their_organisation(member: Any, organization: str) -> None:
    """Every account can ask what it is in. Source: API Reference, "DescribeOrganization"."""
    assert member.describe_organization()["Organization"]["Id"] == organization
    with refused("AlreadyInOrganizationException"):
        member.create_organization(FeatureSet="ALL")


def test_delegated_administrators_read(trusted: Organized, member: Any, account: str) -> None:
    """A delegated administrator of any service reads what the management account reads, and changes nothing.

    Source: API Reference, "RegisterDelegatedAdministrator": read-only access to Organizations.
    """
    trusted.client.register_delegated_administrator(AccountId=account, ServicePrincipal=SERVICE)
    assert account in {each["Id"] for each in member.list_delegated_administrators()["DelegatedAdministrators"]}
    assert member.describe_account(AccountId=MANAGEMENT)["Account"]["Id"] == MANAGEMENT
    with refused("AccessDeniedException") as found:
        member.create_policy(Name="mine", Description="", Type=SCP, Content=document(DENIED))
    assert found.message == NO_PERMISSION
    trusted.client.deregister_delegated_administrator(AccountId=account, ServicePrincipal=SERVICE)
    with refused("AccessDeniedException"):
        member.list_roots()


def test_a_service_is_delegated_to_a_member_once(trusted: Organized, account: str) -> None:
    """Registering again is refused, and so is taking away what is not there.

    Source: API Reference: AccountAlreadyRegistered, AccountNotRegistered, AccountNotFound.
    """
    register = trusted.client.register_delegated_administrator
    with refused("AccountNotRegisteredException"):
        trusted.client.deregister_delegated_administrator(AccountId=account, ServicePrincipal=SERVICE)
    with refused("AccountNotRegisteredException"):
        trusted.client.list_delegated_services_for_account(AccountId=account)
    register(AccountId=account, ServicePrincipal=SERVICE)
    with refused("AccountAlreadyRegisteredException"):
        register(AccountId=account, ServicePrincipal=SERVICE)
    with refused("AccountNotFoundException"):
        register(AccountId="000000000000", ServicePrincipal=SERVICE)
    with refused("ConstraintViolationException") as found:
        register(AccountId=MANAGEMENT, ServicePrincipal=SERVICE)
    assert found.reason == "CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR"


def test_trust_comes_before_delegation(org: Organized, account: str) -> None:
    """A service is trusted before it is delegated, and has to be one that can be.

    Source: ConstraintViolationException SERVICE_ACCESS_NOT_ENABLED; UNRECOGNIZED_SERVICE_PRINCIPAL.
    """
    with refused("ConstraintViolationException") as found:
        org.client.register_delegated_administrator(AccountId=account, ServicePrincipal="macie.amazonaws.com")
    assert found.reason == "SERVICE_ACCESS_NOT_ENABLED"
    with refused("InvalidInputException") as unknown:
        org.client.enable_aws_service_access(ServicePrincipal="wishes.amazonaws.com")
    assert unknown.reason == "UNRECOGNIZED_SERVICE_PRINCIPAL"
    with refused("InvalidInputException"):
        org.client.disable_aws_service_access(ServicePrincipal="wishes.amazonaws.com")
    with refused("InvalidInputException"):
        org.client.register_delegated_administrator(AccountId=account, ServicePrincipal="ram.amazonaws.com")


def test_closed_accounts_are_not_delegated_to(trusted: Organized, account: str) -> None:
    """Source: ConstraintViolationException CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR."""
    trusted.client.close_account(AccountId=account)
    with refused("ConstraintViolationException") as found:
        trusted.client.register_delegated_administrator(AccountId=account, ServicePrincipal=SERVICE)
    assert found.reason == "CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR"


def test_delegated_administrators_do_not_go(trusted: Organized, account: str) -> None:
    """Source: ConstraintViolationException CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG."""
    trusted.client.register_delegated_administrator(AccountId=account, ServicePrincipal=SERVICE)
    with refused("ConstraintViolationException") as found:
        trusted.client.remove_account_from_organization(AccountId=account)
    assert found.reason == "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG"


def letting(account: str, *actions: str, **more: object) -> str:
    """Return a resource policy that lets an account do something."""
    principal = {"AWS": f"arn:aws:iam::{account}:root"}
    actions = tuple(f"organizations:{action}" for action in actions)
    return document({"Effect": "Allow", "Principal": principal, "Action": list(actions), "Resource": "*", **more})


@pytest.fixture
def delegate(org: Organized) -> Iterator[Callable[..., None]]:
    """Return what writes the organisation's resource policy, which ends with the test."""
    yield lambda content, **more: org.client.put_resource_policy(Content=content, **more)
    with suppress(org.client.exceptions.ResourcePolicyNotFoundException):
        org.client.delete_resource_policy()


Delegate = Callable[..., None]


def test_the_resource_policy_lets_members_in(
    org: Organized,
    delegate: Delegate,
    member: Any,
    account: str,
) -> None:
    """A member does what the organisation's resource policy and its own policies allow, of the types that it names.

    Source: User Guide, "Delegated administrator for AWS Organizations" and "Resource-based policy examples".
    """
    types = {"StringEquals": {"organizations:PolicyType": SCP}}
    delegate(letting(account, "CreatePolicy", "DescribePolicy", "DeletePolicy", Condition=types))
    made = member.create_policy(Name=org.name(), Description="", Type=SCP, Content=document(DENIED))
    assert made["Policy"]["PolicySummary"]["Type"] == SCP
    member.delete_policy(PolicyId=made["Policy"]["PolicySummary"]["Id"])
    with refused("AccessDeniedException"):
        member.delete_policy(PolicyId=org.policy("TAG_POLICY", '{"tags": {}}'))
    with refused("AccessDeniedException") as found:
        member.create_policy(Name=org.name(), Description="", Type="TAG_POLICY", Content='{"tags": {}}')
    assert found.message == NO_PERMISSION
    with refused("AccessDeniedException"):
        member.list_roots()


def test_the_members_own_policies_count(
    org: Organized,
    delegate: Delegate,
    aws: TwinAws,
    account: str,
    new_user: Callable[..., tuple[str, Keys]],
) -> None:
    """Whom the resource policy lets in still needs the right of its own account. Source: as above."""
    delegate(letting(account, "ListRoots"))
    _, without = new_user(keys=aws.into(account))
    _, having = new_user(
        document({"Effect": "Allow", "Action": "organizations:ListRoots", "Resource": "*"}), aws.into(account)
    )
    with refused("AccessDeniedException"):
        aws.client("organizations", without).list_roots()
    assert aws.client("organizations", having).list_roots()["Roots"][0]["Id"] == org.root


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"Action": "organizations:CreateAccount"}, "UNSUPPORTED_ACTION_IN_RESOURCE_POLICY"),
        ({"Action": "organizations:*"}, "UNSUPPORTED_ACTION_IN_RESOURCE_POLICY"),
        ({"Action": "s3:GetObject"}, "UNSUPPORTED_ACTION_IN_RESOURCE_POLICY"),
        ({"Principal": "*"}, "INVALID_PRINCIPAL"),
        ({"Principal": {"AWS": "arn:aws:iam::000000000000:root"}}, "INVALID_PRINCIPAL"),
        ({"Effect": "Perhaps"}, "INVALID_RESOURCE_POLICY_JSON"),
    ],
)
def test_resource_policies_are_checked(
    delegate: Delegate, account: str, changed: dict[str, object], reason: str
) -> None:
    """Only members can be let in, and only to policies and reads. Source: API Reference, InvalidInputException."""
    with refused("InvalidInputException") as found:
        delegate(letting(account, "ListRoots", **changed))
    assert found.reason == reason


def test_a_resource_policy_lives_and_ends(org: Organized, delegate: Delegate, account: str) -> None:
    """It is put, described, put again under the same id, and deleted. Source: "PutResourcePolicy" and its like."""
    delegate(letting(account, "ListRoots"), Tags=[{"Key": "a", "Value": "1"}])
    first = org.client.describe_resource_policy()["ResourcePolicy"]["ResourcePolicySummary"]
    delegate(letting(account, "ListAccounts"))
    found = org.client.describe_resource_policy()["ResourcePolicy"]
    assert found["ResourcePolicySummary"] == first
    assert "ListAccounts" in found["Content"]
    assert org.client.list_tags_for_resource(ResourceId=first["Id"])["Tags"] == [{"Key": "a", "Value": "1"}]
    org.client.delete_resource_policy()
    with refused("ResourcePolicyNotFoundException"):
        org.client.describe_resource_policy()


def test_effective_policies_of_others_are_not_shown(
    org: Organized,
    member: Any,
    new_account: NewAccount,
) -> None:
    """A member reads its own effective policy and no other account's. Source: "DescribeEffectivePolicy"."""
    org.enable("TAG_POLICY")
    with refused("AccessDeniedException"):
        member.describe_effective_policy(PolicyType="TAG_POLICY", TargetId=new_account())
