"""What is changed in moto's settings of an account: its alias, alternate contacts, metadata of instances.

moto's modules have no types and are changed here, hence `Any` for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import wraps
from typing import Any

from rehearsal.twin.emulator.budgets import make_budgets_like_aws
from rehearsal.twin.emulator.service_quotas import take_requests_for_quotas

_ALIAS = re.compile(r"[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]")
"""Source: IAM API Reference, CreateAccountAlias, AccountAlias."""
_METADATA = ("HttpTokens", "HttpPutResponseHopLimit", "HttpEndpoint", "InstanceMetadataTags")
_NO_PREFERENCE = {"no-preference", "-1"}


def make_settings_like_aws(iam: Any, error: Any) -> None:
    """Change moto's IAM, Account Management, Budgets and Service Quotas; `error` is moto's class of errors."""
    import moto.account.responses
    import moto.budgets.responses
    import moto.iam.responses
    import moto.servicequotas.responses

    keep_aliases_apart(iam)
    keep_contacts_like_aws(moto.account)
    make_budgets_like_aws(moto.budgets, error)
    take_requests_for_quotas(moto.servicequotas, error)


def keep_aliases_apart(iam: Any) -> None:
    """Refuse an alias that is taken or has no alias's form, and deletion under another name than the present one.

    moto keeps no account from taking another's, and deletes whatever there is.
    Source: IAM API Reference, "CreateAccountAlias", "DeleteAccountAlias"; IAM User Guide, "Using an alias": it is
    unique in the partition, and a new one takes the place of the old.
    """
    response, backends = iam.responses.IamResponse, iam.models.iam_backends
    create, delete = response.create_account_alias, response.delete_account_alias

    def held() -> Iterable[str]:
        return (alias for regions in backends.values() for each in regions.values() for alias in each.account_aliases)

    @wraps(create)
    def create_account_alias(self: Any) -> Any:
        alias = self._get_param("AccountAlias")
        if not _ALIAS.fullmatch(alias):
            raise iam.exceptions.ValidationError(
                f"1 validation error detected: Value '{alias}' at 'accountAlias' failed to satisfy constraint: "
                f"Member must satisfy regular expression pattern: ^{_ALIAS.pattern}$"
            )
        if alias in held():
            raise iam.exceptions.EntityAlreadyExists(f"The account alias {alias} already exists.")
        return create(self)

    @wraps(delete)
    def delete_account_alias(self: Any) -> Any:
        alias = self._get_param("AccountAlias")
        if alias not in self.backend.account_aliases:
            raise iam.exceptions.NoSuchEntity(f"The account alias {alias} does not exist.")
        return delete(self)

    response.create_account_alias = create_account_alias
    response.delete_account_alias = delete_account_alias


def keep_contacts_like_aws(account: Any) -> None:
    """Refuse the deletion of a contact that is not there, which moto passes over; whose they are the gate looks at.

    Source: AWS Account Management API Reference, "DeleteAlternateContact".
    """
    response, backends = account.responses.AccountResponse, account.models.account_backends
    delete = response.delete_alternate_contact

    @wraps(delete)
    def delete_alternate_contact(self: Any) -> Any:
        backends[self._get_account_id()][self.partition].get_alternate_contact(self._get_param("AlternateContactType"))
        return delete(self)

    response.delete_alternate_contact = delete_alternate_contact


def give_metadata_defaults() -> None:
    """Keep the defaults that instances of an account and region give their metadata by, which moto has not.

    Done when EC2 is first asked for, since it takes a second to load.
    Source: Amazon EC2 API Reference, "ModifyInstanceMetadataDefaults", "GetInstanceMetadataDefaults".
    """
    from moto.core.responses import ActionResult
    from moto.ec2.responses import EC2Response

    ec2: Any = EC2Response

    def kept(response: Any) -> dict[str, Any]:
        found: dict[str, Any] = response.ec2_backend.__dict__.setdefault("metadata_defaults", {})
        return found

    def modify(self: Any) -> Any:
        self.error_on_dryrun()
        for name in _METADATA:
            value = self._get_param(name)
            if value is None:
                continue
            if str(value) in _NO_PREFERENCE:
                kept(self).pop(name, None)
            else:
                kept(self)[name] = int(value) if name == "HttpPutResponseHopLimit" else value
        return ActionResult({"Return": True})

    def get(self: Any) -> Any:
        self.error_on_dryrun()
        return ActionResult({"AccountLevel": {**kept(self), "ManagedBy": "account"}})

    ec2.modify_instance_metadata_defaults = modify
    ec2.get_instance_metadata_defaults = get
