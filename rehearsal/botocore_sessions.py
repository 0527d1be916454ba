"""botocore sessions without the work that is the same for each: its hundred handlers are looked at once per process.

A session registers them anew, by their signatures, which takes most of the time of making one.
"""

from __future__ import annotations

import copy
from functools import cache
from typing import Any


def new_session() -> Any:  # noqa: ANN401 - botocore ships no types
    """Return a session like any other; what is registered with it stays its own."""
    import botocore.session  # noqa: PLC0415 - heavy, and state in files needs none of it

    return botocore.session.Session(event_hooks=copy.copy(_usual_hooks()), include_builtin_handlers=False)


@cache
def _usual_hooks() -> Any:  # noqa: ANN401 - botocore ships no types
    import botocore.session  # noqa: PLC0415 - as above
    from botocore.hooks import HierarchicalEmitter  # noqa: PLC0415 - as above

    hooks = HierarchicalEmitter()
    botocore.session.Session(event_hooks=hooks)
    return hooks
