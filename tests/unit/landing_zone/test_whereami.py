"""How a program finds out which account it runs in, and stops in another one."""

from __future__ import annotations

import ast
import dataclasses
import json
import sys
from typing import Any

import pytest

from landing_zone.whereami import (
    PARAMETER,
    VARIABLE,
    Whereabouts,
    WhereaboutsUnknown,
    WrongAccount,
    as_text,
    where_am_i,
)
from tests.support.repository import ROOT

HERE = Whereabouts(organization="acme", account="plat-prod", id="100000000009", unit="plat/eu", stage="prod")


class Ssm:
    """A client of Systems Manager that has one parameter."""

    def get_parameter(self, *, Name: str) -> dict[str, Any]:
        """Answer as AWS does."""
        assert Name == PARAMETER
        return {"Parameter": {"Value": as_text(HERE)}}


@pytest.mark.parametrize("reader", [Ssm(), lambda name: as_text(HERE) if name == PARAMETER else ""])
def test_by_a_client_or_a_function(reader: object) -> None:
    """An SSM client will do, and so will any function from a parameter's name to its value."""
    assert where_am_i(reader, {}) == HERE


def test_by_the_environment_without_a_reader() -> None:
    """A program without AWS is told by a variable."""
    assert where_am_i(environment={VARIABLE: as_text(HERE)}) == HERE


def test_a_variable_never_hides_the_account() -> None:
    """Where there is a reader a variable that was carried along says nothing."""
    other = json.dumps({**dataclasses.asdict(HERE), "stage": "dev"})
    assert where_am_i(Ssm(), {VARIABLE: other}).stage == "prod"


@pytest.mark.parametrize(
    "expected",
    [{"account": "plat-prod"}, {"id": "100000000009", "stage": "prod"}, {"unit": "plat"}, {"unit": "plat/eu"}],
)
def test_the_right_place(expected: dict[str, str]) -> None:
    """What fits is passed on; a unit means the units below it too."""
    assert HERE.expect(**expected) is HERE


@pytest.mark.parametrize(
    ("expected", "words"),
    [
        ({"stage": "dev"}, "expected stage 'dev' and runs in stage 'prod' (account plat-prod, 100000000009)"),
        (
            {"account": "plat-dev", "stage": "prod", "id": "1"},
            "expected account 'plat-dev', id '1' and runs in account 'plat-prod', id '100000000009'",
        ),
        ({"unit": "plat/e"}, "expected unit 'plat/e' and runs in unit 'plat/eu'"),
        ({"organization": "other"}, "expected organization 'other' and runs in organization 'acme'"),
        ({"stage": ""}, "expected stage '' and runs in stage 'prod'"),
    ],
)
def test_another_place(expected: dict[str, str], words: str) -> None:
    """A program that expected something else stops, and is told both."""
    with pytest.raises(WrongAccount) as caught:
        HERE.expect(**expected)
    assert words in str(caught.value)


def test_expecting_nothing() -> None:
    """A check that can't fail is a mistake."""
    with pytest.raises(TypeError, match="needs something to expect"):
        HERE.expect()


@pytest.mark.parametrize("text", ["", "oops", "[]", "{}", '{"account": "plat-prod"}'])
def test_a_parameter_of_somebody_else(text: str) -> None:
    """Whatever else stands in the parameter is not taken for an account."""
    with pytest.raises(WhereaboutsUnknown, match="something else than Fleetyard writes"):
        where_am_i(lambda _: text, {})


def test_nothing_to_read() -> None:
    """Without a reader and without the variable nothing is guessed."""
    with pytest.raises(WhereaboutsUnknown, match=f"no reader was given and {VARIABLE} is not set"):
        where_am_i(environment={})


def test_a_reader_that_fails() -> None:
    """What the reader says is passed on, with what reading takes."""

    def denied(name: str) -> str:
        raise OSError(f"AccessDenied on {name}")

    with pytest.raises(WhereaboutsUnknown, match=r"AccessDenied on /fleetyard/account.*ssm:GetParameter") as caught:
        where_am_i(denied, {})
    assert isinstance(caught.value.__cause__, OSError)


def test_it_can_be_copied_into_a_service() -> None:
    """The module imports Python's standard library alone, and is written for Python 3.9."""
    source = (ROOT / "landing_zone" / "whereami.py").read_text(encoding="utf-8")
    tree = ast.parse(source, feature_version=(3, 9))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported <= set(sys.stdlib_module_names)
    assert "slots=True" not in source
    assert "kw_only" not in source
