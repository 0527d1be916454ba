"""What is changed in moto's KMS: what a key's state lets one do, how often it is rotated, when it is deleted.

moto's modules have no types and are changed here, hence `Any` for them. Cryptographic operations are held back by the
gate, which knows the key in any case (`actions/kms.py`).
Sources: AWS KMS Developer Guide, "Key states of AWS KMS keys" (table and wording); AWS KMS API Reference,
"CreateGrant", "EnableKeyRotation", "GetKeyRotationStatus", "ScheduleKeyDeletion", "CreateAlias", "GetKeyPolicy".
"""

from __future__ import annotations

import json
import time
from functools import partial, wraps
from typing import Any

from rehearsal.twin.emulator.checks import Call, check_first

_PENDING, _DISABLED = "PendingDeletion", "Disabled"
_NOT_WHEN_PENDING = {
    "create_alias": "TargetKeyId",
    "create_grant": "KeyId",
    "disable_key": "KeyId",
    "disable_key_rotation": "KeyId",
    "enable_key": "KeyId",
    "enable_key_rotation": "KeyId",
    "rotate_key_on_demand": "KeyId",
    "schedule_key_deletion": "KeyId",
    "tag_resource": "KeyId",
    "untag_resource": "KeyId",
    "update_alias": "TargetKeyId",
    "update_key_description": "KeyId",
}
"""Operations that fail for a key that is pending deletion, and the parameter that names it."""
_NOT_WHEN_DISABLED = frozenset({"create_grant", "disable_key_rotation", "enable_key_rotation", "rotate_key_on_demand"})
_SYMMETRIC = "SYMMETRIC_DEFAULT"
_PERIOD, _SHORTEST, _LONGEST, _YEAR = "RotationPeriodInDays", 90, 2560, 365
_OF_ANY_KEY = frozenset({"CreateGrant", "DescribeKey", "RetireGrant"})
_ENCRYPTS = frozenset({"Decrypt", "Encrypt", "ReEncryptFrom", "ReEncryptTo"})
_DATA_KEYS = frozenset(f"GenerateDataKey{kind}" for kind in ("", "Pair", "PairWithoutPlaintext", "WithoutPlaintext"))
_GRANTED = {
    "ENCRYPT_DECRYPT": _ENCRYPTS | {"GetPublicKey"},
    "GENERATE_VERIFY_MAC": frozenset({"GenerateMac", "VerifyMac"}),
    "KEY_AGREEMENT": frozenset({"DeriveSharedSecret", "GetPublicKey"}),
    "SIGN_VERIFY": frozenset({"GetPublicKey", "Sign", "Verify"}),
}
"""What a grant can be for, by the usage of keys that are not symmetric ones for encryption.

Source: AWS KMS Developer Guide, "Grant operations".
"""
_NOT_GRANTED = "Operations {} are not supported by the KMS key {}."
_WINDOW, _SOONEST, _LATEST = "PendingWindowInDays", 7, 30
_DAY_S = 24 * 60 * 60


def make_keys_like_aws(kms: Any, error: Any) -> None:
    """Change moto's package; `error` is moto's class of errors."""
    response = kms.responses.KmsResponse
    _keep_rotation(response, error)
    _schedule_deletion(response, error)
    _keep_aliases_of_aws(response, kms.responses.NotAuthorizedException)
    _check_states(response, error)
    check_first(response, "create_grant", partial(_check_grant, error))
    _name_the_policy(kms.responses)


def _check_states(response: Any, error: Any) -> None:
    for name, parameter in _NOT_WHEN_PENDING.items():
        setattr(response, name, _when_usable(getattr(response, name), parameter, error))
    cancel = response.cancel_key_deletion

    @wraps(cancel)
    def cancel_key_deletion(self: Any) -> Any:
        key = _key(self, "KeyId")
        if key is not None and key.key_state != _PENDING:
            raise error("KMSInvalidStateException", f"{key.arn} is not pending deletion.")
        answer = cancel(self)
        return answer if key is None else json.dumps({"KeyId": key.arn})

    response.cancel_key_deletion = cancel_key_deletion


def _when_usable(plain: Any, parameter: str, error: Any) -> Any:
    @wraps(plain)
    def operation(self: Any) -> Any:
        key = _key(self, parameter)
        if key is not None and key.key_state == _PENDING:
            raise error("KMSInvalidStateException", f"{key.arn} is pending deletion.")
        if key is not None and key.key_state == _DISABLED and plain.__name__ in _NOT_WHEN_DISABLED:
            raise error("DisabledException", f"{key.arn} is disabled.")
        return plain(self)

    return operation


def _check_grant(error: Any, call: Call) -> None:
    """Refuse a grant for an operation that is none of the key's; how AWS words it is not known."""
    key = _key(call.response, "KeyId")
    if key is None:
        return  # moto says that there is none
    symmetric = key.key_spec == _SYMMETRIC
    fitting = _ENCRYPTS | _DATA_KEYS if symmetric else _GRANTED.get(key.key_usage, frozenset())
    wrong = sorted(set(call.param("Operations") or ()) - _OF_ANY_KEY - fitting)
    if wrong:
        raise error("ValidationException", _NOT_GRANTED.format(", ".join(wrong), key.arn))


def _keep_rotation(response: Any, error: Any) -> None:
    """Moto forgets the period, and rotates keys that cannot be rotated."""
    enable, status = response.enable_key_rotation, response.get_key_rotation_status

    @wraps(enable)
    def enable_key_rotation(self: Any) -> Any:
        days, key = self._get_param(_PERIOD), _key(self, "KeyId")
        if days is not None and not _SHORTEST <= days <= _LONGEST:
            raise _out_of_range(error, "rotationPeriodInDays", days, (_SHORTEST, _LONGEST))
        if key is None:
            return enable(self)  # which says that there is none
        _refuse_without_rotation(key, error)
        answer = enable(self)
        before = key.__dict__.get("rotation", (_YEAR, 0.0))[0] if key.key_rotation_status else _YEAR
        key.rotation = (days or before, time.time())
        return answer

    @wraps(status)
    def get_key_rotation_status(self: Any) -> Any:
        key = _key(self, "KeyId")
        if key is None:
            return status(self)  # which says that there is none
        _refuse_without_rotation(key, error)
        answer = json.loads(status(self))
        if key.key_state == _PENDING or not key.key_rotation_status:
            return json.dumps({"KeyId": key.arn, "KeyRotationEnabled": False})
        days, since = key.__dict__.get("rotation", (_YEAR, key.creation_date))
        answer |= {"KeyId": key.arn, _PERIOD: days, "NextRotationDate": since + days * _DAY_S}
        return json.dumps(answer)

    response.enable_key_rotation, response.get_key_rotation_status = enable_key_rotation, get_key_rotation_status


def _refuse_without_rotation(key: Any, error: Any) -> None:
    if key.key_spec != _SYMMETRIC or key.origin != "AWS_KMS":
        raise error("UnsupportedOperationException", f"{key.arn} key spec is not valid for this operation.")


def _schedule_deletion(response: Any, error: Any) -> None:
    """Moto answers a window that is too short or too long with nothing, and tells neither state nor window."""
    plain = response.schedule_key_deletion

    @wraps(plain)
    def schedule_key_deletion(self: Any) -> Any:
        given, key = self._get_param(_WINDOW), _key(self, "KeyId")
        days = _LATEST if given is None else given
        if not _SOONEST <= days <= _LATEST:
            raise _out_of_range(error, "pendingWindowInDays", days, (_SOONEST, _LATEST))
        answer = plain(self)
        return (
            answer
            if key is None
            else json.dumps({**json.loads(answer), "KeyId": key.arn, "KeyState": _PENDING, _WINDOW: days})
        )

    response.schedule_key_deletion = schedule_key_deletion


def _keep_aliases_of_aws(response: Any, not_authorized: Any) -> None:
    """Moto reserves the aliases of AWS's own keys by a list of them; AWS whatever begins with `alias/aws/`."""
    plain = response._set_alias

    @wraps(plain)
    def set_alias(self: Any, update: bool = False) -> Any:
        if str(self._get_param("AliasName")).startswith("alias/aws/"):
            raise not_authorized
        return plain(self, update)

    response._set_alias = set_alias


def _key(response: Any, parameter: str) -> Any | None:
    """Return the key that a request names; None where there is none, which moto says in its own words."""
    named, backend = response._get_param(parameter), response.kms_backend
    if not isinstance(named, str) or ("alias/" in named and not backend.alias_exists(backend.get_alias_name(named))):
        return None
    return backend.keys.get(backend.any_id_to_key_id(named))


def _out_of_range(error: Any, name: str, value: int, bounds: tuple[int, int]) -> Exception:
    low, high = bounds
    limit = f"greater than or equal to {low}" if value < low else f"less than or equal to {high}"
    refusal: Exception = error(
        "ValidationException",
        f"1 validation error detected: Value '{value}' at '{name}' failed to satisfy constraint: "
        f"Member must have value {limit}",
    )
    return refusal


def _name_the_policy(responses: Any) -> None:
    """Moto asks for the name of a key's only policy; AWS knows it: `default`."""
    plain = responses._assert_default_policy

    def assert_default_policy(policy_name: str | None) -> None:
        plain(policy_name or "default")

    responses._assert_default_policy = assert_default_policy
