"""Access key ids carry their account."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto.iam.utils import generate_access_key_id_from_account_id

from rehearsal.twin.callers.callers import account_of_key


@given(st.integers(0, 10**12 - 1), st.sampled_from(["AKIA", "ASIA"]))
def test_the_account_is_read_from_the_key(number: int, prefix: str) -> None:
    """The account a key id was made for is read from it, leading zeros included."""
    account_id = f"{number:012d}"
    assert account_of_key(generate_access_key_id_from_account_id(account_id, prefix)) == account_id


@pytest.mark.parametrize("key", ["", "AKIA", "AKIA11111111AAAAAAAA", "x" * 20, "AKIA" + "7" * 16])
def test_what_is_no_key_has_no_account(key: str) -> None:
    """A text that no account can have issued has no account."""
    assert account_of_key(key) == ""
