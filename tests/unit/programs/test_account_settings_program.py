"""What the foundation's programs declare of an account's settings and quotas."""

from __future__ import annotations

from typing import Any

from landing_zone.stack_config import for_bootstrap, for_subaccount
from tests.unit.landing_zone.fleets import SMALL, full_lock, parsed
from tests.unit.programs.program_under_mocks import Ran, run_program

CONTACT = '{name: A, title: B, email: c@small.example, phone: "1"}'
SETTINGS = f"""\
account_settings:
  alias: "${{organization}}-${{account.name}}"
  password_policy: {{minimum_length: 16, require: [numbers]}}
  ebs_encryption: true
  imdsv2: true
  imds_hop_limit: 2
  s3_public_access_block: true
  regions: [eu-west-1, us-east-1]
  budgets: {{monthly: {{limit_usd: 100, actual: [80], forecast: [100], emails: [f@small.example]}}}}
  contacts: {{security: {CONTACT}, billing: {CONTACT}}}
quotas:
  vpcs: {{service: vpc, quota: L-F678F1CE, value: 10, regions: [eu-west-1, us-east-1]}}
"""
KINDS = {
    "aws:iam/accountAlias:AccountAlias",
    "aws:iam/accountPasswordPolicy:AccountPasswordPolicy",
    "aws:ebs/encryptionByDefault:EncryptionByDefault",
    "aws:ec2/instanceMetadataDefaults:InstanceMetadataDefaults",
    "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock",
    "aws:budgets/budget:Budget",
    "aws:account/alternativeContact:AlternativeContact",
    "aws:servicequotas/serviceQuota:ServiceQuota",
}
BUDGET = "aws:budgets/budget:Budget"


def _member(text: str = SETTINGS) -> Ran:
    manifest = parsed(SMALL + text)
    config = for_subaccount(manifest, full_lock(manifest), "prod")
    return run_program("bootstrap-subaccount", config, project="bootstrap-subaccount", stack="prod")


def _management(text: str = SETTINGS) -> Ran:
    manifest = parsed(SMALL + text)
    return run_program("bootstrap", for_bootstrap(manifest, full_lock(manifest)), project="bootstrap", stack="root")


def _inputs(ran: Ran, kind: str) -> dict[str, Any]:
    return dict(ran.only(kind).inputs)


def test_nothing_is_declared_unless_it_is_asked_for() -> None:
    """A fleet without settings and quotas has none of these resources in either program."""
    for ran in (_member(""), _management("")):
        assert KINDS.isdisjoint(found.type for found in ran.resources)


def test_both_programs_declare_all_of_it() -> None:
    """A member account and the management account get the same kinds, each by the stack's own provider."""
    for ran in (_member(), _management()):
        found = [each for each in ran.resources if each.type in KINDS]
        assert {each.type for each in found} == KINDS
        assert all("account::" in each.provider for each in found)


def test_what_the_account_has_once() -> None:
    """Alias, password policy and public access block are what the manifest says, the alias filled in."""
    ran = _member()
    assert _inputs(ran, "aws:iam/accountAlias:AccountAlias") == {"accountAlias": "small-prod"}
    policy = _inputs(ran, "aws:iam/accountPasswordPolicy:AccountPasswordPolicy")
    assert (policy["minimumPasswordLength"], policy["requireNumbers"], policy["requireSymbols"]) == (16, True, False)
    block = _inputs(ran, "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock")
    assert set(block.values()) == {True}
    assert len(block) == 4


def test_what_the_account_has_per_region() -> None:
    """Encryption and IMDSv2 are set in each region listed, through the one provider."""
    ran = _member()
    volumes = ran.of_type("aws:ebs/encryptionByDefault:EncryptionByDefault").values()
    assert {each.inputs["region"] for each in volumes} == {"eu-west-1", "us-east-1"}
    metadata = ran.of_type("aws:ec2/instanceMetadataDefaults:InstanceMetadataDefaults").values()
    assert [(each.inputs["httpTokens"], each.inputs["httpPutResponseHopLimit"]) for each in metadata] == [
        ("required", 2)
    ] * 2
    quotas = ran.of_type("aws:servicequotas/serviceQuota:ServiceQuota")
    assert set(quotas) == {"vpcs-eu-west-1", "vpcs-us-east-1"}


def test_a_budget_of_a_member_account() -> None:
    """Each percentage is a notification of its own to all addresses; what the account sees is what it costs."""
    budget = _inputs(_member(), BUDGET)
    assert (budget["limitAmount"], budget["limitUnit"], budget["timeUnit"]) == ("100", "USD", "MONTHLY")
    told = [(each["notificationType"], each["threshold"]) for each in budget["notifications"]]
    assert told == [("ACTUAL", 80), ("FORECASTED", 100)]
    assert budget["notifications"][0]["subscriberEmailAddresses"] == ["f@small.example"]
    assert "costFilters" not in budget


def test_a_budget_of_the_management_account() -> None:
    """There it is narrowed to the account's own costs, unless the whole organisation's are asked for."""
    (own,) = _inputs(_management(), BUDGET)["costFilters"]
    assert (own["name"], own["values"]) == ("LinkedAccount", ["100000000001"])
    management = "{whole_organization: true, limit_usd: 9, actual: [80], emails: [f@small.example]}"
    text = SMALL.replace("management: true", f"management: true, settings: {{budgets: {{all: {management}}}}}")
    manifest = parsed(text)
    config = for_bootstrap(manifest, full_lock(manifest))
    ran = run_program("bootstrap", config, project="bootstrap", stack="root")
    assert "costFilters" not in _inputs(ran, BUDGET)


def test_contacts_are_put_from_within_the_account() -> None:
    """No contact names an account: that is the management account's way, which would need trusted access."""
    contacts = _member().of_type("aws:account/alternativeContact:AlternativeContact")
    assert set(contacts) == {"billing", "security"}
    assert contacts["security"].inputs == {
        "alternateContactType": "SECURITY",
        "name": "A",
        "title": "B",
        "emailAddress": "c@small.example",
        "phoneNumber": "1",
    }
