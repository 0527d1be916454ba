"""Which KMS key a parameter or a secret is kept under in moto's state; "" for AWS's own key, or where nothing is."""

from __future__ import annotations

from rehearsal.twin.emulator.backends import backend_of

_OF_AWS = "alias/aws/"


def key_of_parameter(account_id: str, region: str, name: str) -> str:
    """Return the key of a SecureString parameter's newest version."""
    backend = backend_of("ssm", "ssm", account_id, region)
    # Past moto's own reader, which loads all of AWS's public parameters for some names.
    kept = dict.get(backend._parameters, name) if backend is not None else None
    return _own(kept[-1].keyid) if kept and kept[-1].parameter_type == "SecureString" else ""


def key_of_secret(arn: str) -> str:
    """Return the key of a secret."""
    parts = arn.split(":", 5)
    backend = backend_of("secretsmanager", "secretsmanager", parts[4], parts[3]) if len(parts) == 6 else None
    secret = backend.secrets.get(arn) if backend is not None else None
    return _own(getattr(secret, "kms_key_id", None))


def _own(key: str | None) -> str:
    return "" if not key or _OF_AWS in key else key
