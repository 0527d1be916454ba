"""What is changed in moto's CloudTrail: its delegated administrator, names that are taken, trails named by ARN.

moto's modules have no types and are changed here, hence `Any` for them.
"""

from __future__ import annotations

from functools import wraps
from typing import Any

_SERVICE = "cloudtrail.amazonaws.com"
_MOST_ADMINISTRATORS = 3
"""Source: AWS CloudTrail User Guide, "Quotas in AWS CloudTrail", delegated administrators per organisation."""


def make_trails_like_aws(trails: Any, responses: Any, organizations: Any, error: Any) -> None:
    """Change moto's modules: CloudTrail's models and responses, Organizations' backends, and its class of errors."""
    _keep_names_apart(trails, error)
    _delete_by_arn(trails)
    _register_administrators(responses, organizations, error)


def _keep_names_apart(trails: Any, error: Any) -> None:
    """Refuse a name that is taken: moto puts the new trail in the place of the old one."""
    backend = trails.CloudTrailBackend
    create = backend.create_trail

    @wraps(create)
    def create_trail(self: Any, name: str, *args: Any, **kwargs: Any) -> Any:
        if name in self.trails:
            words = f"Trail {name} already exists for customer: {self.account_id}"
            raise error("TrailAlreadyExistsException", words)
        return create(self, name, *args, **kwargs)

    backend.create_trail = create_trail


def _delete_by_arn(trails: Any) -> None:
    """Delete by ARN too: moto knows a trail by its name only, and says nothing of one that is not there."""

    def delete_trail(self: Any, name: str) -> None:
        del self.trails[self.get_trail(name).trail_name]

    trails.CloudTrailBackend.delete_trail = delete_trail


def _register_administrators(responses: Any, organizations: Any, error: Any) -> None:
    """Register administrators by CloudTrail's own calls, which moto has not; Organizations keeps them."""

    def backend(response: Any) -> Any:
        return organizations[response.current_account]["aws"]

    def register(self: Any) -> str:
        known, account_id = backend(self), self._get_param("MemberAccountId")
        administrators = [admin for admin in known.admins if _SERVICE in admin.services]
        if account_id == self.current_account:
            raise error("CannotDelegateManagementAccountException", "The management account can't be delegated to.")
        if not any(account.id == account_id for account in known.accounts):
            raise error("AccountNotFoundException", f"Account {account_id} is not in the organization.")
        if any(admin.account.id == account_id for admin in administrators):
            raise error("AccountRegisteredException", f"Account {account_id} is registered already.")
        if len(administrators) >= _MOST_ADMINISTRATORS:
            raise error("DelegatedAdminAccountLimitExceededException", "The organization has three already.")
        known.register_delegated_administrator(AccountId=account_id, ServicePrincipal=_SERVICE)
        return "{}"

    def deregister(self: Any) -> str:
        known, account_id = backend(self), self._get_param("DelegatedAdminAccountId")
        if not any(admin.account.id == account_id and _SERVICE in admin.services for admin in known.admins):
            raise error("AccountNotRegisteredException", f"Account {account_id} is not registered.")
        known.deregister_delegated_administrator(AccountId=account_id, ServicePrincipal=_SERVICE)
        return "{}"

    responses.CloudTrailResponse.register_organization_delegated_admin = register
    responses.CloudTrailResponse.deregister_organization_delegated_admin = deregister
