"""The right to use the KMS key that a service encrypts with on someone's behalf: parameters and secrets.

AWS's own keys (`alias/aws/…`) let in everybody of the account who may use the service, and nobody else.
Source: Systems Manager User Guide, "AWS KMS encryption for AWS Systems Manager Parameter Store SecureString
parameters"; Secrets Manager User Guide, "Secret encryption and decryption in AWS Secrets Manager".
"""

from __future__ import annotations

from collections.abc import Iterator

from rehearsal.twin.actions.demand import Asked, Demand
from rehearsal.twin.actions.kms import key_demand
from rehearsal.twin.actions.on_behalf import on_behalf
from rehearsal.twin.emulator.kept_under_keys import key_of_parameter, key_of_secret
from rehearsal.twin.requests.refusals import Fault, Refusal

_WRITES_A_SECRET = frozenset({"CreateSecret", "PutSecretValue", "UpdateSecret"})
_READS = "kms:Decrypt"
_NOT_ACROSS = "Access to KMS is not allowed"


def keys_of_parameters(asked: Asked, names: list[str]) -> Iterator[Demand]:
    """Yield the rights to the keys of the parameters that a request writes or reads in the clear."""
    operation = asked.operation
    if operation.name == "PutParameter" and operation.text("Type") == "SecureString":
        arn = asked.arn("ssm", f"parameter/{operation.text('Name').lstrip('/')}")
        yield from _uses(asked, "kms:Encrypt", operation.text("KeyId"), {"PARAMETER_ARN": arn})
    if operation.params.get("WithDecryption") is True:
        for name in names:
            key = key_of_parameter(asked.caller.account_id, operation.region, name)
            arn = asked.arn("ssm", f"parameter/{name.lstrip('/')}")
            yield from _uses(asked, _READS, key, {"PARAMETER_ARN": arn})


def keys_of_secrets(asked: Asked, arn: str, owner: str) -> Iterator[Demand]:
    """Yield the rights to the key of the secret that a request writes or reads.

    Raises: Refusal for a secret of another account under AWS's own key, which lets its own account in only.
    """
    operation = asked.operation
    context = {"SecretARN": arn}
    key = operation.text("KmsKeyId") or key_of_secret(arn)
    writes = operation.name in _WRITES_A_SECRET and _brings_a_value(asked)
    if not (writes or operation.name == "GetSecretValue"):
        return
    if not key and owner not in ("", asked.caller.account_id):
        raise Refusal(Fault.DENIED, _NOT_ACROSS)
    if writes:
        yield from _uses(asked, "kms:GenerateDataKey", key, context)
    yield from _uses(asked, _READS, key, context)


def _brings_a_value(asked: Asked) -> bool:
    return any(asked.operation.params.get(name) for name in ("SecretString", "SecretBinary"))


def _uses(asked: Asked, action: str, key_id: str, encryption_context: dict[str, str]) -> Iterator[Demand]:
    key = asked.state.key(asked.caller.account_id, asked.operation.region, key_id) if key_id else None
    if key is None:
        return  # AWS's own key, or one that is missing, which the service says itself
    context = on_behalf(asked.operation.service, asked.operation.region, encryption_context)
    yield key_demand(action, key, {**context, "kms:CallerAccount": asked.caller.account_id})
