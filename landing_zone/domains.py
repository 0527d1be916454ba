"""Domain names as manifests give them: lower case, without the last dot."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)+{_LABEL}")
_LONGEST = 253


def checked_domain(name: str) -> str:
    """Return a domain's name. Raises: ValueError saying what is wrong. Source: RFC 1035, 2.3.1 and 2.3.4."""
    if len(name) > _LONGEST or not _DOMAIN.fullmatch(name):
        raise ValueError(
            f'"{name}" is no domain: labels of lower-case letters, digits and hyphens with dots between them, '
            "two at least, none at the end"
        )
    return name


Domain = Annotated[str, AfterValidator(checked_domain)]


def is_below(name: str, parent: str) -> bool:
    """Tell whether a domain lies in another one, and is not that one itself."""
    return name.endswith(f".{parent}")
