"""Reads moto's state for the gate. Everything the gate knows about moto's models stands here.

Nothing here makes an account by looking at it: moto's dictionaries create what they are asked for, so membership is
tested first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rehearsal.twin.callers.callers import account_of_key
from rehearsal.twin.emulator.account_management import settings_of
from rehearsal.twin.emulator.account_regions import region_status
from rehearsal.twin.emulator.entities import by_id
from rehearsal.twin.emulator.root_features import root_features
from rehearsal.twin.emulator.root_users import RootKey, root_keys

Named = tuple[str, str]
"""A policy's name and document."""
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
        from moto.cloudtrail.models import cloudtrail_backends
        from moto.ecr.models import ecr_backends
        from moto.iam.models import iam_backends
        from moto.kms.models import kms_backends
        from moto.organizations.models import organizations_backends
        from moto.s3.models import s3_backends
        from moto.sqs.models import sqs_backends

        self.management_account_id = management_account_id
        self._iam: Any = iam_backends
        self._cloudtrail: Any = cloudtrail_backends
        self._ecr: Any = ecr_backends
        self._kms: Any = kms_backends
        self._organizations: Any = organizations_backends
        self._s3: Any = s3_backends
        self._sqs: Any = sqs_backends
        self._members: dict[str, Any] = {}
        self._roles: dict[tuple[str, str], Any] = {}
        self._units: dict[str, Any] = {}

    def iam(self, account_id: str) -> Any | None:
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

    def root_key(self, access_key_id: str) -> RootKey | None:
        """Return a root user's access key; None if there is none (any more)."""
        iam = self.iam(account_of_key(access_key_id))
        return root_keys(iam).get(access_key_id) if iam else None

    def role(self, account_id: str, name: str) -> Any | None:
        """Return a role by its name. Found once by a search, then kept: this is asked several times per request."""
        iam = self.iam(account_id)
        if iam is None:
            return None
        kept = self._roles.get((account_id, name))
        if kept is not None and kept.name == name and iam.roles.get(kept.id) is kept:
            return kept
        found = next((role for role in list(iam.roles.values()) if role.name == name), None)
        if found is not None:
            self._roles[account_id, name] = found
        return found

    def user(self, account_id: str, name: str) -> Any | None:
        """Return a user by its name."""
        iam = self.iam(account_id)
        return iam.users.get(name) if iam else None

    def user_by_id(self, account_id: str, name: str, unique_id: str) -> Any | None:
        """Return a user by its unique id; `name` is the one it had when it was last seen."""
        user = self.user(account_id, name)
        if user is not None and user.id == unique_id:
            return user
        iam = self.iam(account_id)
        users = list(iam.users.values()) if iam else []
        return next((one for one in users if one.id == unique_id), None)

    def has_unique_id(self, unique_id: str) -> bool:
        """Tell whether a role or user of any account has this id. A search over all; few policies name ids."""
        backends = [self.iam(account_id) for account_id in list(self._iam)]
        entities = [one for iam in backends if iam for one in (*iam.roles.values(), *iam.users.values())]
        return any(one.id == unique_id for one in entities)

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

    def key(self, account_id: str, region: str, key_id: str) -> Any | None:
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

    def queue(self, account_id: str, region: str, name: str) -> Any | None:
        """Return an account's queue by its name."""
        if account_id not in self._sqs or region not in self._sqs[account_id]:
            return None
        return self._sqs[account_id][region].queues.get(name)

    def repository(self, account_id: str, region: str, name: str) -> Any | None:
        """Return an account's container repository by its name."""
        if account_id not in self._ecr or region not in self._ecr[account_id]:
            return None
        return self._ecr[account_id][region].repositories.get(name)

    def route_table_association(self, account_id: str, region: str, association: str) -> tuple[str, ...]:
        """Return the ids of the route table and the subnet of an association; none if there is no such one."""
        from moto.ec2.models import ec2_backends

        for table in ec2_backends[account_id][region].route_tables.values():
            for each in table.associations:
                if each["RouteTableAssociationId"] == association:
                    subnet = each.get("SubnetId")
                    return (str(table.id), *([str(subnet)] if subnet else []))
        return ()

    def organization(self, account_id: str) -> Any | None:
        """Return the backend of the organisation an account is in; None outside any."""
        master = self._organizations.master_accounts.get(account_id)
        owner = master[0] if master else account_id
        if owner not in self._organizations:
            return None
        backend = self._organizations[owner][_PARTITION]
        return backend if backend.org is not None else None

    def organization_id(self, account_id: str) -> str:
        """Return the id of the organisation an account is in, "" outside any."""
        backend = self.organization(account_id)
        return str(backend.org.id) if backend else ""

    def organization_path(self, account_id: str) -> str:
        """Return an account's place as `aws:PrincipalOrgPaths` writes it: `o-…/r-…/ou-…/`, "" outside any.

        Source: IAM User Guide, "Understand the AWS Organizations entity path".
        """
        backend, account = self.organization(account_id), self._member(account_id)
        if backend is None or account is None:
            return ""
        above = [str(level.id) for level in self._levels_over(account, backend)[:-1]]
        return "/".join([str(backend.org.id), *above]) + "/"

    def management_of(self, account_id: str) -> str:
        """Return the management account of the organisation an account is in, "" outside any."""
        backend = self.organization(account_id)
        return str(backend.org.master_account_id) if backend else ""

    def trusts_service(self, account_id: str, service: str) -> bool:
        """Tell whether the organisation an account is in has trusted access for a service principal."""
        backend = self.organization(account_id)
        return backend is not None and any(found["ServicePrincipal"] == service for found in backend.services)

    def administers_a_service(self, account_id: str) -> bool:
        """Tell whether this account is the delegated administrator of any service."""
        backend = self.organization(account_id)
        return backend is not None and any(
            admin.account.id == account_id and admin.services for admin in list(backend.admins)
        )

    def has_enabled(self, account_id: str, region: str, now: float) -> bool:
        """Tell whether an account can use a region that has to be enabled first."""
        from moto import account

        if account_id not in account.models.account_backends:
            return False
        return region_status(region, settings_of(account, account_id).switched, now) == "ENABLED"

    def delegation_policy(self, account_id: str) -> str:
        """Return the resource policy of the organisation an account is in, "" where there is none."""
        backend = self.organization(account_id)
        beside = backend.__dict__.get("beside") if backend is not None else None
        kept = beside.resource_policy if beside is not None else None
        return str(kept["Content"]) if kept else ""

    def delegating_account(self, account_id: str, service: str) -> str:
        """Return the management account that has delegated a service to this account, "" if none has."""
        backend = self.organization(account_id)
        admins = list(backend.admins) if backend else []
        delegated = any(admin.account.id == account_id and service in admin.services for admin in admins)
        return self.management_of(account_id) if delegated else ""

    def manages_root_users(self, account_id: str) -> bool:
        """Tell whether an account manages root users: the management account, or IAM's delegated administrator."""
        management = self.management_of(account_id)
        return bool(management) and management in (account_id, self.delegating_account(account_id, "iam.amazonaws.com"))

    def root_features(self, account_id: str) -> frozenset[str]:
        """Return the features of centralised root access that the organisation of an account has."""
        backend = self.organization(account_id)
        return frozenset(root_features(backend)) if backend else frozenset()

    def is_organization_trail(self, arn: str) -> bool:
        """Tell whether a trail's ARN is one of an organisation's trails."""
        parts = arn.split(":", 5)
        if len(parts) < 6 or parts[4] not in self._cloudtrail or parts[3] not in self._cloudtrail[parts[4]]:
            return False
        trails = list(self._cloudtrail[parts[4]][parts[3]].trails.values())
        return any(trail.arn == arn and trail.is_org_trail for trail in trails)

    def is_suspended(self, account_id: str) -> bool:
        """Tell whether an account is closed; one that is being closed still works."""
        account = self._member(account_id)
        return account is not None and account.status == "SUSPENDED"

    def scp_levels(self, account_id: str) -> tuple[tuple[tuple[str, str], ...], ...] | None:
        """Return the SCPs over an account as (name, document), by level from the root down; None where none apply.

        None apply to the management account, nor where the root has the policy type switched off.
        """
        backend = self.organization(account_id)
        account = self._member(account_id)
        if backend is None or account is None or account_id == backend.org.master_account_id:
            return None
        return self._policies_over(account, backend, _SCP)

    def scp_level_names(self, account_id: str) -> tuple[str, ...]:
        """Return what SCPs over an account are attached to, by level from the root down; only refusals are told."""
        backend, account = self.organization(account_id), self._member(account_id)
        if backend is None or account is None:
            return ()
        return tuple(_level_name(level) for level in self._levels_over(account, backend))

    def organization_policy_arn(self, account_id: str, name: str) -> str:
        """Return the ARN of a policy of the organisation an account is in, by its name; "" if there is none."""
        backend = self.organization(account_id)
        policies = list(backend.policies) if backend is not None else []
        return next((str(policy.arn) for policy in policies if policy.name == name), "")

    def rcps(self, account_id: str) -> tuple[tuple[str, str], ...]:
        """Return the RCPs over an account's resources as (name, document), from the root down, without AWS's own.

        None apply to the management account, nor where the root has the policy type switched off.
        """
        backend = self.organization(account_id)
        account = self._member(account_id)
        if backend is None or account is None or account_id == backend.org.master_account_id:
            return ()
        levels = self._policies_over(account, backend, _RCP) or ()
        return tuple(policy for level in levels for policy in level if policy[0] != _RCP_OF_AWS)

    def _member(self, account_id: str) -> Any | None:
        """Return an account of an organisation. Found once by a search, then kept: this is asked with every request."""
        backend = self.organization(account_id)
        if backend is None:
            return None
        kept = self._members.get(account_id)
        if kept is None or kept.organization_id != backend.org.id:
            kept = by_id(backend.accounts, account_id)
            if kept is not None:
                self._members[account_id] = kept
        return kept

    def _policies_over(self, account: Any, backend: Any, kind: str) -> tuple[tuple[Named, ...], ...] | None:
        """Return the policies of a type by level from the root down to the account; None where the type is off."""
        levels = self._levels_over(account, backend)
        if not any(found["Type"] == kind for found in levels[0].policy_types):
            return None
        return tuple(
            tuple((policy.name, policy.content) for policy in list(level.attached_policies) if policy.type == kind)
            for level in levels
        )

    def _levels_over(self, account: Any, backend: Any) -> list[Any]:
        """Return the root, each unit and the account, from the root down."""
        chain = [account]
        while chain[-1].id != backend.org.root_id:
            chain.append(self._unit(backend, chain[-1].parent_id))
        return chain[::-1]

    def _unit(self, backend: Any, unit_id: str) -> Any:
        """Return a unit or the root by its id, which no other ever has: found once by a search, then kept."""
        kept = self._units.get(unit_id)
        if kept is None:
            kept = next(unit for unit in list(backend.ou) if unit.id == unit_id)
            self._units[unit_id] = kept
        return kept


def _level_name(level: Any) -> str:
    kind = "root" if level.id.startswith("r-") else "unit" if level.id.startswith("ou-") else "account"
    return f"{kind} {level.id}" if kind == "root" else f"{kind} {level.name} ({level.id})"


def default_document(policy: Any) -> str:
    """Return the document of a managed policy's default version."""
    # By its id: moto's own flag is lost when the default is set to what it already is.
    return next(str(version.document) for version in policy.versions if version.version_id == policy.default_version_id)
