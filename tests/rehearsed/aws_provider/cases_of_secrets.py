"""The cases of what machines and people sign in with, and of secrets: profiles, SAML providers, grants, secrets."""

from __future__ import annotations

from functools import cache

from orchestrator.rehearse.saml_issuer import SamlIssuer
from orchestrator.rehearse.token_issuer import new_signing_key
from rehearsal.aws.services import iam_profiles, kms_grants, secrets_manager
from tests.rehearsed.aws_provider.cases import Case
from tests.rehearsed.aws_provider.world import World, statement


@cache
def _key() -> str:
    """Return the key of all identity providers here: making one takes a tenth of a second."""
    return new_signing_key()


def _metadata(issuer: str) -> str:
    return SamlIssuer(issuer, _key()).metadata


def _policy(world: World, sid: str) -> str:
    owner = {"AWS": f"arn:aws:iam::{world.account_id}:root"}
    return statement(Sid=sid, Principal=owner, Action="secretsmanager:GetSecretValue", Resource="*")


def _secret(world: World) -> str:
    return str(world.client("secretsmanager").create_secret(Name=world.name("secret"))["ARN"])


def _role_arn(world: World) -> str:
    return f"arn:aws:iam::{world.account_id}:role/{world.role()}"


SECRETS = [
    Case(
        kind=iam_profiles.INSTANCE_PROFILE,
        inputs=lambda w: {"role": w.role(), "tags": {"a": "1"}},
        updates=lambda w, _: [{"role": w.role()}, {"role": None}, {"role": w.role()}, {"tags": {"b": "2"}}],
        replacements=lambda w: {"name": w.name(), "path": "/other/"},
        drift=lambda w, r: w.client("iam").remove_role_from_instance_profile(
            InstanceProfileName=r.id, RoleName=r.outputs["role"]
        ),
        drifted=frozenset({"role"}),
    ),
    Case(
        kind=iam_profiles.SAML_PROVIDER,
        inputs=lambda _: {"samlMetadataDocument": _metadata("https://first.example")},
        updates=lambda *_: [{"samlMetadataDocument": _metadata("https://second.example")}],
        replacements=lambda w: {"name": w.name()},
        drift=lambda w, r: w.client("iam").update_saml_provider(
            SAMLProviderArn=r.id, SAMLMetadataDocument=_metadata("https://theirs.example")
        ),
        drifted=frozenset({"samlMetadataDocument"}),
    ),
    Case(
        kind=secrets_manager.SECRET,
        inputs=lambda w: {"description": "first", "kmsKeyId": w.key(), "tags": {"a": "1"}},
        updates=lambda w, _: [
            {"description": "second"},
            {"description": None},
            {"kmsKeyId": w.key()},
            {"policy": _policy(w, "First")},
            {"policy": _policy(w, "Second")},
            {"recoveryWindowInDays": 7},
            {"tags": {"b": "2"}},
        ],
        replacements=lambda w: {"name": w.name(), "region": "us-east-1"},
        drift=lambda w, r: w.client("secretsmanager").update_secret(SecretId=r.id, Description="theirs"),
        drifted=frozenset({"description"}),
    ),
    Case(
        kind=secrets_manager.SECRET_POLICY,
        inputs=lambda w: {"secretArn": _secret(w), "policy": _policy(w, "First")},
        updates=lambda w, _: [{"policy": _policy(w, "Second")}, {"blockPublicPolicy": True}],
        replacements=lambda w: {"secretArn": _secret(w), "region": "us-east-1"},
        drift=lambda w, r: w.client("secretsmanager").delete_resource_policy(SecretId=r.id),
        drifted=frozenset({"policy"}),
        stays=True,
    ),
    Case(
        kind=kms_grants.GRANT,
        inputs=lambda w: {
            "keyId": w.key(),
            "granteePrincipal": _role_arn(w),
            "operations": ["Encrypt", "Decrypt"],
            "constraints": [{"encryptionContextEquals": {"team": "a"}}],
        },
        updates=lambda *_: [],
        replacements=lambda w: {
            "name": w.name(),
            "keyId": w.key(),
            "granteePrincipal": _role_arn(w),
            "operations": ["Decrypt"],
            "constraints": [{"encryptionContextSubset": {"team": "a"}}],
            "retiringPrincipal": _role_arn(w),
            "grantCreationTokens": ["token"],
            "retireOnDelete": True,
            "region": "us-east-1",
        },
        drift=lambda w, r: w.client("kms").revoke_grant(KeyId=r.outputs["keyId"], GrantId=r.outputs["grantId"]),
        drifted=frozenset({"gone"}),
    ),
]
