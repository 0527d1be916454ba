"""Config written by the driver is told from config changed by hand."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.files.config_digest import DIGEST_KEY, changed_by_hand, with_digest

OLD = {"fleetyard:account": "lab", "fleetyard:values": "{}"}
NEW = {"fleetyard:account": "lab", "fleetyard:values": '{"cidr":"10.0.0.0/16"}'}


def test_a_change_of_the_manifest_is_no_change_by_hand() -> None:
    """What the driver wrote and the manifest no longer says is not blamed on anybody."""
    assert changed_by_hand(with_digest(OLD), with_digest(NEW)) == ()


def test_a_key_written_by_somebody_else_is_named() -> None:
    """A value that the digest does not know is named, if the driver would write another."""
    assert changed_by_hand(with_digest(OLD) | {"fleetyard:values": "[]"}, with_digest(OLD)) == ("fleetyard:values",)


def test_a_key_taken_away_by_somebody_else_is_named() -> None:
    """A key of ours that is gone is named too."""
    written = {key: value for key, value in with_digest(OLD).items() if key != "fleetyard:account"}
    assert changed_by_hand(written, with_digest(OLD)) == ("fleetyard:account",)


def test_keys_of_others_are_their_own_business() -> None:
    """Keys of other namespaces may change as they like."""
    assert changed_by_hand(with_digest(OLD) | {"aws:region": "eu-west-1"}, with_digest(OLD)) == ()


def test_config_that_was_never_the_drivers_is_not_judged() -> None:
    """Without a digest nothing is said."""
    assert changed_by_hand({"fleetyard:account": "other"}, with_digest(OLD)) == ()


@given(st.dictionaries(st.sampled_from(["fleetyard:a", "fleetyard:b", "fleetyard:c"]), st.text()))
def test_what_was_written_is_never_changed_by_hand(config: dict[str, str]) -> None:
    """For any config: right after writing nothing is changed, and the digest is one of its keys."""
    written = with_digest(config)
    assert DIGEST_KEY in written
    assert changed_by_hand(written, with_digest({})) == ()
