"""Proves that nobody gets into a member account but by the roles of the manifest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestrator.rehearse.proofs.proof import Proof, listed, not_tried
from orchestrator.verify.probing import SignedIn
from orchestrator.verify.verification import Verifier, all_accounts

if TYPE_CHECKING:
    from orchestrator.rehearse.proofs.scene import Scene

NAME = "no way in beyond the manifest"


def prove_no_other_way_in(scene: Scene) -> Proof:
    """Read every role of every member account: none lets in from outside whom the manifest does not."""
    if scene.nobody_left:
        return not_tried(NAME, scene.nobody_left)
    verifier = Verifier(scene.manifest, scene.lock, all_accounts(scene.manifest))
    looked = verifier.looked(SignedIn(scene.access, scene.administrator, scene.management_roles))
    wrong = [f"{way.role} in {way.account} lets in {', '.join(way.lets_in)}" for way in looked.ways]
    wrong += [f"{account}: {words}" for account, words in looked.left_out.items()]
    summary = f"the roles of {len(looked.accounts)} accounts read"
    return Proof(NAME, not wrong, f"{summary}; wrong: {listed(wrong)}" if wrong else summary)
