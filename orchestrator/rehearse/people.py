"""The people of a rehearsal: IAM users that a company has before Fleetyard comes, and people of Identity Center.

The manifest's `trusted.users` name users of the management account that exist already. On an empty twin the rehearsal
makes them, by the calls an administrator would make, and signs in as they would: with their key and a code of their
device. Their keys open the twin only (`keepsake`).

The twin has no Identity Center: in its place stand the roles that it would make of permission sets, and a user who
may become nothing but one of them, as the access portal would let a person.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp

from landing_zone.documents.access import assume_exactly
from landing_zone.documents.statements import document
from landing_zone.fleet import ManagementRole, Manifest
from landing_zone.identifiers import role_arn, user_arn
from landing_zone.people import PipelineTrust
from orchestrator.rehearse.access import Access, Credentials, credentials_of

CODE_SECONDS = 30
"""A TOTP code's life. Source: RFC 6238, and what AWS's virtual devices use."""

_ANYTHING = "any"
"""Stands where a subject's pattern takes any text."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """What a pipeline signs in with: whose tokens it has, about what, and the key that the rehearsal signs with."""

    role: str
    """The management role it becomes."""
    issuer: str
    audience: str
    subject: str
    signing_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SamlSignIn:
    """What somebody of another directory signs in with: through which provider, and the key that vouches for them."""

    role: str
    """The management role that they become."""
    provider: str
    """The provider's ARN."""
    entity_id: str
    """Who the company's identity provider is in its responses."""
    signing_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Person:
    """An IAM user of the management account and what they hold in their hands.

    Somebody who signs in by Identity Center has no device, but the ARN of their permission set's role in `set_role`.
    """

    user: str
    key: Credentials
    mfa_serial: str = ""
    mfa_seed: str = field(default="", repr=False)
    permission_set: str = ""
    set_role: str = ""
    groups: tuple[str, ...] = ()
    """Groups of the manifest's people, for one of them."""
    pipeline: Pipeline | None = None
    """Set for a pipeline, which is nobody's user."""
    saml: SamlSignIn | None = None
    """Set for somebody who signs in by SAML, whom IAM does not know."""

    @property
    def is_user(self) -> bool:
        """Whether this is an IAM user with a key and a device."""
        return not self.permission_set and self.pipeline is None and self.saml is None

    def may_become(self, role: ManagementRole) -> bool:
        """Return whether a management role trusts this person."""
        center = role.trust.identity_center
        if self.permission_set:
            return center is not None and self.permission_set in center.permission_sets
        if self.pipeline:
            return self.pipeline.role == role.name
        if self.saml:
            return self.saml.role == role.name
        if self.groups:
            return role.trust.people is not None and not set(self.groups).isdisjoint(role.trust.people.groups)
        return self.user in role.trust.users


def pipeline_person(role: str, trust: PipelineTrust, signing_key: str) -> Person:
    """Return a pipeline that becomes a management role, with the first subject that the role trusts."""
    subject = trust.subjects[0].replace("*", _ANYTHING)
    signs_in = Pipeline(role, trust.issuer, trust.audience, subject, signing_key)
    return Person(f"pipeline-{role}", Credentials("", ""), pipeline=signs_in)


def enrol(access: Access, administrator: Credentials, users: Sequence[str]) -> tuple[Person, ...]:
    """Create each user with an access key and an enabled virtual MFA device."""
    iam = access.client("iam", administrator)
    return tuple(_enrol_one(iam, user) for user in users)


def _enrol_one(iam: Any, user: str) -> Person:
    iam.create_user(UserName=user)
    return equip(iam, user)


def equip(iam: Any, user: str, groups: Sequence[str] = ()) -> Person:
    """Give a user that exists an access key and an enabled virtual MFA device; `groups` are those it is in."""
    key = iam.create_access_key(UserName=user)["AccessKey"]
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName=user)["VirtualMFADevice"]
    seed = bytes(device["Base32StringSeed"]).decode()
    codes = pyotp.TOTP(seed)
    now = datetime.now(tz=UTC)
    iam.enable_mfa_device(
        UserName=user,
        SerialNumber=device["SerialNumber"],
        AuthenticationCode1=codes.at(now - timedelta(seconds=CODE_SECONDS)),
        AuthenticationCode2=codes.at(now),
    )
    credentials = Credentials(key["AccessKeyId"], key["SecretAccessKey"])
    return Person(user, credentials, device["SerialNumber"], seed, groups=tuple(groups))


def enrol_permission_sets(access: Access, administrator: Credentials, manifest: Manifest) -> tuple[Person, ...]:
    """Make the role of each permission set that a management role trusts, with a policy that lets it use that trust."""
    roles = [role for role in manifest.management_roles.values() if role.trust.identity_center]
    sets = dict.fromkeys(one for role in roles if (to := role.trust.identity_center) for one in to.permission_sets)
    iam = access.client("iam", administrator)
    return tuple(_permission_set(iam, one, manifest, roles) for one in sets)


def _permission_set(iam: Any, name: str, manifest: Manifest, roles: Sequence[ManagementRole]) -> Person:
    account, user = manifest.management_account.id, f"identity-center-{name}"
    iam.create_user(UserName=user)
    key = iam.create_access_key(UserName=user)["AccessKey"]
    trust = {"Effect": "Allow", "Principal": {"AWS": user_arn(account, user)}, "Action": "sts:AssumeRole"}
    made = iam.create_role(
        Path=f"/aws-reserved/sso.amazonaws.com/{manifest.region}/",
        RoleName=f"AWSReservedSSO_{name}_{secrets.token_hex(8)}",
        AssumeRolePolicyDocument=json.dumps(document(trust)),
    )["Role"]
    trusting = [(role, to) for role in roles if (to := role.trust.identity_center) and name in to.permission_sets]
    reached = [role_arn(account, role.name) for role, _ in trusting]
    reached += [role_arn("*", each) for role, to in trusting if to.direct for each in _granted(role)]
    policy = json.dumps(document(assume_exactly(list(dict.fromkeys(reached)))))
    iam.put_role_policy(RoleName=made["RoleName"], PolicyName="fleetyard", PolicyDocument=policy)
    credentials = Credentials(key["AccessKeyId"], key["SecretAccessKey"])
    return Person(user, credentials, permission_set=name, set_role=str(made["Arn"]))


def _granted(role: ManagementRole) -> list[str]:
    return [name for names in role.granted.values() for name in names]


def sign_in(access: Access, person: Person) -> Credentials:
    """Return the session that the person signs in to: with MFA, as `aws sts get-session-token` gives, or of their set.

    A person of Identity Center gets the session of the permission set's role, as `aws sso login` gives.
    """
    if person.set_role:
        return access.assume(person.key, person.set_role, person.user)
    answer = access.client("sts", person.key).get_session_token(
        SerialNumber=person.mfa_serial, TokenCode=pyotp.TOTP(person.mfa_seed).now()
    )
    return credentials_of(answer["Credentials"])
