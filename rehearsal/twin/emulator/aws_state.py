"""Reads moto's state for the gate. Everything the gate knows about moto's models stands here.

Nothing here makes an account by looking at it: moto's dictionaries create what they are asked for, so membership is
tested first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rehearsal.twin.callers.callers import account_of_key

_PARTITION = "aws"
_SCP, _RCP = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"
_RCP_OF_AWS = "RCPFullAWSAccess"


@dataclass(frozen=True, slots=True)
class AccessKeyState:
    """A user's access key and its user."""

    user: Any
    secret: str
    active: bool


@dataclass(frozen=True, slots=True)
class BucketState:
    """A bucket's owner and what decides access to it."""

    account_id: str
    policy: str | None
    bucket: Any


class AwsState:
    """The twin's AWS as the gate reads it."""

    def __init__(self, management_account_id: str) -> None:
        from moto.cloudtrail.models import cloudtrail_backends  # noqa: PLC0415 - after the fixes
        from moto.ecr.models import ecr_backends  # noqa: PLC0415
        from moto.iam.models import iam_backends  # noqa: PLC0415
        from moto.kms.models import kms_backends  # noqa: PLC0415
        from moto.organizations.models import organizations_backends  # noqa: PLC0415
        from moto.s3.models import s3_backends  # noqa: PLC0415
        from moto.sqs.models import sqs_backends  # noqa: PLC0415

        self.management_account_id = management_account_id
        self._iam: Any = iam_backends
        self._cloudtrail: Any = cloudtrail_backends
        self._ecr: Any = ecr_backends
        self._kms: Any = kms_backends
        self._organizations: Any = organizations_backends
        self._s3: Any = s3_backends
        self._sqs: Any = sqs_backends
        self._members: dict[str, Any] = {}

    def iam(self, account_id: str) -> Any | None:  # noqa: ANN401 - moto's backend
        """Return an account's IAM, None if there is no such account."""
        if account_id != self.management_account_id and account_id not in self._iam:
            return None
        return self._iam[account_id][_PARTITION]

    def access_key(self, access_key_id: str) -> AccessKeyState | None:
        """Return a user's access key; None if there is none (any more)."""
        iam = self.iam(account_of_key(access_key_id))
        key = iam.access_keys.get(access_key_id) if iam else None
        user = iam.users.get(key.user_name) if iam and key else None
        if key is None or user is None or key not in user.access_keys:
            return None
        return AccessKeyState(user, key.secret_access_key, key.status == "Active")

    def role(self, account_id: str, name: str) -> Any | None:  # noqa: ANN401 - moto's role
        """Return a role by its name."""
        iam = self.iam(account_id)
        roles = list(iam.roles.values()) if iam else []
        return next((role for role in roles if role.name == name), None)

    def user(self, account_id: str, name: str) -> Any | None:  # noqa: ANN401 - moto's user
        """Return a user by its name."""
        iam = self.iam(account_id)
        return iam.users.get(name) if iam else None

    def managed_policy_document(self, account_id: str, arn: str) -> str | None:
        """Return the default version of a managed policy."""
        iam = self.iam(account_id)
        policy = iam.managed_policies.get(arn) if iam else None
        return None if policy is None else default_document(policy)

    def bucket(self, name: str) -> BucketState | None:
        """Return a bucket of any account."""
        place = self._s3.bucket_accounts.get(name)
        if place is None:
            return None
        partition, account_id = place
        bucket = self._s3[account_id][partition].buckets.get(name)
        if bucket is None:
            return None
        policy = bucket.policy
        return BucketState(account_id, policy.decode() if isinstance(policy, bytes) else policy, bucket)

    def key(self, account_id: str, region: str, key_id: str) -> Any | None:  # noqa: ANN401 - moto's key
        """Return a KMS key by id, ARN, alias name or alias ARN; an ARN's own account and region win."""
        if key_id.startswith("arn:"):
            parts = key_id.split(":", 5)
            if len(parts) < 6:
                return None
            region, account_id = parts[3], parts[4]
        if account_id not in self._kms or region not in self._kms[account_id]:
            return None
        backend = self._kms[account_id][region]
        if "alias/" in key_id and backend.get_key_id_from_alias(backend.get_alias_name(key_id)) is None:
            return None
        return backend.keys.get(backend.any_id_to_key_id(key_id))

    def queue(self, account_id: str, region: str, name: str) -> Any | None:  # noqa: ANN401 - moto's queue
        """Return an account's queue by its name."""
        if account_id not in self._sqs or region not in self._sqs[account_id]:
            return None
        return self._sqs[account_id][region].queues.get(name)

    def repository(self, account_id: str, region: str, name: str) -> Any | None:  # noqa: ANN401 - moto's repository
        """Return an account's container repository by its name."""
        if account_id not in self._ecr or region not in self._ecr[account_id]:
            return None
        return self._ecr[account_id][region].repositories.get(name)

    def route_table_association(self, account_id: str, region: str, association: str) -> tuple[str, ...]:
        """Return the ids of the route table and the subnet of an association; none if there is no such one."""
        from moto.ec2.models import ec2_backends  # noqa: PLC0415 - loaded with the first request to EC2

        for table in ec2_backends[account_id][region].route_tables.values():
            for each in table.associations:
                if each["RouteTableAssociationId"] == association:
                    subnet = each.get("SubnetId")
                    return (str(table.id), *([str(subnet)] if subnet else []))
        return ()

    def organization(self, account_id: str) -> Any | None:  # noqa: ANN401 - moto's organisation backend
        """Return the backend of the organisation an account is in; None outside any."""
        owner = account_id
        if account_id in self._organizations.master_accounts:
            owner, _ = self._organizations.master_accounts[account_id]
        if owner not in self._organizations:
            return None
        backend = self._organizations[owner][_PARTITION]
        return backend if backend.org is not None else None

    def organization_id(self, account_id: str) -> str:
        """Return the id of the organisation an account is in, "" outside any."""
        backend = self.organization(account_id)
        return str(backend.org.id) if backend else ""

    def management_of(self, account_id: str) -> str:
        """Return the management account of the organisation an account is in, "" outside any."""
        backend = self.organization(account_id)
        return str(backend.org.master_account_id) if backend else ""

    def trusts_service(self, account_id: str, service: str) -> bool:
        """Tell whether the organisation an account is in has trusted access for a service principal."""
        backend = self.organization(account_id)
        return backend is not None and any(found["ServicePrincipal"] == service for found in backend.services)

    def delegating_account(self, account_id: str, service: str) -> str:
        """Return the management account that has delegated a service to this account, "" if none has."""
        backend = self.organization(account_id)
        admins = list(backend.admins) if backend else []
        delegated = any(admin.account.id == account_id and service in admin.services for admin in admins)
        return self.management_of(account_id) if delegated else ""

    def is_organization_trail(self, arn: str) -> bool:
        """Tell whether a trail's ARN is one of an organisation's trails."""
        parts = arn.split(":", 5)
        if len(parts) < 6 or parts[4] not in self._cloudtrail or parts[3] not in self._cloudtrail[parts[4]]:
            return False
        trails = list(self._cloudtrail[parts[4]][parts[3]].trails.values())
        return any(trail.arn == arn and trail.is_org_trail for trail in trails)

    def is_suspended(self, account_id: str) -> bool:
        """Tell whether an account is closed."""
        account = self._member(account_id)
        return account is not None and account.status != "ACTIVE"

    def scp_levels(self, account_id: str) -> tuple[tuple[tuple[str, str], ...], ...] | None:
        """Return the SCPs over an account as (name, document), by level from the root down; None where none apply.

        None apply to the management account, nor where the root has the policy type switched off.
        """
        backend = self.organization(account_id)
        account = self._member(account_id)
        if backend is None or account is None or account_id == backend.org.master_account_id:
            return None
        return _policies_over(account, backend, _SCP)

    def rcps(self, account_id: str) -> tuple[tuple[str, str], ...]:
        """Return the RCPs over an account's resources as (name, document), from the root down, without AWS's own.

        None apply to the management account, nor where the root has the policy type switched off.
        """
        backend = self.organization(account_id)
        account = self._member(account_id)
        if backend is None or account is None or account_id == backend.org.master_account_id:
            return ()
        levels = _policies_over(account, backend, _RCP) or ()
        return tuple(policy for level in levels for policy in level if policy[0] != _RCP_OF_AWS)

    def _member(self, account_id: str) -> Any | None:  # noqa: ANN401 - moto's account
        """Return an account of an organisation. Found once by a search, then kept: this is asked with every request."""
        backend = self.organization(account_id)
        if backend is None:
            return None
        kept = self._members.get(account_id)
        if kept is None or kept.organization_id != backend.org.id:
            kept = next((account for account in backend.accounts if account.id == account_id), None)
            if kept is not None:
                self._members[account_id] = kept
        return kept


def _policies_over(account: Any, backend: Any, kind: str) -> tuple[tuple[tuple[str, str], ...], ...] | None:  # noqa: ANN401
    """Return the policies of a type by level from the root down to the account; None where the type is off."""
    units = {unit.id: unit for unit in backend.ou}
    if not any(found["Type"] == kind for found in units[backend.org.root_id].policy_types):
        return None
    chain = [account]
    parent = units.get(account.parent_id)
    while parent is not None:
        chain.append(parent)
        parent = units.get(parent.parent_id)
    return tuple(
        tuple((policy.name, policy.content) for policy in list(level.attached_policies) if policy.type == kind)
        for level in reversed(chain)
    )


def default_document(policy: Any) -> str:  # noqa: ANN401 - moto's managed policy
    """Return the document of a managed policy's default version."""
    # By its id: moto's own flag is lost when the default is set to what it already is.
    return next(str(version.document) for version in policy.versions if version.version_id == policy.default_version_id)
