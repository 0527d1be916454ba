"""Accounts of an organisation: asked for, made some time later, listed, moved, closed.

moto makes them at once, of any email and in any number, and closes as many as one likes, the management account too.
Source: AWS Organizations API Reference, "CreateAccount", "CreateAccountStatus", "MoveAccount", "CloseAccount"; User
Guide, "Monitor the state of your AWS accounts" (State), "Quotas and service limits".
"""

from __future__ import annotations

from itertools import chain
from operator import attrgetter

from rehearsal.twin.emulator.organization import (
    Answer,
    AwsError,
    Model,
    Organization,
    Params,
    Request,
    invalid,
    page,
    violation,
)
from rehearsal.twin.emulator.organization_membership import outside_accounts
from rehearsal.twin.emulator.organization_tags import tags_given
from rehearsal.twin.emulator.organization_units import attach_full_access

_DAYS_30 = 30 * 24 * 3600.0
_STATES = ("IN_PROGRESS", "SUCCEEDED", "FAILED")


def create_account(organization: Organization, params: Params) -> Answer:
    """CreateAccount: an email in use fails the request later, as everything does that AWS finds out while it works."""
    role = params.get("RoleName") or "OrganizationAccountAccessRole"
    if role.startswith("AWSServiceRoleFor"):
        words = "You provided a role name that isn't valid. A role name can't begin with AWSServiceRoleFor."
        raise invalid("INVALID_ROLE_NAME", words)
    tags = tags_given(organization, params)
    beside, now = organization.beside, organization.now()
    if len(beside.waiting) >= organization.quota("accounts_in_creation"):
        words = "You attempted to exceed the number of accounts that can be in progress at a time."
        raise violation("ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED", words)
    if len(organization.backend.accounts) + len(beside.waiting) >= organization.quota("accounts"):
        raise violation("ACCOUNT_NUMBER_LIMIT_EXCEEDED", "You have exceeded the allowed number of AWS Accounts.")
    request = Request(
        id=organization.models.utils.make_random_create_account_status_id(),
        name=params["AccountName"],
        email=params["Email"],
        role=role,
        tags=tags,
        asked=now,
        ready=now + organization.rules.account_delay_s,
        failure="EMAIL_ALREADY_EXISTS" if _is_taken(organization, params["Email"]) else "",
    )
    beside.requests[request.id] = request
    beside.waiting.append(request)
    finish_what_is_due(organization)
    return {"CreateAccountStatus": _status(organization, request)}


def describe_create_account_status(organization: Organization, params: Params) -> Answer:
    """DescribeCreateAccountStatus."""
    request = organization.beside.requests.get(params["CreateAccountRequestId"])
    if request is None:
        words = "You specified an account creation request that doesn't exist."
        raise AwsError("CreateAccountStatusNotFoundException", words)
    return {"CreateAccountStatus": _status(organization, request)}


def list_create_account_status(organization: Organization, params: Params) -> Answer:
    """ListCreateAccountStatus."""
    states = params.get("States") or _STATES
    found = [_status(organization, request) for request in organization.beside.requests.values()]
    return page("CreateAccountStatuses", [each for each in found if each["State"] in states], params, dict)


def finish_what_is_due(organization: Organization) -> None:
    """Make the accounts and close those whose time has come. Called before every operation."""
    beside, now = organization.beside, organization.now()
    for request in [each for each in beside.waiting if each.ready <= now]:
        beside.waiting.remove(request)
        if not request.failure:
            request.account_id = _make(organization, request)
    for account_id in [closing for closing, ready in beside.pending_closures.items() if ready <= now]:
        del beside.pending_closures[account_id]
        account = organization.account(account_id)
        account.status, account.state = "SUSPENDED", "CLOSED"


def _make(organization: Organization, request: Request) -> str:
    backend, models = organization.backend, organization.models
    account = models.FakeAccount(
        backend.org, AccountName=request.name, Email=request.email, RoleName=request.role, Tags=[]
    )
    account.tags = dict(request.tags)
    backend.accounts.append(account)
    attach_full_access(organization, account)
    models.organizations_backends.master_accounts[account.id] = (backend.account_id, backend.partition)
    return str(account.id)


def _is_taken(organization: Organization, email: str) -> bool:
    """Tell whether any account has this email, or will have it."""
    wanted = email.lower()
    waiting = (request.email for request in organization.beside.waiting if not request.failure)
    outside = (found for _name, found in outside_accounts(organization.models).values())
    members = map(attrgetter("email"), organization.backend.accounts)  # thousands, and asked with every account made
    return wanted in map(str.lower, chain(members, waiting, outside))


def _status(organization: Organization, request: Request) -> Answer:
    found: Answer = {"Id": request.id, "AccountName": request.name, "RequestedTimestamp": request.asked}
    if request.ready > organization.now():
        return {**found, "State": "IN_PROGRESS"}
    found["CompletedTimestamp"] = request.ready
    if request.failure:
        return {**found, "State": "FAILED", "FailureReason": request.failure}
    return {**found, "State": "SUCCEEDED", "AccountId": request.account_id}


def describe_account(organization: Organization, params: Params) -> Answer:
    """DescribeAccount."""
    return {"Account": account_shape(organization, organization.account(params["AccountId"]))}


def list_accounts(organization: Organization, params: Params) -> Answer:
    """ListAccounts, the earliest member first."""
    return page("Accounts", organization.backend.accounts, params, lambda each: account_shape(organization, each))


def list_accounts_for_parent(organization: Organization, params: Params) -> Answer:
    """ListAccountsForParent."""
    parent = organization.parent(params["ParentId"])
    found = [account for account in organization.backend.accounts if account.parent_id == parent.id]
    return page("Accounts", found, params, lambda each: account_shape(organization, each))


def account_shape(organization: Organization, account: Model) -> Answer:
    """Return an account as AWS describes it.

    Closing takes AWS minutes. Where no delay is set, it takes here until the account has been looked at once.
    """
    found: Answer = {**account.describe(), "Paths": [organization.path(account)]}
    if account.id in organization.beside.unseen_closings:
        organization.beside.unseen_closings.discard(account.id)
        found |= {"Status": "PENDING_CLOSURE", "State": "PENDING_CLOSURE"}
    return found


def move_account(organization: Organization, params: Params) -> Answer:
    """MoveAccount."""
    account = organization.account(params["AccountId"])
    missing = ("SourceParentNotFoundException", "a source parent")
    source = organization.parent(params["SourceParentId"], *missing)
    to = organization.parent(
        params["DestinationParentId"], "DestinationParentNotFoundException", "a destination parent"
    )
    if account.parent_id == to.id:
        raise AwsError("DuplicateAccountException", "That account is already present in the specified destination.")
    if account.parent_id != source.id:
        raise AwsError(missing[0], "You specified a source parent that the account is not in.")
    account.parent_id = to.id
    return {}


def close_account(organization: Organization, params: Params) -> Answer:
    """CloseAccount."""
    account = organization.account(params["AccountId"])
    organization.require_all_features()
    if account.id == organization.management:
        words = (
            "You attempted to close the management account. To close the management account for the organization, you "
            "must first either remove or close all member accounts in the organization."
        )
        raise violation("CANNOT_CLOSE_MANAGEMENT_ACCOUNT", words)
    if account.status == "SUSPENDED":
        raise AwsError("AccountAlreadyClosedException", "The provided account is already closed.")
    if account.status == "PENDING_CLOSURE":
        raise AwsError("ConflictException", "The account is being closed.")
    _refuse_beyond_quota(organization)
    beside = organization.beside
    beside.closings.append(organization.now())
    if organization.rules.account_delay_s:
        account.status = account.state = "PENDING_CLOSURE"
        beside.pending_closures[account.id] = organization.now() + organization.rules.account_delay_s
    else:
        account.status, account.state = "SUSPENDED", "CLOSED"
        beside.unseen_closings.add(account.id)
    return {}


def _refuse_beyond_quota(organization: Organization) -> None:
    if len(organization.beside.pending_closures) >= organization.quota("closings_in_progress"):
        words = "You attempted to exceed the number of accounts that you can close at a time."
        raise violation("CLOSE_ACCOUNT_REQUESTS_LIMIT_EXCEEDED", words)
    members = len(organization.backend.accounts) - 1
    share = members * organization.quota("closings_percent") // 100
    most = min(organization.quota("closings_at_most"), max(organization.quota("closings"), share))
    now = organization.now()
    recent = [when for when in organization.beside.closings if now - when < _DAYS_30]
    if len(recent) >= most:
        words = "You have exceeded close account quota for the past 30 days."
        raise violation("CLOSE_ACCOUNT_QUOTA_EXCEEDED", words)
