"""The provider's configuration."""

from __future__ import annotations

import json

import pytest

from rehearsal.aws.connection import refuse_wrong_account
from rehearsal.aws.errors import AccountNotAllowed, BadProviderSetting, UnknownProviderSetting
from rehearsal.aws.settings import ProviderSettings, parse_settings, seconds, setting_problems
from rehearsal.aws.tags import TagRules


def test_what_the_sdk_sends_as_json_text_is_parsed() -> None:
    """Lists and objects arrive as JSON text, in the order they were given."""
    settings = parse_settings(
        {
            "region": "eu-west-1",
            "allowedAccountIds": '["111122223333"]',
            "defaultTags": '{"tags": {"org": "acme"}}',
            "ignoreTags": '{"keys": ["audit"], "keyPrefixes": ["tmp:"]}',
            "assumeRoles": json.dumps([{"roleArn": "arn:1"}, {"roleArn": "arn:2"}]),
            "skipRequestingAccountId": "false",
        }
    )
    assert settings.allowed_account_ids == ("111122223333",)
    assert settings.tag_rules == TagRules({"org": "acme"}, ("audit",), ("tmp:",))
    assert [role.arn for role in settings.roles] == ["arn:1", "arn:2"]


def test_every_part_of_a_role_reaches_sts() -> None:
    """A role's settings become the parameters of AssumeRole."""
    role = {
        "roleArn": "arn:1",
        "sessionName": "s",
        "externalId": "e",
        "duration": "1h30m",
        "policy": "{}",
        "policyArns": ["arn:p"],
        "tags": {"b": "2", "a": "1"},
        "transitiveTagKeys": ["a"],
        "sourceIdentity": "i",
    }
    assert parse_settings({"assumeRoles": json.dumps([role])}).roles[0].parameters == {
        "RoleArn": "arn:1",
        "RoleSessionName": "s",
        "ExternalId": "e",
        "DurationSeconds": 5400,
        "Policy": "{}",
        "PolicyArns": [{"arn": "arn:p"}],
        "Tags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}],
        "TransitiveTagKeys": ["a"],
        "SourceIdentity": "i",
    }


@pytest.mark.parametrize(
    ("text", "expected"), [("1h", 3600), ("900s", 900), ("90m", 5400), ("1h30m", 5400), ("60", 60)]
)
def test_durations_are_gos(text: str, expected: int) -> None:
    """Durations are written as in Go."""
    assert seconds(text) == expected


@pytest.mark.parametrize("text", ["", "1d", "h", "1h x", "-1h"])
def test_other_durations_are_refused(text: str) -> None:
    """What is no duration in hours, minutes and seconds is an error."""
    with pytest.raises(ValueError, match="is no duration"):
        seconds(text)


def test_an_unknown_setting_is_refused_with_the_nearest_known() -> None:
    """A setting that does not exist is an error naming it and the nearest."""
    with pytest.raises(UnknownProviderSetting, match=r"FY653.*\[allowedAccountIDs\](.|\n)*allowedAccountIds"):
        parse_settings({"allowedAccountIDs": "[]"})


@pytest.mark.parametrize("name", ["assumeRole", "assumeRoleWithWebIdentity", "tagPolicyCompliance"])
def test_what_is_not_carried_out_is_refused_by_name(name: str) -> None:
    """A real setting that rehearsals don't carry out is never dropped silently."""
    with pytest.raises(UnknownProviderSetting, match=name):
        parse_settings({name: "x"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("assumeRoles", "["),
        ("assumeRoles", '[{"roleArn": "arn:1", "duration": "soon"}]'),
        ("assumeRoles", '[{"sessionName": "s"}]'),
        ("assumeRoles", '[{"roleArn": "arn:1", "role": "x"}]'),
        ("allowedAccountIds", "111122223333"),
        ("defaultTags", '["a"]'),
        ("skipRequestingAccountId", '"maybe"'),
    ],
)
def test_a_setting_that_can_not_be_read_is_named(name: str, value: str) -> None:
    """A malformed value is an error that names the setting and what is wrong."""
    with pytest.raises(BadProviderSetting, match=rf"FY654.*\[{name}\]"):
        parse_settings({name: value})


def test_all_wrong_settings_are_found_at_once() -> None:
    """Checking a configuration reports every wrong setting."""
    found = {problem.path for problem in setting_problems({"regions": "x", "assumeRoles": "[", "region": "eu-west-1"})}
    assert found == {"regions", "assumeRoles"}


def test_settings_about_the_way_to_aws_change_nothing() -> None:
    """Transport settings of a production program are accepted, as the way to the twin is fixed."""
    assert (
        parse_settings({"skipMetadataApiCheck": "true", "maxRetries": "5", "version": "7.51.1"}) == ProviderSettings()
    )


def test_an_account_outside_the_allowed_ones_is_refused() -> None:
    """The wording is the real provider's, and says which account it is for."""
    with pytest.raises(AccountNotAllowed, match=r"AWS account ID not allowed: 999999999999(.|\n)*111122223333"):
        refuse_wrong_account(ProviderSettings(allowed_account_ids=("111122223333",)), "999999999999")


def test_a_forbidden_account_is_refused() -> None:
    """A forbidden account is refused though no list of allowed ones exists."""
    with pytest.raises(AccountNotAllowed, match="AWS account ID not allowed: 111122223333"):
        refuse_wrong_account(ProviderSettings(forbidden_account_ids=("111122223333",)), "111122223333")


def test_a_guard_without_the_accounts_id_refuses() -> None:
    """Told not to look up the account's id, a guard can't be satisfied and fails closed."""
    settings = ProviderSettings(allowed_account_ids=("111122223333",), skip_requesting_account_id=True)
    with pytest.raises(AccountNotAllowed):
        refuse_wrong_account(settings, "111122223333")


def test_secrets_do_not_appear_when_settings_are_printed() -> None:
    """Keys and tokens are left out of the settings' text."""
    assert "hush" not in repr(parse_settings({"accessKey": "AKIA", "secretKey": "hush", "token": "hush"}))
