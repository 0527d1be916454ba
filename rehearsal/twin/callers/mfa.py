"""Multi-factor authentication: whose device a serial number is, and whether a code is right.

A code may be used more than once here; AWS accepts each only once.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pyotp

from rehearsal.twin.callers.callers import Caller, CallerKind
from rehearsal.twin.emulator.aws_state import AwsState
from rehearsal.twin.requests.refusals import Fault, Refusal

_STEP = 30  # seconds a code is good for
_NOT_YOURS = (
    "MultiFactorAuthentication failed, unable to validate MFA code.  "
    "Please verify your MFA serial number is valid and associated with this user."
)
_WRONG_CODE = "MultiFactorAuthentication failed with invalid MFA one time pass code. "


def check_mfa(caller: Caller, serial: str, code: str, state: AwsState, now: datetime) -> None:
    """Raise Refusal unless the device belongs to the calling user and the code is one of it."""
    user = state.user(caller.account_id, caller.name) if caller.kind is CallerKind.USER else None
    device = _device(caller.account_id, serial, state)
    if user is None or device is None or serial not in user.mfa_devices:
        raise Refusal(Fault.DENIED, _NOT_YOURS)
    if not _is_right(device, code, now):
        raise Refusal(Fault.DENIED, _WRONG_CODE)


def check_enabling(account_id: str, serial: str, codes: tuple[str, str], state: AwsState, now: datetime) -> None:
    """Raise Refusal unless the two codes are right ones of a virtual device, as EnableMFADevice demands."""
    device = _device(account_id, serial, state)
    if device is None:
        return  # moto says what is missing
    if codes[0] == codes[1] or not all(_is_right(device, code, now, steps=2) for code in codes):
        raise Refusal.of("InvalidAuthenticationCode", "Authentication code for device is not valid.", 403)


def _device(account_id: str, serial: str, state: AwsState) -> Any | None:  # noqa: ANN401 - moto's device
    iam = state.iam(account_id)
    return iam.virtual_mfa_devices.get(serial) if iam else None


def _is_right(device: Any, code: str, now: datetime, steps: int = 1) -> bool:  # noqa: ANN401
    totp = pyotp.TOTP(device.base32_string_seed, interval=_STEP)
    return bool(totp.verify(code, for_time=now, valid_window=steps))
