"""Requests for more of a quota, which moto has not. Quotas of VPC are AWS's own defaults; of others nothing is known.

A request for up to twice the present value is approved at once, a larger one opens a case that nobody ever closes. A
quota of another service than VPC is taken to exist, adjustable, with a default of 1; the account's own value of it is
known only once more was granted.
moto's modules have no types and are changed here, hence `Any` for them.
Source: Service Quotas API Reference; Service Quotas User Guide, "Requesting a quota increase".
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_OPEN, _APPROVED = "CASE_OPENED", "APPROVED"
_KNOWN_WHOLE = "vpc"
_ASSUMED_VALUE = 1.0
_APPROVED_UP_TO = 2
_TOLD = ("ServiceCode", "ServiceName", "QuotaCode", "QuotaName", "QuotaArn")


def take_requests_for_quotas(quotas: Any, error: Any) -> None:
    """Change moto's package: its responses."""
    from moto.moto_api._internal import mock_random

    missing = quotas.exceptions.NoSuchResource

    def answered(answer: Callable[[_Quotas], dict[str, Any]]) -> Callable[[Any], str]:
        return lambda response: json.dumps(answer(_Quotas(response, missing, error, mock_random.uuid4)))

    response = quotas.responses.ServiceQuotasResponse
    response.get_aws_default_service_quota = answered(lambda kept: {"Quota": kept.default()})
    response.get_service_quota = answered(lambda kept: {"Quota": kept.applied()})
    response.request_service_quota_increase = answered(lambda kept: {"RequestedQuota": kept.ask_for_more()})
    response.get_requested_service_quota_change = answered(lambda kept: {"RequestedQuota": kept.asked_before()})
    response.list_requested_service_quota_change_history_by_quota = answered(
        lambda kept: {"RequestedQuotas": kept.requests_for(kept.current())}
    )


@dataclass(frozen=True)
class _Quotas:
    """The quotas of the account and region of one request, as moto's response object knows it."""

    response: Any
    missing: Any
    error: Any
    new_id: Callable[[], object]

    def default(self) -> dict[str, Any]:
        """Return the quota as AWS has it for everyone; raises moto's NoSuchResource."""
        service, code = str(self._given("ServiceCode")), str(self._given("QuotaCode"))
        quota: dict[str, Any] = {"Adjustable": True, "Value": _ASSUMED_VALUE, "QuotaName": "not known to the twin"}
        if service == _KNOWN_WHOLE:
            known = self.response.backend.list_aws_default_service_quotas(service)
            quota = next((each for each in known if each["QuotaCode"] == code), {})
        if not quota:
            raise self.missing
        arn = f"arn:aws:servicequotas:{self.response.region}::{service}/{code}"
        return {"ServiceName": service, **quota, "ServiceCode": service, "QuotaCode": code, "QuotaArn": arn}

    def current(self) -> dict[str, Any]:
        """Return the quota as the account has it."""
        quota = self.default()
        where = f"{self.response.region}:{self.response.current_account}"
        arn = f"arn:aws:servicequotas:{where}:{quota['ServiceCode']}/{quota['QuotaCode']}"
        return {**quota, "Value": self._values.get(arn, quota["Value"]), "QuotaArn": arn}

    def applied(self) -> dict[str, Any]:
        """Return the quota if the account's own value is known; else raises moto's NoSuchResource, as AWS does."""
        quota = self.current()
        if quota["ServiceCode"] != _KNOWN_WHOLE and quota["QuotaArn"] not in self._values:
            raise self.missing
        return quota

    def ask_for_more(self) -> dict[str, Any]:
        """Keep a request and return it; refuse what AWS refuses at once."""
        quota, desired = self.current(), float(self._given("DesiredValue"))
        if any(each["Status"] == _OPEN for each in self.requests_for(quota)):
            words = "Only one open service quota increase request is allowed per quota."
            raise self.error("ResourceAlreadyExistsException", words)
        if not quota["Adjustable"]:
            raise self.error("IllegalArgumentException", f"The quota {quota['QuotaCode']} is not adjustable.")
        if desired <= quota["Value"]:
            words = f"You must provide a quota value greater than the current quota value {quota['Value']}."
            raise self.error("IllegalArgumentException", words)
        status = _APPROVED if desired <= _APPROVED_UP_TO * quota["Value"] else _OPEN
        if status == _APPROVED:
            self._values[quota["QuotaArn"]] = desired
        request = {"Id": str(self.new_id()), "DesiredValue": desired, "Status": status, "Created": time.time()}
        self._requests.append({**request, **{name: quota[name] for name in _TOLD}})
        return self._requests[-1]

    def asked_before(self) -> dict[str, Any]:
        """Return the request of the id named; raises moto's NoSuchResource."""
        found = next((each for each in self._requests if each["Id"] == self._given("RequestId")), None)
        if found is None:
            raise self.missing
        return found

    def requests_for(self, quota: dict[str, Any]) -> list[dict[str, Any]]:
        """Return every request for a quota."""
        return [each for each in self._requests if each["QuotaArn"] == quota["QuotaArn"]]

    @property
    def _requests(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.response.backend.__dict__.setdefault("quota_requests", [])
        return found

    @property
    def _values(self) -> dict[str, float]:
        found: dict[str, float] = self.response.backend.__dict__.setdefault("quota_values", {})
        return found

    def _given(self, name: str) -> Any:
        return self.response._get_param(name)
