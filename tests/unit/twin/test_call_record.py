"""What the twin keeps of its refusals."""

from __future__ import annotations

from rehearsal.twin.serving.record import CallRecord, Denial

KEPT = 500


def refuse(record: CallRecord, operation: str, own: str = "") -> None:
    """Let the record keep a refusal."""
    record.denied(Denial("2026-01-01T00:00:00Z", "iam", operation, "AccessDenied", "no", own=own))


def operations(record: CallRecord, limit: int = 1000) -> list[str]:
    """Return what was refused, the latest first."""
    return [one["operation"] for one in record.denials(limit)]


def test_fleetyards_own_push_out_no_others() -> None:
    """However often Fleetyard itself is refused, what a person was refused stays."""
    record = CallRecord()
    refuse(record, "CreateRole")
    for _ in range(KEPT + 1):
        refuse(record, "AssumeRole", own="look")
    assert operations(record).count("AssumeRole") == KEPT
    assert operations(record)[-1] == "CreateRole"


def test_refusals_are_told_in_their_order() -> None:
    """Fleetyard's own and others come in the order in which they were refused, the latest first."""
    record = CallRecord()
    for operation, own in (("A", ""), ("B", "look"), ("C", ""), ("D", "look")):
        refuse(record, operation, own)
    assert operations(record) == ["D", "C", "B", "A"]
    assert operations(record, 2) == ["D", "C"]
    assert operations(record, 0) == []


def test_what_a_rehearsal_had_refused_is_marked() -> None:
    """When a rehearsal is over all that was refused is its own; what comes later is not."""
    record = CallRecord()
    refuse(record, "A")
    refuse(record, "B", own="look")
    assert record.rehearsal_over() == 2
    refuse(record, "C")
    assert [(one["operation"], one["own"]) for one in record.denials(10)] == [
        ("C", ""),
        ("B", "rehearsal"),
        ("A", "rehearsal"),
    ]
