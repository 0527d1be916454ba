"""What a manifest may say of the account that keeps the organisation's logs."""

from __future__ import annotations

import pytest

from tests.unit.landing_zone.fleets import edited, parsed, problems_of

ARCHIVE = """\
log_archive: audit
workloads:
  log-archive:
    accounts: [audit]
    role: Admin
    protected: true
    config: {organization_id: "${organization_id}"}
"""


def _with(archive: str) -> str:
    return edited(("workloads:\n", archive))


def test_the_account_and_its_workload() -> None:
    """The account is named once for the fleet, and the workload that makes the archive is kept by destroy."""
    manifest = parsed(_with(ARCHIVE))
    assert manifest.log_archive == "audit"
    assert manifest.workloads["log-archive"].protected
    assert not manifest.workloads["network"].protected


def test_the_account_alone_is_enough() -> None:
    """Logs may be kept by a program of somebody's own: the workload is not asked for."""
    assert parsed(_with("log_archive: audit\nworkloads:\n")).log_archive == "audit"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param(
            ARCHIVE.replace("log_archive: audit", "log_archive: adit"),
            'no account is called "adit" (did you mean "audit"?)',
            id="unknown",
        ),
        pytest.param(
            ARCHIVE.replace("log_archive: audit", "log_archive: root"),
            "root is the management account; logs are kept in a member account",
            id="management",
        ),
        pytest.param(
            ARCHIVE.replace("[audit]", "[audit, prod]"),
            "the workload log-archive runs once, in the account that log_archive names",
            id="two accounts",
        ),
        pytest.param(
            ARCHIVE.removeprefix("log_archive: audit\n"),
            "the workload log-archive runs once, in the account that log_archive names",
            id="not named",
        ),
        pytest.param(
            ARCHIVE.replace("role: Admin\n", "role: Admin\n    regions: [eu-west-1, eu-north-1]\n", 1),
            "the workload log-archive runs once, in the account that log_archive names",
            id="two regions",
        ),
    ],
)
def test_an_archive_that_could_not_work(text: str, problem: str) -> None:
    """A name that is no member account, and a workload that runs anywhere else, are told before anything starts."""
    (found,) = problems_of(_with(text))
    assert problem in found
