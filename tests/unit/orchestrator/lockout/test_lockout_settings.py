"""The settings and quotas that the manifest gives an account can be set and kept so."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.landing_zone.fleets import SMALL
from tests.unit.orchestrator.lockout.locked_out import ABROAD, EXEMPT, KEEPER, ONE, Statement, deny, locked_out

SETTINGS = """\
account_settings:
  alias: "${organization}-${account.name}"
  password_policy: {minimum_length: 14}
  ebs_encryption: true
  imdsv2: true
  s3_public_access_block: true
  regions: [eu-west-1, eu-central-1]
  budgets:
    monthly: {limit_usd: 10, actual: [80], emails: [ops@small.example]}
    yearly: {limit_usd: 20, actual: [80], emails: [ops@small.example]}
  contacts: {security: {name: Ops, title: Ops, email: ops@small.example, phone: "+1"}}
quotas: {vpcs: {service: vpc, quota: L-F678F1CE, value: 10}}
"""


@pytest.mark.parametrize(
    ("action", "what"),
    [
        pytest.param("iam:CreateAccountAlias", "the account's alias", id="alias"),
        pytest.param("iam:UpdateAccountPasswordPolicy", "the account's password policy", id="password policy"),
        pytest.param("s3:PutAccountPublicAccessBlock", "the block of public access to its buckets", id="public access"),
        pytest.param(
            "ec2:EnableEbsEncryptionByDefault",
            "the encryption of new volumes in eu-west-1 and the encryption of new volumes in eu-central-1",
            id="volumes",
        ),
        pytest.param(
            "ec2:ModifyInstanceMetadataDefaults",
            "the metadata defaults of instances in eu-west-1 and the metadata defaults of instances in eu-central-1",
            id="metadata",
        ),
        pytest.param("budgets:ModifyBudget", "the budget monthly and the budget yearly", id="budgets"),
        pytest.param("account:PutAlternateContact", "the account's contacts", id="contacts"),
        pytest.param("servicequotas:RequestServiceQuotaIncrease", "the quota vpcs in eu-west-1", id="quotas"),
    ],
)
def test_a_setting_that_could_not_be_set(tmp_path: Path, action: str, what: str) -> None:
    """A denial of what sets it is told, and is none of a fleet that sets nothing."""
    assert locked_out(tmp_path, deny(action), fleet=SMALL + SETTINGS) == [
        f"Closed: {KEEPER} could not do {action} on {what}"
    ]
    assert locked_out(tmp_path, deny(action)) == []


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param(deny("ec2:DisableEbsEncryptionByDefault"), id="turning encryption off"),
        pytest.param(deny(["iam:DeleteAccountAlias", "iam:DeleteAccountPasswordPolicy"]), id="giving up"),
        pytest.param(deny("budgets:ModifyBudget", Resource="arn:aws:budgets::*:budget/other"), id="another budget"),
        pytest.param(
            deny(
                "servicequotas:RequestServiceQuotaIncrease",
                Condition={"StringNotEquals": {"servicequotas:service": "vpc"}},
            ),
            id="quotas of other services",
        ),
        pytest.param(deny("s3:PutAccountPublicAccessBlock", Condition=EXEMPT), id="but for the administrator"),
    ],
)
def test_what_leaves_settings_as_they_are(tmp_path: Path, statement: Statement) -> None:
    """Giving a setting up is what many forbid on purpose, and other budgets and quotas are others' own."""
    assert locked_out(tmp_path, statement, fleet=SMALL + SETTINGS) == []


def test_a_setting_of_a_region_that_is_closed(tmp_path: Path) -> None:
    """What is set region by region is judged in each: a lock to one of two regions bars the other."""
    closed = deny("ec2:*", Condition=ABROAD)
    metadata = "ec2:GetInstanceMetadataDefaults and 1 more on the metadata defaults of instances in eu-central-1"
    volumes = "ec2:EnableEbsEncryptionByDefault and 1 more on the encryption of new volumes in eu-central-1"
    assert locked_out(tmp_path, closed, fleet=SMALL + SETTINGS) == [
        f"Closed: {KEEPER} could not do {volumes}",
        f"Closed: {KEEPER} could not do {metadata}",
    ]


def test_a_setting_of_one_account(tmp_path: Path) -> None:
    """An account without the setting is not named."""
    fleet = SMALL.replace("stage: prod,", "stage: prod, settings: {imdsv2: true},")
    what = "ec2:ModifyInstanceMetadataDefaults on the metadata defaults of instances in eu-west-1"
    found = locked_out(tmp_path, deny("ec2:ModifyInstanceMetadataDefaults"), fleet=fleet)
    assert found == [f"Closed: {ONE} could not do {what}"]
