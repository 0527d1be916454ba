"""The documents that the programs make, put before AWS's rules, let through what the manifest grants and no more."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from iam_decision import (
    SIZE_LIMITS,
    DocumentKind,
    Policies,
    Policy,
    PolicyKind,
    Principal,
    PrincipalKind,
    Request,
    ResourceKind,
    decide,
    parse_policy,
)
from landing_zone import limits
from landing_zone.fleet import Manifest
from landing_zone.lock import Lock
from landing_zone.stack_config import for_bootstrap, for_subaccount
from tests.unit.landing_zone.fleets import ORGANIZATION_ID, edited, full_lock, parsed, sample
from tests.unit.programs import deployed
from tests.unit.programs.program_under_mocks import Ran, run_program

MANAGEMENT = "100000000001"
ADMINISTRATOR_ACCESS = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
KEY = "arn:aws:kms:eu-west-1:000000000000:key/k-1"
ROLE = "aws:iam/role:Role"
POLICY = "aws:iam/rolePolicy:RolePolicy"


def _session(role: str) -> Principal:
    return Principal(
        PrincipalKind.ROLE_SESSION,
        MANAGEMENT,
        f"arn:aws:sts::{MANAGEMENT}:assumed-role/{role}/somebody",
        role_arn=f"arn:aws:iam::{MANAGEMENT}:role/{role}",
    )


def _user(name: str) -> Principal:
    return Principal(PrincipalKind.USER, MANAGEMENT, f"arn:aws:iam::{MANAGEMENT}:user/{name}")


def _policy(document: dict[str, Any], kind: PolicyKind, name: str) -> Policy:
    return parse_policy(document, name, kind=kind)


def _identity(ran: Ran, role: str) -> tuple[Policy, ...]:
    found = ran.of_type(POLICY).get(role)
    return (_policy(found.document("policy"), PolicyKind.IDENTITY, role),) if found else ()


def _hop(principal: Principal, identity: tuple[Policy, ...], trust: Policy, role_arn: str, **context: str) -> bool:
    policies = Policies(
        identity=identity,
        resource=trust,
        resource_account=role_arn.split(":")[4],
        resource_kind=ResourceKind.TRUST,
    )
    request = Request(principal, "sts:AssumeRole", role_arn, {"aws:ResourceOrgID": ORGANIZATION_ID, **context})
    return decide(request, policies).allowed


def _reached(manifest: Manifest, lock: Lock, accounts: list[str]) -> Iterator[tuple[str, str, str]]:
    """Yield the pairs that AWS would allow, every management role trying every role that an account has."""
    management = manifest.management_account.name
    bootstrap = run_program("bootstrap", for_bootstrap(manifest, lock), project="bootstrap", stack=management)
    for account in accounts:
        config = for_subaccount(manifest, lock, account)
        made = run_program("bootstrap-subaccount", config, project="bootstrap-subaccount", stack=account)
        for role, found in made.of_type(ROLE).items():
            trust = _policy(found.document("assumeRolePolicy"), PolicyKind.TRUST, role)
            for who in manifest.management_roles:
                arn = f"arn:aws:iam::{lock.accounts[account]}:role/{role}"
                if _hop(_session(who), _identity(bootstrap, who), trust, arn):
                    yield who, account, role


@cache
def _bootstrap() -> Ran:
    return deployed.bootstrap()


def test_the_samples_37_pairs_and_no_other() -> None:
    """Of the 99 pairs of the sample exactly the 37 that are granted are allowed."""
    members = [account.name for account in sample().members]
    assert set(_reached(sample(), full_lock(sample()), members)) == sample().reach()


def test_a_large_fleet_is_as_exact() -> None:
    """Where policies name roles instead of ARNs, the trusts keep the reach what the manifest says."""
    developer = "{roles: [ReadOnly], stages: [prod]}"
    lines = "".join(f"      a{at:04}: {{email: a{at}@small.example}}\n" for at in range(300))
    manifest = parsed(
        edited(
            ("      audit: {email: audit@small.example}\n", lines),
            (developer, f'{developer}\n      - {{roles: [Admin], accounts: ["a*", dev]}}'),
        )
    )
    accounts = ["a0000", "prod", "dev"]
    expected = {pair for pair in manifest.reach() if pair[1] in accounts}
    assert set(_reached(manifest, full_lock(manifest), accounts)) == expected
    assert ("Management-Developer", "prod", "Admin") not in expected


@pytest.mark.parametrize("mfa", ["true", "false", None])
def test_users_become_management_roles_with_mfa_only(mfa: str | None) -> None:
    """The trusted user gets in with MFA, not without, and nobody else gets in at all."""
    trust = _policy(_bootstrap().of_type(ROLE)["Management-Admin"].document("assumeRolePolicy"), PolicyKind.TRUST, "t")
    context = {} if mfa is None else {"aws:MultiFactorAuthPresent": mfa}
    arn = f"arn:aws:iam::{MANAGEMENT}:role/Management-Admin"
    assert _hop(_user("ops"), (), trust, arn, **context) is (mfa == "true")
    assert not _hop(_user("somebody"), (), trust, arn, **context)


def test_an_administrator_does_not_pass_for_a_management_role() -> None:
    """A member role lets nobody else of the management account in, whatever rights they have there."""
    config = for_subaccount(sample(), full_lock(sample()), "plat-dev")
    made = run_program("bootstrap-subaccount", config, project="bootstrap-subaccount", stack="plat-dev")
    trust = _policy(made.of_type(ROLE)["Admin"].document("assumeRolePolicy"), PolicyKind.TRUST, "t")
    everything = (_policy(ADMINISTRATOR_ACCESS, PolicyKind.IDENTITY, "AdministratorAccess"),)
    assert not _hop(_user("administrator"), everything, trust, "arn:aws:iam::100000000011:role/Admin")


def _with_key(principal: Principal, identity: tuple[Policy, ...], action: str) -> bool:
    key = _policy(_bootstrap().only("aws:kms/key:Key").document("policy"), PolicyKind.RESOURCE, "key")
    policies = Policies(identity=identity, resource=key, resource_account=MANAGEMENT, resource_kind=ResourceKind.KEY)
    return decide(Request(principal, action, KEY), policies).allowed


def test_only_management_admin_uses_the_state_key() -> None:
    """Management-Admin encrypts and decrypts; other management roles and administrators do not."""
    everything = (_policy(ADMINISTRATOR_ACCESS, PolicyKind.IDENTITY, "AdministratorAccess"),)
    for action in ("kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey"):
        assert _with_key(_session("Management-Admin"), _identity(_bootstrap(), "Management-Admin"), action)
        assert not _with_key(_session("Management-Developer"), everything, action)
        assert not _with_key(_user("administrator"), everything, action)


def test_administrators_keep_the_state_key_in_order() -> None:
    """An administrator may change the key's policy, so that it can't be orphaned; Management-Admin may not."""
    everything = (_policy(ADMINISTRATOR_ACCESS, PolicyKind.IDENTITY, "AdministratorAccess"),)
    assert _with_key(_user("administrator"), everything, "kms:PutKeyPolicy")
    assert not _with_key(_session("Management-Admin"), _identity(_bootstrap(), "Management-Admin"), "kms:PutKeyPolicy")


@pytest.mark.parametrize(
    ("action", "resource", "allowed"),
    [
        ("s3:GetObject", "/.pulumi/stacks/network/plat-dev.json", True),
        ("s3:PutObject", "/.pulumi/stacks/network/plat-dev.json", True),
        ("s3:PutObject", "/other.json", False),
        ("s3:PutBucketPolicy", "", False),
        ("s3:DeleteBucket", "", False),
        ("s3:DeleteObjectVersion", "/.pulumi/stacks/network/plat-dev.json", False),
    ],
)
def test_what_management_admin_does_with_the_bucket(action: str, resource: str, *, allowed: bool) -> None:
    """Management-Admin works below the Pulumi prefix, can't lose old versions, and can't touch the bucket itself."""
    bucket = _policy(_bootstrap().only("aws:s3/bucketPolicy:BucketPolicy").document("policy"), PolicyKind.RESOURCE, "b")
    arn = f"arn:aws:s3:::acme-state-100000000001-eu-west-1{resource}"
    policies = Policies(
        identity=_identity(_bootstrap(), "Management-Admin"),
        resource=bucket,
        resource_account=MANAGEMENT,
        resource_kind=ResourceKind.BUCKET,
    )
    by_tls = Request(_session("Management-Admin"), action, arn, {"aws:SecureTransport": "true"})
    in_clear = Request(_session("Management-Admin"), action, arn, {"aws:SecureTransport": "false"})
    assert decide(by_tls, policies).allowed is allowed
    assert not decide(in_clear, policies).allowed


def test_limits_are_the_same_everywhere() -> None:
    """Validation measures against the limits that the decision core knows."""
    assert {
        kind: SIZE_LIMITS[kind].maximum
        for kind in (
            DocumentKind.TRUST_POLICY,
            DocumentKind.INLINE_ROLE_POLICIES,
            DocumentKind.BUCKET_POLICY,
            DocumentKind.KEY_POLICY,
        )
    } == {
        DocumentKind.TRUST_POLICY: limits.TRUST_POLICY,
        DocumentKind.INLINE_ROLE_POLICIES: limits.ROLE_INLINE_POLICIES,
        DocumentKind.BUCKET_POLICY: limits.BUCKET_POLICY,
        DocumentKind.KEY_POLICY: limits.KEY_POLICY,
    }
