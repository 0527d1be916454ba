"""What moto's services of a security baseline let pass and AWS refuses: a second one of a kind, deleting nothing.

moto's modules have no types and are changed here, hence `Any` for them. Each is done when its service is first asked
for (`late_fixes`).
"""

from __future__ import annotations

from typing import Any

from rehearsal.twin.emulator.checks import Call, check_first

_SECOND_DETECTOR = "The request is rejected because a detector already exists for the current account."
_SUBSCRIBED = "Account is already subscribed to Security Hub"


def keep_detectors_single() -> None:
    """Refuse a second detector of an account and region.

    Source: Amazon GuardDuty API Reference, "CreateDetector": one detector per account per region.
    """
    from moto.guardduty import exceptions, responses

    class AlreadyThere(exceptions.GuardDutyException):  # type: ignore[misc]
        code = 400

        def __init__(self) -> None:
            super().__init__("BadRequestException", _SECOND_DETECTOR)

        def get_headers(self, *_args: Any, **_kwargs: Any) -> list[tuple[str, str]]:
            return [("X-Amzn-ErrorType", "BadRequestException")]

    def check(call: Call) -> None:
        if call.response.guardduty_backend.detectors:
            raise AlreadyThere

    check_first(responses.GuardDutyResponse, "create_detector", check)


def know_security_hub() -> None:
    """Refuse to switch Security Hub on twice.

    Source: AWS Security Hub API Reference, "EnableSecurityHub", ResourceConflictException.
    """
    from moto.core.exceptions import JsonRESTError
    from moto.securityhub import responses

    class Conflict(JsonRESTError):  # type: ignore[misc]
        code = 409

        def get_headers(self, *_args: Any, **_kwargs: Any) -> list[tuple[str, str]]:
            return [("X-Amzn-ErrorType", "ResourceConflictException")]

    def check(call: Call) -> None:
        if call.response.securityhub_backend.enabled:
            raise Conflict("ResourceConflictException", _SUBSCRIBED)

    check_first(responses.SecurityHubResponse, "enable_security_hub", check)


def know_alarms() -> None:
    """Refuse to delete alarms that are not there.

    Source: Amazon CloudWatch API Reference, "DeleteAlarms", ResourceNotFound: none is deleted then.
    """
    from moto.cloudwatch import exceptions, responses

    def check(call: Call) -> None:
        known = call.response.cloudwatch_backend.alarms
        missing = [name for name in call.param("AlarmNames") or () if name not in known]
        if missing:
            raise exceptions.ResourceNotFound(f"Alarms not found: {', '.join(missing)}")

    check_first(responses.CloudWatchResponse, "delete_alarms", check)


def keep_permission_sets_apart() -> None:
    """Refuse a second permission set of a name.

    Source: IAM Identity Center API Reference, "CreatePermissionSet", ConflictException.
    """
    from moto.ssoadmin import exceptions, responses

    def check(call: Call) -> None:
        name, instance = call.text("Name"), call.text("InstanceArn")
        known = call.response.ssoadmin_backend.permission_sets
        if any(one.name == name and one.instance_arn == instance for one in known):
            raise exceptions.ConflictException(f"PermissionSet with name {name} already exists.")

    check_first(responses.SSOAdminResponse, "create_permission_set", check)
