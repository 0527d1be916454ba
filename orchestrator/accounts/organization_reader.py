"""Reads an organisation: reads only, page by page, every call counted. Runs in a process of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from orchestrator.accounts.adoption.found import (
    FoundAccount,
    FoundOrganization,
    FoundPolicy,
    FoundUnit,
    Question,
    Reading,
    ReadingKind,
)

if TYPE_CHECKING:
    import boto3

POLICY_TYPES = ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY")
"""Types whose policies are told of; the others bind nobody."""


def read_organization(question: Question) -> Reading:
    """Read the organisation of a caller; for a process that is there for nothing else.

    Calls: one each for the caller, the organisation, its roots; one per 20 accounts; for the root and every unit one or
    more for the units and for the accounts in it; one per type of policy and per policy of one's own; one for trusted
    services, one for delegated administrators and one for each of them; with tags one more per account and unit.
    """
    from botocore.exceptions import (  # noqa: PLC0415  (the driver itself needs none of it)
        BotoCoreError,
        ClientError,
        NoCredentialsError,
        PartialCredentialsError,
        ProfileNotFound,
    )

    from orchestrator.unasked_session import CodeNeeded, unasked_session  # noqa: PLC0415

    os.environ.clear()
    os.environ.update(question.env)
    identity: dict[str, str] = {}
    try:
        session = unasked_session()
        identity = session.client("sts").get_caller_identity()
        reader = _Reader(session)
        return reader.read(str(identity["Account"]), str(identity["Arn"]), tags=question.tags)
    except (ProfileNotFound, NoCredentialsError, PartialCredentialsError, CodeNeeded) as error:
        return Reading(ReadingKind.MISSING, words=str(error))
    except (ClientError, BotoCoreError) as error:
        account, arn = str(identity.get("Account", "")), str(identity.get("Arn", ""))
        return Reading(ReadingKind.REFUSED, account=account, arn=arn, words=str(error))


class _Reader:
    """Asks Organizations and counts its calls."""

    def __init__(self, session: boto3.Session) -> None:
        from botocore.config import Config  # noqa: PLC0415  (the driver itself needs none of it)

        # Organizations answers few calls a second and says so; a thousand accounts need patience, not an error.
        config = Config(connect_timeout=10, read_timeout=30, retries={"mode": "adaptive", "total_max_attempts": 12})
        self._aws: Any = session.client("organizations", config=config)
        self._calls = 0
        self._aws.meta.events.register("before-send.organizations", self._count)

    def _count(self, **_event: object) -> None:
        self._calls += 1

    def read(self, account: str, arn: str, *, tags: bool) -> Reading:
        """Return the organisation of this account, if it is its management account."""
        try:
            organization = self._aws.describe_organization()["Organization"]
        except self._aws.exceptions.AWSOrganizationsNotInUseException as error:
            return Reading(ReadingKind.NO_ORGANIZATION, account=account, arn=arn, words=str(error))
        management = str(organization["MasterAccountId"])
        if management != account:
            words = f"account {account} is a member of {organization['Id']}, whose management account is {management}"
            return Reading(ReadingKind.NOT_MANAGEMENT, account=account, arn=arn, words=words)
        found = self._whole(organization, tags=tags)
        return Reading(ReadingKind.FOUND, found, account, arn)

    def _whole(self, organization: dict[str, Any], *, tags: bool) -> FoundOrganization:
        root = next(self._pages("list_roots", "Roots"))
        root_id, every = str(root["Id"]), organization["FeatureSet"] == "ALL"
        units = tuple(self._units(root_id, (), tags=tags))
        return FoundOrganization(
            id=str(organization["Id"]),
            root_id=root_id,
            management_account_id=str(organization["MasterAccountId"]),
            feature_set=str(organization["FeatureSet"]),
            policy_types=tuple(str(p["Type"]) for p in root.get("PolicyTypes", ()) if p["Status"] == "ENABLED"),
            trusted_services=tuple(sorted(self._trusted())) if every else (),
            units=units,
            accounts=self._accounts([root_id, *(unit.id for unit in units)], tags=tags),
            policies=tuple(self._policies()) if every else (),
            delegated=self._delegated() if every else {},
            calls=self._calls,
        )

    def _units(self, parent_id: str, above: tuple[str, ...], *, tags: bool) -> Iterator[FoundUnit]:
        found = self._pages("list_organizational_units_for_parent", "OrganizationalUnits", ParentId=parent_id)
        for unit in sorted(found, key=lambda unit: str(unit["Name"])):
            names = (*above, str(unit["Name"]))
            yield FoundUnit(str(unit["Id"]), names, parent_id, self._tags(unit["Id"]) if tags else {})
            yield from self._units(str(unit["Id"]), names, tags=tags)

    def _accounts(self, parents: list[str], *, tags: bool) -> tuple[FoundAccount, ...]:
        """Return all accounts, by name; those that are in no unit that was just read have moved meanwhile."""
        within = {
            str(account["Id"]): parent
            for parent in parents
            for account in self._pages("list_accounts_for_parent", "Accounts", ParentId=parent)
        }
        found = sorted(self._pages("list_accounts", "Accounts"), key=lambda each: (str(each["Name"]), str(each["Id"])))
        return tuple(
            FoundAccount(
                id=str(account["Id"]),
                name=str(account["Name"]),
                email=str(account["Email"]),
                status=str(account.get("State") or account["Status"]),
                parent_id=within.get(str(account["Id"]), ""),
                tags=self._tags(account["Id"]) if tags else {},
                joined=_when(account.get("JoinedTimestamp")),
            )
            for account in found
        )

    def _tags(self, resource_id: str) -> dict[str, str]:
        """Return the tags of an account or unit, less AWS's own, which nobody can set."""
        found = {
            str(tag["Key"]): str(tag["Value"])
            for tag in self._pages("list_tags_for_resource", "Tags", ResourceId=resource_id)
        }
        return {key: value for key, value in sorted(found.items()) if not key.lower().startswith("aws:")}

    def _trusted(self) -> list[str]:
        found = self._pages("list_aws_service_access_for_organization", "EnabledServicePrincipals")
        return [str(each["ServicePrincipal"]) for each in found]

    def _policies(self) -> Iterator[FoundPolicy]:
        for kind in POLICY_TYPES:
            for policy in self._pages("list_policies", "Policies", Filter=kind):
                if policy.get("AwsManaged"):
                    continue
                targets = self._pages("list_targets_for_policy", "Targets", PolicyId=policy["Id"])
                ids = tuple(sorted(str(target["TargetId"]) for target in targets))
                yield FoundPolicy(str(policy["Id"]), str(policy["Name"]), kind, ids)

    def _delegated(self) -> dict[str, tuple[str, ...]]:
        administrators = [
            str(each["Id"]) for each in self._pages("list_delegated_administrators", "DelegatedAdministrators")
        ]
        return {account_id: self._services(account_id) for account_id in sorted(administrators)}

    def _services(self, account_id: str) -> tuple[str, ...]:
        found = self._pages("list_delegated_services_for_account", "DelegatedServices", AccountId=account_id)
        return tuple(sorted(str(each["ServicePrincipal"]) for each in found))

    def _pages(self, operation: str, key: str, **parameters: str) -> Iterator[dict[str, Any]]:
        for page in self._aws.get_paginator(operation).paginate(**parameters):
            yield from page[key]


def _when(joined: Any) -> str:
    return joined.isoformat() if joined is not None else ""
