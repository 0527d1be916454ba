"""The account map: what each entry says, how it is read, and who is looked up in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from pydantic import BaseModel

from landing_zone.account_map import AccountEntry, AccountMap, read_account_map
from landing_zone.errors import AccountMapUnreadable, AccountNotCreated, AccountNotInMap
from landing_zone.lock import Lock
from landing_zone.stack_config import for_bootstrap, for_workload
from tests.unit.landing_zone.fleets import ORGANIZATION_ID, ROOT_ID, edited, full_lock, parsed, problems_of

MAPPED = ("workloads:\n", "account_map: {readers: [Management-Developer]}\nworkloads:\n")
ASKING = ('config: {cidr: "${vars.cidr}", zones: 2}', 'config: {accounts: "${accounts}"}')


def entries() -> AccountMap:
    """Return the small fleet's map, as its management account's stack is told."""
    manifest = parsed(edited(MAPPED))
    return AccountMap(for_bootstrap(manifest, full_lock(manifest)).account_map)


def test_what_an_entry_says() -> None:
    """An account's entry has id, unit, stage and the ARNs of the roles that somebody is granted there."""
    assert entries().by_name("prod") == AccountEntry(
        name="prod",
        id="100000000003",
        unit="plat",
        stage="prod",
        roles={name: f"arn:aws:iam::100000000003:role/{name}" for name in ("Admin", "ReadOnly")},
    )


def test_the_management_account_is_in_it() -> None:
    """The management account is told apart and has no role to assume; nobody's email is told."""
    root = entries().by_name("root")
    assert (root.management, root.roles) == (True, {})
    assert "@" not in "".join(entry.as_text() for entry in entries())


def test_lookups() -> None:
    """Accounts are found by name, id, stage and unit."""
    found = entries()
    assert found.by_id("100000000004").name == "dev"
    assert [entry.name for entry in found.by_stage("prod")] == ["prod"]
    assert [entry.name for entry in found.by_unit("plat")] == ["prod", "dev"]
    assert found.by_stage("none") == ()
    assert len(found) == len(list(found)) == 4


def test_an_account_that_is_not_in_it() -> None:
    """A wrong name is told with the nearest one, a wrong id without."""
    with pytest.raises(AccountNotInMap, match=r'FY151: .* name prdo \(did you mean "prod"\?\)'):
        entries().by_name("prdo")
    with pytest.raises(AccountNotInMap, match="no account of id 1\n"):
        entries().by_id("1")


def test_a_fleet_without_a_map() -> None:
    """Nothing is written unless the manifest asks for a map."""
    manifest = parsed()
    assert for_bootstrap(manifest, full_lock(manifest)).account_map == ()


def test_a_map_needs_every_account() -> None:
    """A map that lacks an account is not written: the organisation is deployed first."""
    manifest = parsed(edited(MAPPED, ('accounts: ["*"]', "accounts: [audit, prod]"), ("[prod, dev]", "[prod]")))
    lock = Lock(ORGANIZATION_ID, ROOT_ID, {name: full_lock(manifest).accounts[name] for name in ("audit", "prod")})
    with pytest.raises(AccountNotCreated, match="account dev is not created yet"):
        for_bootstrap(manifest, lock)


class Settings(BaseModel):
    """A program's settings with the map."""

    accounts: AccountMap


def test_a_program_is_told_by_its_config() -> None:
    """`${accounts}` is the map itself, typed by the program's own settings."""
    manifest = parsed(edited(MAPPED, ASKING))
    config = for_workload(manifest, full_lock(manifest), "network", "prod")
    assert Settings.model_validate(config.values).accounts == entries()


class Pages:
    """A client of Systems Manager that has these pages of parameters, or raises."""

    def __init__(self, *pages: list[tuple[str, str]], error: Exception | None = None) -> None:
        self.pages = pages
        self.error = error

    def get_paginator(self, operation_name: str) -> Pages:
        """Return itself."""
        assert operation_name == "get_parameters_by_path"
        return self

    def paginate(self, *, Path: str) -> Iterator[dict[str, Any]]:
        """Yield the pages."""
        assert Path == "/fleetyard/accounts"
        if self.error:
            raise self.error
        for page in self.pages:
            yield {"Parameters": [{"Name": name, "Value": value} for name, value in page]}


def test_reading_it_back() -> None:
    """What was written is read back from all pages, in the order of names."""
    texts = [(entry.name, entry.as_text()) for entry in entries()]
    found = read_account_map(Pages(texts[:2], [], texts[2:]))
    assert [entry.name for entry in found] == ["audit", "dev", "prod", "root"]
    assert sorted(found, key=lambda entry: entry.id) == list(entries())


def test_a_map_of_a_later_version() -> None:
    """A field that is not known yet is passed over, so that readers need not be deployed with the map."""
    text = '{"name": "a", "id": "1", "unit": "u", "later": 1}'
    assert read_account_map(Pages([("/fleetyard/accounts/a", text)])).by_name("a").id == "1"


DENIED = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "not yours"}}, "GetParametersByPath")


@pytest.mark.parametrize(
    ("client", "why"),
    [
        (Pages(error=DENIED), "AccessDeniedException.*not yours"),
        (Pages([]), "there is nothing under /fleetyard/accounts"),
        (Pages([("/fleetyard/accounts/x", "oops")]), "/fleetyard/accounts/x holds something else"),
        (Pages([("/fleetyard/accounts/x", "{}")]), "/fleetyard/accounts/x holds something else: Field required"),
    ],
)
def test_a_map_that_cant_be_read(client: Pages, why: str) -> None:
    """The error has AWS's own words or names the parameter, and says who may read."""
    with pytest.raises(AccountMapUnreadable, match=f"(?s)FY150.*{why}.*account_map.readers"):
        read_account_map(client)


def test_the_map_inside_a_longer_text() -> None:
    """The map is no text, so it can't stand inside one."""
    wrong = ('config: {cidr: "${vars.cidr}", zones: 2}', 'config: {all: "all of ${accounts}"}')
    (problem,) = problems_of(edited(wrong))
    assert problem.endswith("${accounts} is the account map; it can't stand inside a longer text")
