"""Accounts kept within a process."""

from __future__ import annotations

from typing import Any

from rehearsal.aws.credentials import Identity, Keys
from rehearsal.aws.sessions import AccountPool


def identity(name: str, region: str = "eu-west-1") -> Identity:
    """Return an identity of its own."""
    return Identity(Keys(name, "secret"), (), region)


def entered(pool: AccountPool, twin: str, who: Identity) -> tuple[Any, bool]:
    """Enter an account and tell whether it was made for that."""
    made: list[object] = []

    def make() -> Any:
        made.append(object())
        return made[0]

    return pool.enter(twin, who, make), bool(made)


def test_the_same_identity_gets_the_same_account() -> None:
    """Entering twice with the same keys, roles and region on one twin makes one account."""
    pool = AccountPool()
    first, _ = entered(pool, "twin", identity("a"))
    again, made = entered(pool, "twin", identity("a"))
    assert (again is first, made) == (True, False)


def test_another_key_region_or_twin_is_another_account() -> None:
    """Nothing that was made for one identity or twin serves another."""
    pool = AccountPool()
    entered(pool, "twin", identity("a"))
    assert entered(pool, "twin", identity("b"))[1]
    assert entered(pool, "twin", identity("a", "us-east-1"))[1]
    assert entered(pool, "other twin", identity("a"))[1]


def test_only_so_many_accounts_are_kept() -> None:
    """Beyond the bound the account used longest ago is let go of."""
    pool = AccountPool(most=2)
    for name in ("a", "b"):
        entered(pool, "twin", identity(name))
    entered(pool, "twin", identity("a"))
    entered(pool, "twin", identity("c"))
    assert not entered(pool, "twin", identity("a"))[1]
    assert entered(pool, "twin", identity("b"))[1]


def test_secrets_do_not_appear_in_an_identity() -> None:
    """Neither the text nor the fingerprint of an identity shows a secret."""
    who = Identity(Keys("AKIA", "hush", "hush"), (), "eu-west-1")
    assert "hush" not in repr(who) + who.fingerprint
