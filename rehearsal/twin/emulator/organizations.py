"""AWS Organizations as it answers: every operation, in place of moto's own, on the state that moto keeps.

Each operation is a function of the organisation and the parameters, in a module of its topic. Here: which there are,
who may call them, and what every call has in common. moto's modules have no types and are changed here.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Mapping
from typing import Any

from rehearsal.twin.emulator import (
    effective_policies,
    handshakes,
    organization_accounts,
    organization_attachments,
    organization_delegation,
    organization_membership,
    organization_policies,
    organization_services,
    organization_tags,
    organization_units,
)
from rehearsal.twin.emulator.organization import (
    Answer,
    AwsError,
    Model,
    Operation,
    Organization,
    Params,
    Rules,
    violation,
)
from rehearsal.twin.emulator.organization_access import ANY_MEMBER, NO_PERMISSION, OPERATIONS_OF_AWS, OUTSIDE
from rehearsal.twin.emulator.organization_input import InputModel

_MODULES = (
    effective_policies,
    handshakes,
    organization_accounts,
    organization_attachments,
    organization_delegation,
    organization_membership,
    organization_policies,
    organization_services,
    organization_tags,
    organization_units,
)
_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def make_organizations_like_aws(organizations: Model, rules: Rules) -> None:
    """Change moto's package `organizations`: its models and its responses."""
    models, responses = organizations.models, organizations.responses
    service = _Service(models, rules)
    for name, operation in _operations().items():
        setattr(responses.OrganizationsResponse, _snake(name), service.method(name, operation))
    responses.OrganizationsResponse.create_organization = service.method("CreateOrganization", service.create)
    backend = models.OrganizationsBackend
    # CloudTrail's own calls of delegation are kept there as well.
    for name in ("RegisterDelegatedAdministrator", "DeregisterDelegatedAdministrator"):
        setattr(backend, _snake(name), service.inner(_operations()[name]))
    _name_policies_of_aws(models)


def _operations() -> dict[str, Operation]:
    known = {_snake(name): name for name in OPERATIONS_OF_AWS}
    found: dict[str, Operation] = {"CreateGovCloudAccount": _create_gov_cloud_account}
    for module in _MODULES:
        found |= {known[word]: operation for word, operation in vars(module).items() if word in known}
    return found


def _snake(name: str) -> str:
    return _CAPITAL.sub("_", name).lower()


def _create_gov_cloud_account(_organization: Organization, _params: Params) -> Answer:
    """CreateGovCloudAccount: no account of the twin has a partner in AWS GovCloud (US)."""
    words = (
        "To complete this operation, the management account must have an associated account in the AWS GovCloud "
        "(US-West) Region."
    )
    raise violation("MASTER_ACCOUNT_NOT_GOVCLOUD_ENABLED", words)


class _Service:
    """What every call has in common: one at a time, by the account that may, with parameters that are right."""

    def __init__(self, models: Model, rules: Rules) -> None:
        self._models = models
        self._rules = rules
        self._input = InputModel()
        # moto's models are looked at and then changed: two calls at once could both find a name free.
        self._lock = threading.RLock()
        self._create: Callable[..., Answer] = models.OrganizationsBackend.create_organization

    def method(self, name: str, operation: Operation) -> Callable[[Any], str]:
        """Return an operation as a method of moto's class of responses."""

        def answer(response: Any) -> str:
            params = response.request_params
            with self._lock:
                try:
                    self._input.check(name, params)
                    return json.dumps(self._call(name, operation, str(response.current_account), params))
                except AwsError as error:
                    raise self._told(error) from error

        return answer

    def inner(self, operation: Operation) -> Callable[..., None]:
        """Return an operation as a method of moto's backend, for other services' calls."""

        def call(backend: Model, **params: str) -> None:
            with self._lock:
                try:
                    operation(self._view(backend, backend.account_id), params)
                except AwsError as error:
                    raise self._told(error) from error

        return call

    def create(self, organization: Organization, params: Params) -> Answer:
        """CreateOrganization."""
        return self._create(organization.backend, region="us-east-1", **params)

    def _call(self, name: str, operation: Operation, caller: str, params: Mapping[str, Any]) -> Answer:
        backends = self._models.organizations_backends
        owner = backends.master_accounts.get(caller, (caller, ""))[0]
        organization = self._view(backends[owner]["aws"], caller)
        if organization.backend.org is not None:
            organization_accounts.finish_what_is_due(organization)
            if caller != organization.management and name not in ANY_MEMBER:
                raise AwsError("AccessDeniedException", NO_PERMISSION)
        elif name not in OUTSIDE:
            words = "Your account is not a member of an organization."
            raise AwsError("AWSOrganizationsNotInUseException", words)
        return operation(organization, params)

    def _view(self, backend: Model, caller: str) -> Organization:
        return Organization(backend, self._models, self._rules, caller)

    def _told(self, error: AwsError) -> Exception:
        told: Any = self._models.RESTError(error.code, error.words)
        if error.reason:
            told.Reason = error.reason
        refusal: Exception = told
        return refusal


def _name_policies_of_aws(models: Model) -> None:
    """AWS's own policies have ARNs of no account.

    Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS Organizations", awspolicy.
    """
    plain = models.FakePolicy.arn.fget

    def arn(policy: Model) -> str:
        if policy.aws_managed:
            return f"arn:aws:organizations::aws:policy/{policy.type.lower()}/{policy.id}"
        return str(plain(policy))

    models.FakePolicy.arn = property(arn)
