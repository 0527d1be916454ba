"""Multi-factor authentication: whose device a serial number is, and whether a code is right and not used before.

Sources: IAM User Guide, "Troubleshoot IAM", "MFA": a code can be used once only; RFC 6238 (the codes).
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pyotp

from rehearsal.twin.callers.callers import Caller, CallerKind
from rehearsal.twin.emulator.aws_state import AwsState
from rehearsal.twin.requests.refusals import Fault, Refusal

_STEP = 30  # seconds a code is good for
_WINDOW = (0, -1, 1)
"""Steps around now whose codes are right: a device's clock may be a little off."""
_NOT_YOURS = (
    "MultiFactorAuthentication failed, unable to validate MFA code.  "
    "Please verify your MFA serial number is valid and associated with this user."
)
_WRONG_CODE = "MultiFactorAuthentication failed with invalid MFA one time pass code. "


@dataclass(slots=True)
class UsedCodes:
    """Which codes were used, by device; holds the few of each device that could still be right."""

    _steps: dict[str, set[int]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def use(self, device: Any, step: int) -> bool:
        """Note that the code of a step is used; tells whether it was not used before."""
        seed = str(device.base32_string_seed)  # a new device of the same name has another one
        with self._lock:
            used = {one for one in self._steps.get(seed, ()) if one >= step - len(_WINDOW)}
            fresh = step not in used
            self._steps[seed] = used | {step}
        return fresh


@dataclass(frozen=True, slots=True)
class MfaCode:
    """A device and a code of it, as a request carries them."""

    serial: str
    code: str

    def check(self, caller: Caller, state: AwsState, used: UsedCodes | None, now: datetime) -> None:
        """Raise Refusal unless the device belongs to the calling user and the code is one of it, not used before.

        Without `used` a code may be used again.
        """
        user = state.user(caller.account_id, caller.name) if caller.kind is CallerKind.USER else None
        device = _device(caller.account_id, self.serial, state)
        if user is None or device is None or self.serial not in user.mfa_devices:
            raise Refusal(Fault.DENIED, _NOT_YOURS)
        step = _step_of(device, self.code, now)
        if step is None:
            raise Refusal(Fault.DENIED, _WRONG_CODE, note="it is none of the device's codes of this minute")
        if used is not None and not used.use(device, step):
            raise Refusal(Fault.DENIED, _WRONG_CODE, note="the code was used before; the next one comes in 30 seconds")


def check_enabling(account_id: str, serial: str, codes: tuple[str, str], state: AwsState, now: datetime) -> None:
    """Raise Refusal unless the two codes are right ones of a virtual device, as EnableMFADevice demands."""
    device = _device(account_id, serial, state)
    if device is None:
        return  # moto says what is missing
    totp = pyotp.TOTP(device.base32_string_seed, interval=_STEP)
    if codes[0] == codes[1] or not all(totp.verify(code, for_time=now, valid_window=2) for code in codes):
        raise Refusal.of("InvalidAuthenticationCode", "Authentication code for device is not valid.", 403)


def _device(account_id: str, serial: str, state: AwsState) -> Any | None:
    iam = state.iam(account_id)
    return iam.virtual_mfa_devices.get(serial) if iam else None


def _step_of(device: Any, code: str, now: datetime) -> int | None:
    totp = pyotp.TOTP(device.base32_string_seed, interval=_STEP)
    for offset in _WINDOW:
        at = now + timedelta(seconds=offset * _STEP)
        if totp.verify(code, for_time=at):
            return totp.timecode(at)
    return None
