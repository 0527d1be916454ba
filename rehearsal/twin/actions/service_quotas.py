"""What Service Quotas operations ask for: a request for more names its quota, the rest is asked for on "*".

Source: Service Authorization Reference, "Actions, resources, and condition keys for Service Quotas".
"""

from __future__ import annotations

from rehearsal.twin.actions.demand import Asked, Demand

_OF_A_QUOTA = ("RequestServiceQuotaIncrease", "PutServiceQuotaIncreaseRequestIntoTemplate")


def service_quotas_demands(asked: Asked) -> tuple[Demand, ...]:
    """Return what a Service Quotas request asks for."""
    operation = asked.operation
    action = f"servicequotas:{operation.name}"
    if operation.name not in _OF_A_QUOTA:
        return (Demand(action),)
    service, code = operation.text("ServiceCode"), operation.text("QuotaCode")
    context: dict[str, str | list[str]] = {"servicequotas:service": service}
    return (Demand(action, asked.arn("servicequotas", f"{service}/{code}"), context=context),)
