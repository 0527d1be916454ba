"""AWS Organizations: the organisation, its units, its accounts.

Source: pulumi_aws 7.51.1 (`organizations/*.py`), terraform-provider-aws `internal/service/organizations`.
"""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from rehearsal.aws.call import Call
from rehearsal.aws.kinds import FLAG, TEXT_SET, list_of
from rehearsal.aws.operations import ID, TAG_KEYS, TAGS, operation
from rehearsal.aws.properties import AutoName, Property, ReplacesIf, output
from rehearsal.aws.resource_type import Change, ResourceType, Tagging

_TAGGING = Tagging(
    add=operation("tag_resource", ResourceId=ID, Tags=TAGS),
    remove=operation("untag_resource", ResourceId=ID, TagKeys=TAG_KEYS),
)
_MEMBER = ("arn", "email", "id", "name")
_ACCOUNTS = list_of(*(output(name) for name in (*_MEMBER, "joinedMethod", "joinedTimestamp", "state", "status")))
_ROOTS = list_of(
    output("arn"), output("id"), output("name"), output("policyTypes", list_of(output("status"), output("type")))
)


def _read_organization(call: Call) -> Any:
    found = call.aws.describe_organization()["Organization"]
    accounts = sorted(call.pages("list_accounts", "Accounts"), key=lambda account: str(account["Id"]))
    roots = list(call.pages("list_roots", "Roots"))
    return {
        **found,
        "Accounts": accounts,
        "NonMasterAccounts": [a for a in accounts if a["Id"] != found["MasterAccountId"]],
        "MasterAccountName": next((a["Name"] for a in accounts if a["Id"] == found["MasterAccountId"]), None),
        "Roots": roots,
        "AwsServiceAccessPrincipals": _trusted_services(call) if found["FeatureSet"] == "ALL" else [],
        "EnabledPolicyTypes": [p["Type"] for p in roots[0]["PolicyTypes"] if p["Status"] == "ENABLED"],
    }


def _trusted_services(call: Call) -> list[str]:
    found = call.pages("list_aws_service_access_for_organization", "EnabledServicePrincipals")
    return [item["ServicePrincipal"] for item in found]


def _set_trusted_services(call: Call) -> None:
    gone, new = call.lost_and_gained("awsServiceAccessPrincipals")
    for name in gone:
        call.aws.disable_aws_service_access(ServicePrincipal=name)
    for name in new:
        call.aws.enable_aws_service_access(ServicePrincipal=name)


def _set_policy_types(call: Call) -> None:
    root = next(call.pages("list_roots", "Roots"))["Id"]
    gone, new = call.lost_and_gained("enabledPolicyTypes")
    for name in gone:
        call.aws.disable_policy_type(RootId=root, PolicyType=name)
    for name in new:
        call.aws.enable_policy_type(RootId=root, PolicyType=name)


def _own_organization(call: Call) -> str:
    return str(call.aws.describe_organization()["Organization"]["Id"])


ORGANIZATION = ResourceType(
    type="aws:organizations/organization:Organization",
    title="Organizations Organization",
    service="organizations",
    regional=False,
    properties=(
        Property(
            "featureSet",
            default="ALL",
            one_of=("ALL", "CONSOLIDATED_BILLING"),
            replaces=ReplacesIf(
                "from ALL to CONSOLIDATED_BILLING", lambda old, new: (old, new) == ("ALL", "CONSOLIDATED_BILLING")
            ),
        ),
        Property("awsServiceAccessPrincipals", TEXT_SET),
        Property("enabledPolicyTypes", TEXT_SET),
        output("arn"),
        output("masterAccountArn"),
        output("masterAccountEmail"),
        output("masterAccountId"),
        output("masterAccountName"),
        output("accounts", _ACCOUNTS),
        output("nonMasterAccounts", _ACCOUNTS),
        output("roots", _ROOTS),
    ),
    id="Organization.Id",
    create=operation("create_organization", FeatureSet="featureSet"),
    read=_read_organization,
    changes=(
        Change(("featureSet",), operation("enable_all_features")),
        Change(("awsServiceAccessPrincipals",), _set_trusted_services),
        Change(("enabledPolicyTypes",), _set_policy_types),
    ),
    delete=operation("delete_organization"),
    not_found=("AWSOrganizationsNotInUseException",),
    already_exists=("AlreadyInOrganizationException",),
    find=_own_organization,
)


def _read_unit(call: Call) -> Any:
    unit = call.aws.describe_organizational_unit(OrganizationalUnitId=call.id)["OrganizationalUnit"]
    return {
        **unit,
        "ParentId": _parent_of(call),
        "Accounts": list(call.pages("list_accounts_for_parent", "Accounts", ParentId=call.id)),
        "Tags": _tags_of(call),
    }


def _parent_of(call: Call) -> str:
    return str(next(call.pages("list_parents", "Parents", ChildId=call.id))["Id"])


def _tags_of(call: Call) -> list[dict[str, str]]:
    return list(call.pages("list_tags_for_resource", "Tags", ResourceId=call.id))


def _unit_of_that_name(call: Call) -> str | None:
    units = call.pages("list_organizational_units_for_parent", "OrganizationalUnits", ParentId=call["parentId"])
    return next((str(unit["Id"]) for unit in units if unit["Name"] == call["name"]), None)


ORGANIZATIONAL_UNIT = ResourceType(
    type="aws:organizations/organizationalUnit:OrganizationalUnit",
    title="Organizations Organizational Unit",
    service="organizations",
    regional=False,
    properties=(
        Property("name", auto_name=AutoName(longest=128)),
        Property("parentId", required=True, replaces=True),
        output("arn"),
        output("accounts", list_of(*(output(name) for name in _MEMBER))),
    ),
    id="OrganizationalUnit.Id",
    create=operation("create_organizational_unit", Name="name", ParentId="parentId", Tags=TAGS),
    read=_read_unit,
    changes=(Change(("name",), operation("update_organizational_unit", OrganizationalUnitId=ID, Name="name")),),
    delete=operation("delete_organizational_unit", OrganizationalUnitId=ID),
    tagging=_TAGGING,
    not_found=("OrganizationalUnitNotFoundException",),
    already_exists=("DuplicateOrganizationalUnitException",),
    find=_unit_of_that_name,
)

_REQUEST_ACCOUNT = operation(
    "create_account",
    answer="CreateAccountStatus",
    AccountName="name",
    Email="email",
    RoleName="roleName",
    IamUserAccessToBilling="iamUserAccessToBilling",
    Tags=TAGS,
)


def _wait_for_account(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Wait until AWS has made the account. Source: Organizations API, CreateAccount and CreateAccountStatus."""

    def look() -> dict[str, Any] | None:
        answer = call.aws.describe_create_account_status(CreateAccountRequestId=request["Id"])
        status: dict[str, Any] = answer["CreateAccountStatus"]
        return None if status["State"] == "IN_PROGRESS" else status

    status = request if request["State"] == "SUCCEEDED" else call.wait_for(look, f"making account {call['name']}")
    if status["State"] == "FAILED":
        reason = status.get("FailureReason", "")
        raise ClientError({"Error": {"Code": reason, "Message": "the account was not created"}}, "CreateAccount")
    return status


def _read_account(call: Call) -> Any:
    account = call.aws.describe_account(AccountId=call.id)["Account"]
    # AWS tells `State`, and leaves out the older `Status` from 9 September 2026 on (API reference, "Account").
    if account.get("State", account.get("Status")) in ("CLOSED", "SUSPENDED"):
        return None
    return {**account, "ParentId": _parent_of(call), "Tags": _tags_of(call)}


def _move_account(call: Call) -> None:
    move = {"SourceParentId": _parent_of(call), "DestinationParentId": call["parentId"]}
    call.aws.move_account(AccountId=call.id, **move)


def _rename_account(call: Call) -> None:
    account = call.account.client("account", call.region)
    account.put_account_name(AccountId=call.id, AccountName=call["name"])


def _delete_account(call: Call) -> None:
    # Asked first: for an account that has left already, removing it is refused in words that say something else.
    call.aws.describe_account(AccountId=call.id)
    if call["closeOnDeletion"]:
        call.aws.close_account(AccountId=call.id)
    else:
        call.aws.remove_account_from_organization(AccountId=call.id)


def _account_of_that_email(call: Call) -> str | None:
    accounts = call.pages("list_accounts", "Accounts")
    return next((str(account["Id"]) for account in accounts if account["Email"] == call["email"]), None)


ACCOUNT = ResourceType(
    type="aws:organizations/account:Account",
    title="Organizations Account",
    service="organizations",
    regional=False,
    properties=(
        Property("name", auto_name=AutoName(longest=50)),
        Property("email", required=True, replaces=True),
        Property("parentId", computed=True),
        Property("roleName", replaces=True, unread=True),
        Property("iamUserAccessToBilling", replaces=True, unread=True, one_of=("ALLOW", "DENY")),
        Property("closeOnDeletion", FLAG, default=False, unread=True),
        output("arn"),
        output("status"),
        output("state"),
        output("joinedMethod"),
        output("joinedTimestamp"),
    ),
    id="AccountId",
    create=_REQUEST_ACCOUNT,
    ready=_wait_for_account,
    read=_read_account,
    changes=(Change(("parentId",), _move_account), Change(("name",), _rename_account)),
    delete=_delete_account,
    tagging=_TAGGING,
    not_found=("AccountNotFoundException", "AccountAlreadyClosedException"),
    already_exists=("EMAIL_ALREADY_EXISTS",),
    find=_account_of_that_email,
)

TYPES = (ORGANIZATION, ORGANIZATIONAL_UNIT, ACCOUNT)
