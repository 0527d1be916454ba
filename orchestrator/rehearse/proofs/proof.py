"""What a proof is: a claim about the running twin, checked by doing what it speaks of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Proof:
    """A claim, whether it held, and what was seen; `detail` names the exceptions when it did not hold.

    One that was not `tried` has not failed; `detail` says why the fleet left nothing to try it on.
    """

    name: str
    passed: bool
    detail: str
    tried: bool = True

    @property
    def word(self) -> str:
        """What became of it, in words."""
        return "holds" if self.passed and self.tried else "FAILS" if not self.passed else "not tried"


def not_tried(name: str, why: str) -> Proof:
    """Return the proof of a claim that the fleet leaves nothing to try on."""
    return Proof(name, passed=True, detail=why, tried=False)


def listed(items: list[str], limit: int = 5) -> str:
    """Return the first items in a line, and how many more there are."""
    rest = len(items) - limit
    return "; ".join(items[:limit]) + (f"; and {rest} more" if rest > 0 else "")
