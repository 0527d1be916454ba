"""What tests of the twin's organisation share: its client, names, settings that last as long as a test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest

from rehearsal.twin.client import change_settings
from rehearsal.twin.run_file import TwinRun
from tests.support.twin_fixtures import TwinAws, document

Settings = Callable[..., None]
NewAccount = Callable[[], str]
SCP, RCP = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"
DENIED: dict[str, Any] = {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}


@dataclass(frozen=True, slots=True)
class Organized:
    """Organizations as the management account's administrator."""

    client: Any
    root: str
    numbers: Iterator[int]

    def name(self) -> str:
        """Return a name that nothing has yet."""
        return f"ruled-{next(self.numbers)}"

    def unit(self, parent: str = "", name: str = "") -> str:
        """Make a unit and return its id."""
        made = self.client.create_organizational_unit(ParentId=parent or self.root, Name=name or self.name())
        return str(made["OrganizationalUnit"]["Id"])

    def request(self, name: str, **more: object) -> dict[str, Any]:
        """Ask for an account and return the request's status."""
        answer = self.client.create_account(**{"Email": f"{name}@example.com", "AccountName": name, **more})
        return dict(answer["CreateAccountStatus"])

    def enable(self, kind: str) -> None:
        """Enable a policy type, or leave it so."""
        with suppress(self.client.exceptions.PolicyTypeAlreadyEnabledException):
            self.client.enable_policy_type(RootId=self.root, PolicyType=kind)

    def policy(self, kind: str = SCP, content: str = "", **more: object) -> str:
        """Make a policy and return its id."""
        body = content or document(DENIED | ({"Principal": "*"} if kind == RCP else {}))
        wanted = {"Name": self.name(), "Description": "", "Type": kind, "Content": body, **more}
        return str(self.client.create_policy(**wanted)["Policy"]["PolicySummary"]["Id"])


@pytest.fixture
def org(aws: TwinAws, organization: str, numbers: Iterator[int]) -> Iterator[Organized]:
    """Return the session's organisation; policy types that a test enables are disabled when it ends."""
    assert organization
    client = aws.client("organizations")
    root = client.list_roots()["Roots"][0]
    yield Organized(client, str(root["Id"]), numbers)
    for kind in client.list_roots()["Roots"][0]["PolicyTypes"]:
        if kind not in root["PolicyTypes"]:
            client.disable_policy_type(RootId=root["Id"], PolicyType=kind["Type"])


@pytest.fixture
def settings(twin: TwinRun) -> Iterator[Settings]:
    """Return what changes the settings of organisations until the test ends."""

    def change(**changes: Any) -> None:
        change_settings(twin, **changes)

    before = change_settings(twin)
    yield change
    changed = ("account_delay_s", "region_delay_s", "clock_ahead_s", "quotas")
    change_settings(twin, **{name: before[name] for name in changed})
