"""What API Gateway operations ask for: the verb of the request on its path.

Source: API Gateway Developer Guide, "How Amazon API Gateway works with IAM": actions are the HTTP verbs, resources the
paths of the control plane, without an account.
"""

from __future__ import annotations

from rehearsal.twin.actions.demand import Asked, Demand


def api_gateway_demands(asked: Asked) -> tuple[Demand, ...]:
    """Return what an API Gateway request asks for, of either version of its API."""
    path = asked.request.path.rstrip("/")
    return (Demand(f"apigateway:{asked.request.method}", f"arn:aws:apigateway:{asked.operation.region}::{path}"),)
