"""Services that an organisation trusts, and the accounts it delegates them to.

Source: AWS Organizations API Reference, "EnableAWSServiceAccess", "RegisterDelegatedAdministrator"; User Guide, "AWS
services that you can use with AWS Organizations".
"""

from __future__ import annotations

from rehearsal.twin.emulator.organization import Answer, AwsError, Model, Organization, Params, invalid, page, violation
from rehearsal.twin.emulator.organization_policies import NEEDS_SERVICE

_UNRECOGNISED = ("UNRECOGNIZED_SERVICE_PRINCIPAL", "You specified an unrecognized service principal.")


def enable_aws_service_access(organization: Organization, params: Params) -> Answer:
    """EnableAWSServiceAccess; a second time changes nothing."""
    organization.require_all_features()
    service = params["ServicePrincipal"]
    if not organization.models.FakeServiceAccess.trusted_service(service):
        raise invalid(*_UNRECOGNISED)
    if not _is_trusted(organization, service):
        organization.backend.services.append({"ServicePrincipal": service, "DateEnabled": organization.now()})
    return {}


def disable_aws_service_access(organization: Organization, params: Params) -> Answer:
    """DisableAWSServiceAccess."""
    service = params["ServicePrincipal"]
    if not organization.models.FakeServiceAccess.trusted_service(service):
        raise invalid(*_UNRECOGNISED)
    if any(service == needed and organization.is_enabled(kind) for kind, needed in NEEDS_SERVICE.items()):
        words = "You attempted to disable service access before you disabled the policy type."
        raise violation("POLICY_TYPE_ENABLED_FOR_THIS_SERVICE", words)
    services = organization.backend.services
    services[:] = [each for each in services if each["ServicePrincipal"] != service]
    return {}


def list_aws_service_access_for_organization(organization: Organization, params: Params) -> Answer:
    """ListAWSServiceAccessForOrganization."""
    organization.require_all_features()
    return page("EnabledServicePrincipals", organization.backend.services, params, dict)


def register_delegated_administrator(organization: Organization, params: Params) -> Answer:
    """RegisterDelegatedAdministrator."""
    organization.require_all_features()
    account, service = organization.account(params["AccountId"]), params["ServicePrincipal"]
    if account.id == organization.management:
        words = "You cannot register master account/yourself as delegated administrator for your organization."
        raise violation("CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR", words)
    if account.status == "SUSPENDED":
        words = "You cannot register a suspended account as a delegated administrator."
        raise violation("CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR", words)
    _require_delegable(organization, service)
    if not _is_trusted(organization, service):
        words = (
            "You attempted to register a delegated administrator before you enabled service access. "
            "Call the EnableAWSServiceAccess API first."
        )
        raise violation("SERVICE_ACCESS_NOT_ENABLED", words)
    administrators = organization.backend.admins
    found = next((each for each in administrators if each.account is account), None)
    if found is None:
        found = organization.models.FakeDelegatedAdministrator(account)
        administrators.append(found)
    if service in found.services:
        words = "The provided account is already a delegated administrator for your organization."
        raise AwsError("AccountAlreadyRegisteredException", words)
    found.services[service] = {"ServicePrincipal": service, "DelegationEnabledDate": organization.now()}
    return {}


def deregister_delegated_administrator(organization: Organization, params: Params) -> Answer:
    """DeregisterDelegatedAdministrator."""
    account, service = organization.account(params["AccountId"]), params["ServicePrincipal"]
    _require_delegable(organization, service)
    found = _administrator(organization, account)
    if found is None or service not in found.services:
        raise _not_registered()
    del found.services[service]
    if not found.services:
        organization.backend.admins.remove(found)
    return {}


def list_delegated_administrators(organization: Organization, params: Params) -> Answer:
    """ListDelegatedAdministrators, of one service or of any."""
    service = params.get("ServicePrincipal")
    if service:
        _require_delegable(organization, service)
    found = [each for each in organization.backend.admins if not service or service in each.services]
    return page("DelegatedAdministrators", found, params, lambda each: each.describe())


def list_delegated_services_for_account(organization: Organization, params: Params) -> Answer:
    """ListDelegatedServicesForAccount."""
    found = _administrator(organization, organization.account(params["AccountId"]))
    if found is None:
        raise _not_registered()
    return page("DelegatedServices", list(found.services.values()), params, dict)


def _administrator(organization: Organization, account: Model) -> Model | None:
    return next((each for each in organization.backend.admins if each.account is account), None)


def _not_registered() -> AwsError:
    words = "The provided account is not a registered delegated administrator for your organization."
    return AwsError("AccountNotRegisteredException", words)


def _is_trusted(organization: Organization, service: str) -> bool:
    return any(each["ServicePrincipal"] == service for each in organization.backend.services)


def _require_delegable(organization: Organization, service: str) -> None:
    if not organization.models.FakeDelegatedAdministrator.supported_service(service):
        raise invalid(*_UNRECOGNISED)
