"""Account settings on a twin: deployed with an override, steady, drift shown and undone, refused and removed.

One small fleet is deployed once; each test that changes an account puts it back.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from landing_zone.manifest import parse_manifest
from landing_zone.stack_config import for_subaccount
from orchestrator.rehearse.access import error_code
from orchestrator.rehearse.proofs.inventory import difference, take_inventory
from orchestrator.rehearse.proofs.scene import Scene
from orchestrator.rehearse.run import RehearsalOptions, staged
from orchestrator.rehearse.sequence import deploy, scene_of
from orchestrator.running.job import Operation, StackResult, StackStatus
from orchestrator.stack_id import StackId
from tests.support.pocket_fleet import POCKET_FLEET

BARE = POCKET_FLEET.partition("workloads:\n")[0]
SHARED = """\
account_settings:
  alias: "${organization}-${account.name}"
  password_policy: {minimum_length: 16, max_age_days: 90}
  ebs_encryption: true
  imdsv2: true
  s3_public_access_block: true
  budgets:
    monthly: {limit_usd: 100, actual: [80, 100], forecast: [100], emails: [finance@pocket.example]}
  contacts:
    security: {name: On Call, title: Security, email: soc@pocket.example, phone: "+44 20 7946 0000"}
    billing: {name: Accounts, title: Finance, email: finance@pocket.example, phone: "+44 20 7946 0001"}
quotas:
  vpcs: {service: vpc, quota: L-F678F1CE, value: 8}
"""
OWN = "settings: {alias: pocket-shop, budgets: {monthly: {limit_usd: 500, emails+: [shop@pocket.example]}}}, "
FLEET = BARE.replace("plat-prod: {", "plat-prod: {" + OWN) + SHARED
PROD, DEV = (StackId("bootstrap-subaccount", name) for name in ("plat-prod", "plat-dev"))


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Deploy the fleet on a twin of its own."""
    folder = tmp_path_factory.mktemp("settings")
    fleet = folder / "fleet.yaml"
    fleet.write_text(FLEET, encoding="utf-8")
    with staged(RehearsalOptions(fleet=fleet, env=dict(os.environ), run_file=folder / "twin.json")) as stage:
        results, before = deploy(stage)
        assert [result.error for result in results if result.error] == []
        yield scene_of(stage, before)


def _client(scene: Scene, account: str, service: str) -> Any:
    return scene.access.client(service, scene.administrator_of(account))


def _budget(scene: Scene, account: str) -> tuple[dict[str, Any], dict[str, str]]:
    own = scene.manifest.management_account.id
    which = {"AccountId": scene.lock.accounts.get(account, own), "BudgetName": "monthly"}
    return dict(_client(scene, account, "budgets").describe_budget(**which)["Budget"]), which


def _up_as(scene: Scene, stack: StackId, text: str) -> StackResult:
    """Apply an account's stack as another manifest would."""
    config = for_subaccount(parse_manifest(text, Path("fleet.yaml")), scene.lock, stack.account).to_config()
    job = scene.driver.job(Operation.UP, stack)
    return scene.driver.run_job(dataclasses.replace(job, config={**job.config, **config}))


@contextmanager
def put_back(scene: Scene, stack: StackId) -> Iterator[None]:
    """Apply the stack as it is written once the block is over."""
    try:
        yield
    finally:
        (result,) = scene.driver.run(Operation.UP, (stack,))
        assert result.status is StackStatus.SUCCEEDED, result.error


def test_every_account_has_the_fleets_settings(scene: Scene) -> None:
    """Members and the management account are set as the fleet says, each under its own alias."""
    for account in ("core-root", "plat-dev"):
        iam, ec2 = _client(scene, account, "iam"), _client(scene, account, "ec2")
        assert iam.list_account_aliases()["AccountAliases"] == [f"pocket-{account}"]
        policy = iam.get_account_password_policy()["PasswordPolicy"]
        assert (policy["MinimumPasswordLength"], policy["MaxPasswordAge"], policy["RequireSymbols"]) == (16, 90, True)
        assert ec2.get_ebs_encryption_by_default()["EbsEncryptionByDefault"] is True
        assert ec2.get_instance_metadata_defaults()["AccountLevel"]["HttpTokens"] == "required"
        contact = _client(scene, account, "account").get_alternate_contact(AlternateContactType="SECURITY")
        assert contact["AlternateContact"]["EmailAddress"] == "soc@pocket.example"
        quota = _client(scene, account, "service-quotas").get_service_quota(ServiceCode="vpc", QuotaCode="L-F678F1CE")
        assert quota["Quota"]["Value"] == 8


def test_the_proof_of_a_clean_destroy_would_see_them(scene: Scene) -> None:
    """What an account holds counts its settings: one that a destroy left behind would show."""
    account = "plat-prod"
    now = take_inventory(scene.access, scene.administrator_of(account))
    came = [line for line in difference(scene.before[account], now) if not line.startswith(("+ role", "+ parameter"))]
    assert [line.split("[")[0].strip() for line in came] == [
        "+ account alias pocket-shop",
        "+ budget monthly",
        "+ contact BILLING finance@pocket.example",
        "+ contact SECURITY soc@pocket.example",
        "+ defaults of instance metadata",
        "+ encryption of new volumes",
        "+ password policy",
    ]


def test_an_account_has_what_it_overrides(scene: Scene) -> None:
    """An account's own alias and budget win, and what it does not say is the fleet's."""
    assert _client(scene, "plat-prod", "iam").list_account_aliases()["AccountAliases"] == ["pocket-shop"]
    budget, which = _budget(scene, "plat-prod")
    assert float(budget["BudgetLimit"]["Amount"]) == 500
    client = _client(scene, "plat-prod", "budgets")
    told = client.describe_notifications_for_budget(**which)["Notifications"]
    assert sorted((each["NotificationType"], each["Threshold"]) for each in told) == [
        ("ACTUAL", 80),
        ("ACTUAL", 100),
        ("FORECASTED", 100),
    ]
    people = client.describe_subscribers_for_notification(**which, Notification=told[0])["Subscribers"]
    assert {each["Address"] for each in people} == {"finance@pocket.example", "shop@pocket.example"}
    assert float(_budget(scene, "plat-dev")[0]["BudgetLimit"]["Amount"]) == 100


def test_only_the_payers_budget_is_narrowed(scene: Scene) -> None:
    """In the management account the budget counts that account's costs, in a member there is nothing to narrow."""
    own = scene.manifest.management_account.id
    assert _budget(scene, "core-root")[0]["CostFilters"] == {"LinkedAccount": [own]}
    assert not _budget(scene, "plat-dev")[0].get("CostFilters")


def test_a_second_look_shows_no_change(scene: Scene) -> None:
    """Preview and refresh of what was just deployed show nothing to do."""
    stacks = (*scene.foundation, *scene.subaccounts)
    for operation in (Operation.PREVIEW, Operation.REFRESH):
        results = scene.driver.run(operation, stacks)
        assert {(result.status, result.changed) for result in results} == {(StackStatus.SUCCEEDED, False)}


def _change_by_hand(scene: Scene) -> None:
    """Loosen the password policy, forget a notification, leave volumes plain, drop a contact."""
    _client(scene, "plat-dev", "iam").update_account_password_policy(MinimumPasswordLength=6)
    budgets, (_, which) = _client(scene, "plat-dev", "budgets"), _budget(scene, "plat-dev")
    told = budgets.describe_notifications_for_budget(**which)["Notifications"]
    budgets.delete_notification(**which, Notification=told[0])
    _client(scene, "plat-dev", "ec2").disable_ebs_encryption_by_default()
    _client(scene, "plat-dev", "account").delete_alternate_contact(AlternateContactType="BILLING")


def test_changes_by_hand_show_and_are_undone(scene: Scene) -> None:
    """What somebody changed in the console shows in a refresh, each by itself, and the next `up` puts it right."""
    _change_by_hand(scene)
    (refreshed,) = scene.driver.run(Operation.REFRESH, (DEV,))
    assert refreshed.status is StackStatus.SUCCEEDED
    assert (refreshed.resource_changes["update"], refreshed.resource_changes["delete"]) == (3, 1)
    (again,) = scene.driver.run(Operation.UP, (DEV,))
    assert again.status is StackStatus.SUCCEEDED
    assert (again.resource_changes["update"], again.resource_changes["create"]) == (3, 1)
    (steady,) = scene.driver.run(Operation.PREVIEW, (DEV,))
    assert not steady.changed


def test_what_is_taken_out_of_the_manifest_is_undone(scene: Scene) -> None:
    """Without settings the account is as AWS made it; a quota that was granted stays."""
    with put_back(scene, DEV):
        result = _up_as(scene, DEV, BARE)
        assert result.status is StackStatus.SUCCEEDED, result.error
        iam, ec2 = _client(scene, "plat-dev", "iam"), _client(scene, "plat-dev", "ec2")
        assert iam.list_account_aliases()["AccountAliases"] == []
        assert ec2.get_ebs_encryption_by_default()["EbsEncryptionByDefault"] is False
        assert "HttpTokens" not in ec2.get_instance_metadata_defaults()["AccountLevel"]
        for gone in (
            iam.get_account_password_policy,
            lambda: _budget(scene, "plat-dev"),
            lambda: _client(scene, "plat-dev", "account").get_alternate_contact(AlternateContactType="SECURITY"),
        ):
            with pytest.raises(ClientError) as refused:
                gone()
            assert error_code(refused.value) in {"NoSuchEntity", "NotFoundException", "ResourceNotFoundException"}
        quota = _client(scene, "plat-dev", "service-quotas").get_service_quota(
            ServiceCode="vpc", QuotaCode="L-F678F1CE"
        )
        assert quota["Quota"]["Value"] == 8


def test_another_alias_takes_the_place_of_the_old_one(scene: Scene) -> None:
    """A new alias is put before the old one's deletion, which AWS has then done itself."""
    with put_back(scene, DEV):
        result = _up_as(scene, DEV, FLEET.replace("plat-dev: {", "plat-dev: {settings: {alias: pocket-renamed}, ", 1))
        assert result.status is StackStatus.SUCCEEDED, result.error
        assert result.resource_changes["replace"] == 1
        assert _client(scene, "plat-dev", "iam").list_account_aliases()["AccountAliases"] == ["pocket-renamed"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (FLEET.replace("plat-dev: {", "plat-dev: {settings: {alias: pocket-core-root}, ", 1), "EntityAlreadyExists"),
        (FLEET.replace("value: 8", "value: 800").replace("L-F678F1CE", "L-3248932A"), "with value less than current"),
    ],
)
def test_aws_has_the_last_word(scene: Scene, text: str, words: str) -> None:
    """An alias that another account holds, or a quota below what there is, fails the stack in AWS's own words."""
    other = text.replace("core-root: {", "core-root: {settings: {alias: pocket-elsewhere}, ", 1)
    with put_back(scene, DEV):
        result = _up_as(scene, DEV, other)
        assert result.status is StackStatus.FAILED
        assert result.error is not None
        assert words in str(result.error)
    assert _client(scene, "plat-dev", "iam").list_account_aliases()["AccountAliases"] == ["pocket-plat-dev"]


def test_the_management_account_is_called_as_in_the_manifest(scene: Scene) -> None:
    """A rehearsal's management account has the manifest's email and name, so discover has nothing to say of it."""
    own = scene.manifest.management_account
    organizations = scene.access.client("organizations", scene.administrator)
    there = organizations.describe_account(AccountId=own.id)["Account"]
    assert (there["Email"], there["Name"]) == (own.email, own.name)
