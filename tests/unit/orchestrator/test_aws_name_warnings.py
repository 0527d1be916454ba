"""Names of AWS that are in none of the installed lists are warned of, with the nearest one that is."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.files.workspace import committed
from orchestrator.validation.aws_name_warnings import name_warnings
from orchestrator.validation.summary import check_fleet
from tests.cli.fleet_folder import Terminal, make_fleet_folder
from tests.unit.landing_zone.fleets import SMALL, parsed
from tests.unit.landing_zone.people_fleets import with_people
from tests.unit.orchestrator.fleets import FLEET

HUB = """\
hub:
  account: audit
  role: Hub
  trusted: {services: [lamda.amazonaws.com, states.amazonaws.com]}
  spoke: {role: Spoke, managed_policies: ["arn:aws:iam::aws:policy/SecurityAudits"]}
"""


@pytest.mark.parametrize(
    ("text", "start", "meant"),
    [
        (
            f"{SMALL}trusted_services: [guardutty.amazonaws.com]\n",
            'trusted_services: this Fleetyard knows no service principal "guardutty.amazonaws.com" of AWS',
            "guardduty.amazonaws.com",
        ),
        (
            SMALL.replace("[ReadOnlyAccess]", '["arn:aws:iam::aws:policy/ReadOnlyAcces"]'),
            'roles.ReadOnly.managed_policies: this Fleetyard knows no managed policy "arn:aws:iam::aws:policy/ReadOnly',
            "arn:aws:iam::aws:policy/ReadOnlyAccess",
        ),
        (
            with_people().replace("IAMReadOnlyAccess", '"arn:aws:iam::aws:policy/IAMReadonlyAcces"'),
            "people.groups.",
            "arn:aws:iam::aws:policy/IAMReadOnlyAccess",
        ),
    ],
)
def test_a_name_that_no_list_has(text: str, start: str, meant: str) -> None:
    """Where it is written, what it is, and the name that was probably meant."""
    (warning,) = name_warnings(parsed(text))
    assert warning.startswith(start)
    assert warning.endswith(f'newer than its lists, or mistyped (did you mean "{meant}"?)')


def test_a_delegated_service_is_told_where_it_is_delegated_too() -> None:
    """A service that is mistyped in both places is told in both."""
    wrong = "securtyhub.amazonaws.com"
    text = f"{SMALL}trusted_services: [{wrong}]\ndelegated_administrators: {{{wrong}: audit}}\n"
    assert [warning.split(":")[0] for warning in name_warnings(parsed(text))] == [
        "trusted_services",
        "delegated_administrators",
    ]


def test_the_hubs_services_and_policies() -> None:
    """Any service of AWS may act as the hub, also one that Organizations does not trust."""
    service, policy = name_warnings(parsed(SMALL + HUB))
    assert service.startswith('hub.trusted.services: this Fleetyard knows no service principal "lamda.amazonaws.com"')
    assert service.endswith('(did you mean "lambda.amazonaws.com"?)')
    assert policy.startswith("hub.spoke.managed_policies: ")


@pytest.mark.parametrize(
    "name", ["sso", "iam", "member.org.stacksets.cloudformation", "tagpolicies.tag", "storage-lens.s3", "inspector2"]
)
def test_services_that_organizations_trusts_are_known(name: str) -> None:
    """Those of AWS's page are in the lists; policies of one's own are none of AWS's."""
    text = SMALL.replace("[ReadOnlyAccess]", '["arn:aws:iam::200000000002:policy/Own"]')
    assert name_warnings(parsed(f"{text}trusted_services: [{name}.amazonaws.com]\n")) == ()


def test_validate_warns_and_stays_valid(tmp_path: Path) -> None:
    """The fleet is valid, as AWS may have what a list has not; the warning is told."""
    fleet = make_fleet_folder(tmp_path, f"{FLEET}trusted_services: [guardutty.amazonaws.com]\n")
    terminal = Terminal(tmp_path)
    assert terminal.run("validate") == 0
    assert "warning: trusted_services: this Fleetyard knows no service principal" in terminal.err.getvalue()
    assert len(check_fleet(parsed(fleet.read_text()), committed(fleet)).warnings) == 1
