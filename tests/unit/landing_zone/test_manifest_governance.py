"""What a manifest may say of trusted services, delegated administrators and the suspended unit."""

from __future__ import annotations

import pytest

from landing_zone.organization_policies import SUSPENDED_POLICY, PolicyTargets
from tests.unit.landing_zone.fleets import SMALL, edited, parsed, problems_of

SSO = "trusted_services: [sso.amazonaws.com]\n"


def test_services_and_who_administers_them() -> None:
    """A trusted service may have a member account that administers it."""
    governance = parsed(SMALL + SSO + "delegated_administrators: {sso.amazonaws.com: audit}\n").governance
    assert governance.trusted_services == ("sso.amazonaws.com",)
    assert governance.delegated_administrators == {"sso.amazonaws.com": "audit"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("trusted_services: [sso]\n", "must be a service's principal, such as guardduty", id="form"),
        pytest.param(
            "trusted_services: [sso.amazonaws.com, sso.amazonaws.com]\n", "33:39: sso.amazonaws.com stands", id="twice"
        ),
        pytest.param(
            "delegated_administrators: {sso.amazonaws.com: audit}\n",
            "33:28: sso.amazonaws.com is not trusted: add it to trusted_services",
            id="not trusted",
        ),
        pytest.param(
            "trusted_services: [gardduty.amazonaws.com]\ndelegated_administrators: {guardduty.amazonaws.com: audit}\n",
            "or AWS refuses to delegate it; is it gardduty.amazonaws.com there (line 33), mistyped?",
            id="mistyped",
        ),
        pytest.param(
            SSO + "delegated_administrators: {sso.amazonaws.com: adit}\n",
            '34:47: no account is called "adit" (did you mean "audit"?)',
            id="unknown",
        ),
        pytest.param(
            SSO + "delegated_administrators: {sso.amazonaws.com: root}\n",
            "34:47: root is the management account; a service is delegated to a member account",
            id="management",
        ),
        pytest.param(
            "log_archive: audit\ndelegated_administrators: {cloudtrail.amazonaws.com: audit}\n",
            "cloudtrail.amazonaws.com is delegated to audit by log_archive",
            id="CloudTrail",
        ),
        pytest.param(
            SSO + "delegated_administrators: {sso.amazonaws.com: audit}\nsuspended_unit: core\n",
            "root is the management account, which can't be suspended",
            id="in the suspended unit",
        ),
    ],
)
def test_mistakes(text: str, problem: str) -> None:
    """What AWS would refuse is told before, at its place."""
    assert any(problem in found for found in problems_of(SMALL + text))


def test_the_suspended_unit_is_made() -> None:
    """A unit of that name is made at the top, under a policy that denies everything."""
    manifest = parsed(SMALL + "suspended_unit: suspended\n")
    assert [unit.path for unit in manifest.units] == ["core", "plat", "suspended"]
    (policy,) = manifest.governance.policies
    assert (policy.name, policy.targets) == (SUSPENDED_POLICY, PolicyTargets(units=("suspended",)))
    assert policy.template["Statement"] == [{"Sid": "DenyEverything", "Effect": "Deny", "Action": "*", "Resource": "*"}]


def test_accounts_may_stand_in_the_suspended_unit() -> None:
    """An account is moved there by writing it there; the unit is then the one of the manifest."""
    text = edited(("workloads:\n", "suspended_unit: old\nworkloads:\n"))
    moved = text.replace("  plat:\n", "  old:\n    accounts: {gone: {email: gone@small.example}}\n  plat:\n")
    manifest = parsed(moved)
    assert [unit.path for unit in manifest.units] == ["core", "old", "plat"]
    assert manifest.account("gone").unit == "old"


def test_accounts_in_the_suspended_unit_or_below_are_suspended() -> None:
    """Runs leave them alone as they do accounts with `suspended: true`, since everything is denied there."""
    gone, far = "accounts: {gone: {email: gone@small.example}}", "accounts: {far: {email: far@small.example}}"
    below = f"  old:\n    {gone}\n    units: {{er: {{{far}}}}}\n"
    text = edited(("  plat:\n", f"{below}  older:\n    accounts: {{near: {{email: near@small.example}}}}\n  plat:\n"))
    manifest = parsed(text + "suspended_unit: old\n")
    assert [account.name for account in manifest.accounts if account.suspended] == ["gone", "far"]
    assert [account.name for account in manifest.accounts if account.in_suspended_unit] == ["gone", "far"]
    assert not any(account.suspended for account in parsed(text).accounts)


def test_a_workload_needs_an_account_out_of_the_suspended_unit() -> None:
    """One that would run nowhere is told at its place; one with other accounts leaves the suspended ones alone."""
    assert problems_of(SMALL + "suspended_unit: plat\n") == [
        "29:3: network would run nowhere: prod, dev are in plat, the suspended unit, where nothing can be done"
    ]
    dev = "      dev: {email: dev@small.example"
    assert problems_of(edited((dev, f"  old:\n    accounts:\n{dev}")) + "suspended_unit: old\n") == []


def test_the_accounts_that_are_needed_are_not_suspended() -> None:
    """Neither the accounts of logs, hub and people nor one that a service is delegated to is in the suspended unit."""
    old = "  old:\n    accounts: {gone: {email: gone@small.example}}\n  plat:\n"
    text = SMALL.replace("  plat:\n", old, 1) + SSO
    more = "suspended_unit: old\nlog_archive: gone\ndelegated_administrators: {sso.amazonaws.com: gone}\n"
    assert [found.partition(": ")[2] for found in problems_of(text + more)] == [
        "gone keeps the organisation's logs, and in old nothing can be done",
        "gone is in old, where nothing can be done",
    ]
    spoke = "spoke: {role: Spoke, managed_policies: [SecurityAudit]}"
    hub = f"hub: {{account: gone, role: Hub, trusted: {{services: [lambda.amazonaws.com]}}, {spoke}}}\n"
    staff = "groups: {Staff: {managed_policies: [ReadOnlyAccess]}}, users: {ana: {groups: [Staff]}}"
    for block, what in ((hub, "is the hub"), (f"people: {{account: gone, {staff}}}\n", "holds the people")):
        (found,) = problems_of(f"{text}suspended_unit: old\n{block}")
        assert found == f"25:16: gone {what}, and in old nothing can be done"
