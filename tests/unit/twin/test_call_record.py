"""What the twin keeps of its refusals."""

from __future__ import annotations

from rehearsal.twin.serving.record import BY_SERVICE, CallRecord, Denial

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


def test_rules_of_services_push_out_nothing_else() -> None:
    """However often services refuse by rules of their own, what policies refused stays."""
    record = CallRecord()
    refuse(record, "CreateRole")
    refuse(record, "AssumeRole", own="look")
    for _ in range(KEPT + 1):
        refuse(record, "GetRole", own=BY_SERVICE)
    assert operations(record) == ["AssumeRole", "CreateRole"]
    told = [one["operation"] for one in record.denials(1000, by_services=True)]
    assert (told[-2:], told.count("GetRole")) == (["AssumeRole", "CreateRole"], KEPT)


def test_long_texts_are_kept_short() -> None:
    """What a request says may be megabytes; of a refusal's words the first 2,000 characters are kept."""
    record = CallRecord()
    record.denied(Denial("2026-01-01T00:00:00Z", "iam", "CreateUser", "ValidationError", "x" * 10**6))
    assert record.denials(1)[0]["message"] == f"{'x' * 2000} …"
