"""The permissions that docs/account-settings.md names for each setting are enough to make, change and undo it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest

from rehearsal.aws.plugin import AwsProvider
from tests.rehearsed.aws_provider.cases import Case
from tests.rehearsed.aws_provider.cases_of_account_settings import ACCOUNT_SETTINGS
from tests.rehearsed.aws_provider.conftest import REGION
from tests.rehearsed.aws_provider.world import World
from tests.support.repository import ROOT
from tests.support.twin_fixtures import MANAGEMENT, RunningTwin, TwinAws, document, trusting
from tests.unit.aws_provider.driving import Driver

PAGE = (ROOT / "docs" / "account-settings.md").read_text(encoding="utf-8")
OF_SETTING = {
    "alias": "aws:iam/accountAlias:AccountAlias",
    "password_policy": "aws:iam/accountPasswordPolicy:AccountPasswordPolicy",
    "ebs_encryption": "aws:ebs/encryptionByDefault:EncryptionByDefault",
    "imdsv2": "aws:ec2/instanceMetadataDefaults:InstanceMetadataDefaults",
    "s3_public_access_block": "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock",
    "budgets": "aws:budgets/budget:Budget",
    "contacts": "aws:account/alternativeContact:AlternativeContact",
    "quotas": "aws:servicequotas/serviceQuota:ServiceQuota",
}
ASKED_BY_OURS_ONLY = {"quotas": ["servicequotas:ListRequestedServiceQuotaChangeHistoryByQuota"]}
"""What the rehearsal's provider looks up and the real one remembers."""


def documented_actions() -> dict[str, list[str]]:
    """Return the page's actions by setting."""
    table = PAGE.partition("## Permissions")[2].partition("## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", table, re.MULTILINE)
    return {setting: re.findall(r"`(\w+:\w+)`", actions) for setting, actions in rows}


def test_the_page_names_every_setting() -> None:
    """Each setting has a row in the page's table of permissions."""
    assert set(documented_actions()) == set(OF_SETTING)


@pytest.mark.parametrize("setting", OF_SETTING)
def test_the_permissions_of_a_setting_are_enough(
    setting: str,
    running_twin: RunningTwin,
    aws: TwinAws,
    new_world: Callable[[], World],
    new_role: Callable[..., str],
) -> None:
    """A role with the row's actions and no others makes the setting, reads it, changes it and takes it back."""
    actions = [*documented_actions()[setting], *ASKED_BY_OURS_ONLY.get(setting, [])]
    world, allowed = new_world(), document({"Effect": "Allow", "Action": actions, "Resource": "*"})
    role = new_role(world.account_id, trusting(MANAGEMENT), allowed)
    roles = json.dumps([{"roleArn": role, "sessionName": "settings"}])
    hand = Driver(
        AwsProvider(running_twin.environment(aws.administrator)), region=REGION, assumeRoles=roles
    ).configure()
    case: Case = next(each for each in ACCOUNT_SETTINGS if each.kind.type == OF_SETTING[setting])
    inputs = case.inputs(world)
    made = hand.create(case.kind.type, "made", inputs)
    for changes in case.updates(world, inputs)[:1]:
        made = hand.update(made, {**inputs, **changes})
    assert hand.refresh(made) is not None
    hand.delete(made)
