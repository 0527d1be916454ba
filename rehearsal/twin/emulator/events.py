"""EventBridge's TestEventPattern, which moto names and does not carry out; its own matching of patterns answers it.

Source: EventBridge API Reference, "TestEventPattern".
"""

from __future__ import annotations

import json
from typing import Any


def answer_test_event_pattern() -> None:
    """Let TestEventPattern say whether an event fits a pattern."""
    from moto.events import models, responses

    def test_event_pattern(self: Any) -> str:
        pattern = models.EventPattern.load(self._get_param("EventPattern"))
        return json.dumps({"Result": bool(pattern.matches_event(json.loads(self._get_param("Event"))))})

    responses.EventsHandler.test_event_pattern = test_event_pattern
