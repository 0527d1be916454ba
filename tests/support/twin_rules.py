"""What tests of the twin's rules share: whether a request is let through, and refusals by protocol."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError


def allowed(client: Any, operation: str, arguments: dict[str, Any]) -> bool:
    """Tell whether a request is let through; what its service then says does not matter."""
    try:
        getattr(client, operation)(**arguments)
    except ClientError as error:
        return not any(word in str(error) for word in ("not authorized", "Access Denied"))
    return True
