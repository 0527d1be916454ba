"""Making, leaving and deleting organisations, and what becomes of an account that goes.

Source: AWS Organizations API Reference, "CreateOrganization", "RemoveAccountFromOrganization", "LeaveOrganization".
"""

from __future__ import annotations

from typing import Any

from rehearsal.twin.emulator.organization import Answer, AwsError, Model, Organization, Params, violation

_DAY = 24 * 3600.0


def describe_organization(organization: Organization, _params: Params) -> Answer:
    """DescribeOrganization."""
    found: Answer = organization.backend.org.describe()
    return found


def delete_organization(organization: Organization, _params: Params) -> Answer:
    """DeleteOrganization."""
    if len(organization.backend.accounts) > 1:
        words = (
            "The organization isn't empty. To delete an organization, you must first remove all accounts except the "
            "management account."
        )
        raise AwsError("OrganizationNotEmptyException", words)
    organization.backend._reset()
    organization.backend.__dict__.pop("beside", None)
    return {}


def remove_account_from_organization(organization: Organization, params: Params) -> Answer:
    """RemoveAccountFromOrganization."""
    _let_go(organization, organization.account(params["AccountId"]))
    return {}


def leave_organization(organization: Organization, _params: Params) -> Answer:
    """LeaveOrganization, asked by the account itself."""
    _let_go(organization, organization.account(organization.caller))
    return {}


def _let_go(organization: Organization, account: Model) -> None:
    if account.id == organization.management:
        words = (
            "You can't remove a management account from an organization. If you want the management account to become "
            "a member account in another organization, you must first delete the current organization of the "
            "management account."
        )
        raise AwsError("MasterCannotLeaveOrganizationException", words)
    if any(admin.account is account and admin.services for admin in organization.backend.admins):
        words = (
            "You attempted to remove an account that is registered as a delegated administrator for a service "
            "integrated with your organization. To complete this operation, you must first deregister this account as "
            "a delegated administrator."
        )
        raise violation("CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG", words)
    age = organization.now() - _joined(organization, account)
    if account.joined_method == "CREATED" and age < organization.quota("account_age_days") * _DAY:
        words = "This operation requires a wait period. Try again later."
        raise violation("WAIT_PERIOD_ACTIVE", words)
    for policy in account.attached_policies:
        policy.attachments.remove(account)
    account.attached_policies.clear()
    account.tags.clear()
    organization.backend.accounts.remove(account)
    outside_accounts(organization.models)[account.id] = (account.name, account.email)
    organization.models.organizations_backends.master_accounts.pop(account.id, None)


def _joined(organization: Organization, account: Model) -> float:
    return float(organization.models.unix_time(account.create_time))


def outside_accounts(models: Model) -> dict[str, tuple[str, str]]:
    """Return the accounts outside any organisation that the twin knows: name and email by id."""
    found: dict[str, tuple[str, str]] = models.organizations_backends.__dict__.setdefault("outside_accounts", {})
    return found


def invited_account(organization: Organization, account_id: str, name: str, email: str) -> Model:
    """Make an account that exists a member: unlike a new one it gets no role for the management account.

    Source: AWS Organizations User Guide, "Accessing member accounts": invited accounts have no such role.
    """
    models, org = organization.models, organization.backend.org
    account: Any = object.__new__(models.FakeAccount)  # its own making would make the role
    account.type, account.region, account.organization_id = "ACCOUNT", org.region, org.id
    account.master_account_id, account.create_account_status_id = org.master_account_id, ""
    account.id, account.name, account.email = account_id, name, email
    account.create_time = models.utcnow()
    account.status = account.state = "ACTIVE"
    account.joined_method, account.parent_id = "INVITED", org.root_id
    account.attached_policies, account.tags = [], {}
    return account
