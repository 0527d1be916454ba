"""What moto's GuardDuty and Security Hub lack: tags of detectors, settings of the hub, delegated administrators.

moto's modules have no types and are changed here, hence `Any` for them. Each is done when its service is first asked
for (`late_fixes`).
Source: Amazon GuardDuty API Reference, "TagResource", "DeleteDetector", "DisableOrganizationAdminAccount"; AWS Security
Hub API Reference, "UpdateSecurityHubConfiguration", "DisableOrganizationAdminAccount",
"ListOrganizationAdminAccounts".
"""

from __future__ import annotations

import json
from functools import wraps
from typing import Any

from rehearsal.twin.emulator.baseline_services import keep_detectors_single, know_security_hub
from rehearsal.twin.emulator.checks import Call, check_first

_NO_ADMINISTRATOR = "The request is rejected because the account is not the delegated administrator."
_OTHER_ADMINISTRATOR = "The request is rejected because another account is the delegated administrator."
_NOT_A_MEMBER = "The request is rejected because the account is not a member of the caller's organization."
_NOT_OWNED = "The request is rejected because the input detectorId is not owned by the current account."


def make_guardduty_like_aws() -> None:
    """Change moto's GuardDuty: one detector, its tags, its deletion, and one delegated administrator."""
    from moto.guardduty import exceptions, responses, urls
    from moto.organizations.models import organizations_backends

    keep_detectors_single()
    response: Any = responses.GuardDutyResponse
    refusal = _bad_request(exceptions)
    for path in (r"tags/(?P<resource_arn>.+)", "admin/disable"):
        urls.url_paths[f"{{0}}/{path}$"] = response.dispatch
    _tag_detectors(response)

    def delete(call: Call) -> None:
        if call.response.path.rsplit("/", 1)[-1] not in call.response.guardduty_backend.detectors:
            raise refusal(_NOT_OWNED)

    def enable(call: Call) -> None:
        wanted, known = call.text("adminAccountId"), call.response.guardduty_backend.admin_account_ids
        members = organizations_backends[call.response.current_account]["aws"].accounts
        if not any(account.id == wanted for account in members):
            raise refusal(_NOT_A_MEMBER)
        if known:
            raise refusal(_OTHER_ADMINISTRATOR)

    def disable_organization_admin_account(self: Any) -> str:
        known, gone = self.guardduty_backend.admin_account_ids, self._get_param("adminAccountId")
        if gone not in known:
            raise refusal(_NO_ADMINISTRATOR)
        known.remove(gone)
        return "{}"

    check_first(response, "delete_detector", delete)
    check_first(response, "enable_organization_admin_account", enable)
    response.disable_organization_admin_account = disable_organization_admin_account


def _bad_request(exceptions: Any) -> type[Exception]:
    class BadRequest(exceptions.GuardDutyException):  # type: ignore[misc]
        code = 400

        def __init__(self, words: str) -> None:
            super().__init__("BadRequestException", words)

        def get_headers(self, *_args: Any, **_kwargs: Any) -> list[tuple[str, str]]:
            return [("X-Amzn-ErrorType", "BadRequestException")]

    return BadRequest


def _tag_detectors(response: Any) -> None:
    def tags(self: Any) -> dict[str, str]:
        detector_id = self.path.rsplit("%2F", 1)[-1].rsplit("/", 1)[-1]
        found: dict[str, str] = self.guardduty_backend.get_detector(detector_id).tags
        return found

    def list_tags_for_resource(self: Any) -> str:
        return json.dumps({"tags": tags(self)})

    def tag_resource(self: Any) -> str:
        tags(self).update(self._get_param("tags"))
        return "{}"

    def untag_resource(self: Any) -> str:
        for key in self.querystring.get("tagKeys", []):
            tags(self).pop(key, None)
        return "{}"

    for operation in (list_tags_for_resource, tag_resource, untag_resource):
        setattr(response, operation.__name__, operation)


def make_security_hub_like_aws() -> None:
    """Change moto's Security Hub: switched on once, its settings kept, and one delegated administrator."""
    from moto.securityhub import models, responses, urls

    know_security_hub()
    response: Any = responses.SecurityHubResponse
    for path in ("organization/admin", "organization/admin/disable"):
        urls.url_paths[f"{{0}}/{path}$"] = response.dispatch
    _keep_settings_of_hub(response, models.SecurityHubBackend)
    _name_administrators(response, models.RESTError)


def _keep_settings_of_hub(response: Any, backend: Any) -> None:
    switch_on, describe = response.enable_security_hub, backend.describe_hub

    def settings(hub: Any) -> dict[str, Any]:
        kept: dict[str, Any] = vars(hub).setdefault("settings", {})
        return kept

    @wraps(switch_on)
    def enable_security_hub(self: Any) -> Any:
        asked = json.loads(self.body or "{}")
        answer = switch_on(self)
        settings(self.securityhub_backend).clear()
        if generator := asked.get("ControlFindingGenerator"):
            settings(self.securityhub_backend)["ControlFindingGenerator"] = generator
        return answer

    def update_security_hub_configuration(self: Any) -> str:
        self.securityhub_backend.describe_hub()  # refuses where there is no hub
        asked = json.loads(self.body or "{}")
        names = ("AutoEnableControls", "ControlFindingGenerator")
        settings(self.securityhub_backend).update({name: asked[name] for name in names if name in asked})
        return "{}"

    @wraps(describe)
    def describe_hub(self: Any, hub_arn: str | None = None) -> dict[str, Any]:
        return {**describe(self, hub_arn), **settings(self)}

    response.enable_security_hub = enable_security_hub
    response.update_security_hub_configuration = update_security_hub_configuration
    backend.describe_hub = describe_hub


def _name_administrators(response: Any, error: Any) -> None:
    def config(self: Any) -> dict[str, Any]:
        found: dict[str, Any] = self.securityhub_backend._get_org_config()
        return found

    def check(call: Call) -> None:
        known = config(call.response)["admin_account_id"]
        if known and known != json.loads(call.response.body)["AdminAccountId"]:
            raise error("InvalidInputException", _OTHER_ADMINISTRATOR)

    def list_organization_admin_accounts(self: Any) -> str:
        known = config(self)["admin_account_id"]
        return json.dumps({"AdminAccounts": [{"AccountId": known, "Status": "ENABLED"}] if known else []})

    def disable_organization_admin_account(self: Any) -> str:
        if config(self)["admin_account_id"] != json.loads(self.body)["AdminAccountId"]:
            raise error("InvalidInputException", _NO_ADMINISTRATOR)
        config(self)["admin_account_id"] = None
        return "{}"

    check_first(response, "enable_organization_admin_account", check)
    response.list_organization_admin_accounts = list_organization_admin_accounts
    response.disable_organization_admin_account = disable_organization_admin_account
