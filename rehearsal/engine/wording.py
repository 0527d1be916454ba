"""How next steps are worded for whoever reads them: the program that is typed, and advice the engine cannot know."""

from __future__ import annotations

import re
from dataclasses import dataclass

PULUMI = "pulumi"
# Commands of the embedded engine only: `pulumi state ...` is for the real CLI, and stays as it is.
_COMMAND = re.compile(
    r"(?<![\w/.-])pulumi (?=(?:--help|version|whoami|preview|up|refresh|destroy|cancel|stack|config|plugin)\b)"
)


@dataclass(frozen=True, slots=True)
class Wording:
    """What is typed to reach the engine, and the next step when a stack is missing (empty: the engine's own)."""

    program: str = PULUMI
    stack_missing: str = ""

    def told(self, text: str) -> str:
        """Return a text with each command of the engine as it is typed here."""
        return text if self.program == PULUMI else _COMMAND.sub(f"{self.program} ", text)


PLAIN = Wording()
"""Pulumi is called `pulumi`, and nothing more is known than what the backend holds."""
