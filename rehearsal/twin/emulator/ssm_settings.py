"""Service settings of Systems Manager, which moto does not have: kept, without effect.

moto's modules have no types and are changed here, hence `Any` for them.
Source: AWS Systems Manager API Reference, "GetServiceSetting", "UpdateServiceSetting", "ResetServiceSetting".
"""

from __future__ import annotations

import json
import time
from typing import Any

_DEFAULTS = {
    "/ssm/appmanager/appmanager-enabled": "True",
    "/ssm/automation/customer-script-log-destination": "",
    "/ssm/automation/customer-script-log-group-name": "",
    "/ssm/documents/console/public-sharing-permission": "Enable",
    "/ssm/managed-instance/activation-tier": "standard",
    "/ssm/managed-instance/default-ec2-instance-management-role": "",
    "/ssm/opsinsights/opscenter": "Disabled",
    "/ssm/parameter-store/default-parameter-tier": "Standard",
    "/ssm/parameter-store/high-throughput-enabled": "false",
}
_KEPT = "fleetyard_settings"


def keep_service_settings() -> None:
    """Let moto's Systems Manager keep, tell and reset its settings for an account and region."""
    from moto.core.exceptions import JsonRESTError
    from moto.ssm import responses

    ssm: Any = responses.SimpleSystemManagerResponse

    def setting_of(response: Any) -> str:
        named = str(response._get_param("SettingId") or "")
        setting = named.partition(":servicesetting")[2] or named
        if setting not in _DEFAULTS:
            raise JsonRESTError(
                "ServiceSettingNotFound",
                f"Setting {named} is not found.",
            )
        return setting

    def kept(response: Any) -> dict[str, tuple[str, float]]:
        found: dict[str, tuple[str, float]] = response.ssm_backend.__dict__.setdefault(_KEPT, {})
        return found

    def told(response: Any, setting: str) -> str:
        value, changed = kept(response).get(setting, (_DEFAULTS[setting], 0.0))
        backend = response.ssm_backend
        answer = {
            "ARN": f"arn:aws:ssm:{backend.region_name}:{backend.account_id}:servicesetting{setting}",
            "LastModifiedDate": changed,
            "LastModifiedUser": "" if setting in kept(response) else "System",
            "SettingId": setting,
            "SettingValue": value,
            "Status": "Customized" if setting in kept(response) else "Default",
        }
        return json.dumps({"ServiceSetting": answer})

    def get_service_setting(self: Any) -> str:
        return told(self, setting_of(self))

    def update_service_setting(self: Any) -> str:
        kept(self)[setting_of(self)] = (str(self._get_param("SettingValue")), time.time())
        return "{}"

    def reset_service_setting(self: Any) -> str:
        kept(self).pop(setting_of(self), None)
        return told(self, setting_of(self))

    ssm.get_service_setting, ssm.update_service_setting = get_service_setting, update_service_setting
    ssm.reset_service_setting = reset_service_setting
