"""Proves what the manifest's probes say: each call is really made, where one is ready that does no harm."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from orchestrator.rehearse.proofs.proof import Proof, listed, not_tried
from orchestrator.verify.answers import Outcome, Question, Row
from orchestrator.verify.probing import SignedIn
from orchestrator.verify.verification import Verifier, all_accounts

if TYPE_CHECKING:
    from orchestrator.rehearse.proofs.scene import Scene

NAME = "policies answer as probed"


def prove_probes(scene: Scene) -> Proof:
    """Try every probe and compare with what it expects; what is not known does not hold."""
    if scene.nobody_left:
        return not_tried(NAME, scene.nobody_left)
    verifier = Verifier(scene.manifest, scene.lock, all_accounts(scene.manifest))
    if not verifier.questions:
        return not_tried(NAME, "nothing to try: every account that is probed is suspended")
    rows = verifier.probed(SignedIn(scene.access, scene.administrator, scene.management_roles))
    wrong = [_told(row) for row in rows if row.outcome is not Outcome.OK]
    how = Counter(row.answer.how for row in rows)
    summary = f"{len(rows)} calls: {', '.join(f'{number} {way}' for way, number in sorted(how.items()))}"
    return Proof(NAME, not wrong, f"{summary}; wrong: {listed(wrong)}" if wrong else summary)


def _told(row: Row) -> str:
    asked, answer = row.asked, row.answer
    assert isinstance(asked, Question)  # noqa: S101  (probes have nothing else)
    by = f" by {asked.by}" if asked.by else ""
    found = f"{answer.found} ({answer.decided or answer.words or answer.how})"
    return f"{asked.probe}, {asked.action} in {asked.account}: {found}, not {asked.expect}{by}"
