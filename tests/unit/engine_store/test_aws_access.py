"""Where the engine's own AWS calls go and as whom: URL options, environment, profiles, and the guard before all."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from rehearsal.engine.aws_access import AwsAccess, AwsChoice, OptionRefusedError, aws_choice
from rehearsal.engine.errors import BackendUnusableError, CredentialsMissingError, SecretsProviderUnsupportedError
from rehearsal.engine.kms_secrets import parse_key_url
from rehearsal.engine.s3_store import parse_s3_url
from tests.support.twin_fixtures import MANAGEMENT, RunningTwin, TwinAws, document, trusting

ENDPOINT = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_REGION": "eu-central-1"}
KEYS = {"AWS_ACCESS_KEY_ID": "AKIAENV", "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "t"}


def anything(_env: Mapping[str, str]) -> None:
    """Refuse nothing."""


def key_of(env: Mapping[str, str], choice: AwsChoice | None = None) -> str:
    """Return the access key with which S3 would be called."""
    place = AwsAccess({**ENDPOINT, **env}, anything).place("s3", choice or AwsChoice())
    return str(place.credentials.get_frozen_credentials().access_key)


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    """Write profile files and return the environment that names them."""
    program = f"{sys.executable} -c \"print('{json.dumps({'Version': 1, 'AccessKeyId': 'AKIAPROGRAM'})}')\""
    (tmp_path / "config").write_text(
        "[default]\nregion = eu-west-1\n[profile static]\naws_access_key_id = AKIASTATIC\naws_secret_access_key = s\n"
        f"[profile program]\ncredential_process = {program}\n[profile empty]\nregion = eu-west-3\n"
        "[profile gone]\ncredential_process = /no/such/program\n"
        "[profile environment]\nrole_arn = arn:aws:iam::111122223333:role/x\ncredential_source = Ec2InstanceMetadata\n"
        "[profile asks]\nrole_arn = arn:aws:iam::111122223333:role/x\nsource_profile = static\n"
        "mfa_serial = arn:aws:iam::111122223333:mfa/me\n",
        encoding="utf-8",
    )
    (tmp_path / "credentials").write_text(
        "[default]\naws_access_key_id = AKIADEFAULT\naws_secret_access_key = s\n", encoding="utf-8"
    )
    return {
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
    }


def test_keys_are_taken_in_the_order_of_the_real_cli(files: dict[str, str]) -> None:
    """A profile in the URL, then keys in the environment, then AWS_PROFILE, then the default profile."""
    assert key_of({**files, **KEYS, "AWS_PROFILE": "static"}, AwsChoice(profile="static")) == "AKIASTATIC"
    assert key_of({**files, **KEYS, "AWS_PROFILE": "static"}) == "AKIAENV"
    assert key_of({**files, "AWS_PROFILE": "static", "AWS_DEFAULT_PROFILE": "none"}) == "AKIASTATIC"
    assert key_of({**files, "AWS_DEFAULT_PROFILE": "static"}) == "AKIASTATIC"
    assert key_of(files) == "AKIADEFAULT"


def test_the_region_is_taken_in_the_order_of_the_real_cli(files: dict[str, str]) -> None:
    """The URL's, AWS_REGION, AWS_DEFAULT_REGION, the profile's."""

    def region(choice: AwsChoice | None = None, **env: str) -> str:
        env = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", **files, **KEYS, **env}
        return AwsAccess(env, anything).place("s3", choice or AwsChoice()).region

    assert region(AwsChoice(region="a"), AWS_REGION="b", AWS_DEFAULT_REGION="c") == "a"
    assert region(AWS_REGION="b", AWS_DEFAULT_REGION="c") == "b"
    assert region(AWS_DEFAULT_REGION="c") == "c"
    assert region() == "eu-west-1"
    assert region(AwsChoice(profile="static", region="x")) == "x"


@pytest.mark.parametrize(
    ("profile", "why"),
    [
        ("missing", "profile 'missing' is not there"),
        ("empty", "profile 'empty' holds none"),
        ("gone", "/no/such/program"),
        ("environment", "Ec2InstanceMetadata"),
    ],
)
def test_a_profile_without_usable_keys_is_told(files: dict[str, str], profile: str, why: str) -> None:
    """FY532 says what is wrong with the profile; no metadata service is asked instead."""
    with pytest.raises(CredentialsMissingError) as caught:
        key_of({**files, "AWS_PROFILE": profile})
    assert why in caught.value.why


def test_nobody_is_asked_for_a_code(files: dict[str, str]) -> None:
    """FY532 for a profile that needs an MFA code: a command that waits for input would hang a run."""
    with pytest.raises(CredentialsMissingError, match="mfa_serial"):
        key_of({**files, "AWS_PROFILE": "asks"})


def test_no_region_is_told() -> None:
    """FY532 says how to give one."""
    access = AwsAccess({"AWS_ENDPOINT_URL": "x", "HOME": "/nowhere", **KEYS}, anything)
    with pytest.raises(CredentialsMissingError, match="no AWS region"):
        access.place("s3", AwsChoice())


def test_a_profile_file_that_is_malformed_is_told(tmp_path: Path) -> None:
    """FY532 names the file."""
    (tmp_path / "config").write_text("[profile x\nnonsense", encoding="utf-8")
    with pytest.raises(CredentialsMissingError, match="config"):
        key_of({"AWS_CONFIG_FILE": str(tmp_path / "config"), "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none")})


def test_a_role_is_assumed_through_the_twin(
    running_twin: RunningTwin, aws: TwinAws, new_role: Callable[..., str], tmp_path: Path
) -> None:
    """A profile's role_arn with source_profile, and `role=` of the URL, give the keys of a session."""
    trust = trusting(f"arn:aws:iam::{MANAGEMENT}:root")
    role = new_role(MANAGEMENT, trust, document({"Effect": "Allow", "Action": "s3:*", "Resource": "*"}))
    keys = aws.administrator
    (tmp_path / "config").write_text(
        f"[profile base]\naws_access_key_id = {keys.access_key_id}\naws_secret_access_key = {keys.secret_access_key}\n"
        f"[profile chained]\nrole_arn = {role}\nsource_profile = base\n",
        encoding="utf-8",
    )
    env = {name: value for name, value in running_twin.environment(keys).items() if "KEY" not in name}
    env["AWS_CONFIG_FILE"] = str(tmp_path / "config")
    for choice in (AwsChoice(profile="chained"), AwsChoice(profile="base", role=role)):
        place = AwsAccess(env, anything).place("s3", choice)
        frozen = place.credentials.get_frozen_credentials()
        assert (frozen.access_key.startswith("ASIA"), bool(frozen.token)) == (True, True)


# -- the guard ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("env", "choice", "seen"),
    [
        ({}, AwsChoice(), ""),
        ({"AWS_ENDPOINT_URL": "http://all"}, AwsChoice(), "http://all"),
        ({"AWS_ENDPOINT_URL": "http://all", "AWS_ENDPOINT_URL_S3": "http://s3/"}, AwsChoice(), "http://s3"),
        ({"AWS_ENDPOINT_URL": "http://all"}, AwsChoice(endpoint="http://url"), "http://url"),
    ],
)
def test_the_guard_sees_the_endpoint_that_would_be_called(env: dict[str, str], choice: AwsChoice, seen: str) -> None:
    """It is given the one endpoint that counts, before credentials are looked for, and its refusal stands."""
    given: list[str] = []

    def guard(environment: Mapping[str, str]) -> None:
        given.append(environment["AWS_ENDPOINT_URL"])
        given.extend(name for name in environment if name.startswith("AWS_ENDPOINT_URL_"))
        raise PermissionError("no twin")

    with pytest.raises(PermissionError, match="no twin"):
        AwsAccess({**env, "AWS_PROFILE": "not-there"}, guard).place("s3", choice)
    assert given == [seen]


def test_an_endpoint_is_proven_once_for_a_command() -> None:
    """State and secrets at one endpoint cost one proof."""
    proofs: list[str] = []
    access = AwsAccess({**ENDPOINT, **KEYS}, lambda env: proofs.append(env["AWS_ENDPOINT_URL"]))
    for service in ("s3", "kms", "s3"):
        access.place(service, AwsChoice())
    assert proofs == ["http://127.0.0.1:1"]


# -- options of URLs ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        "region=eu-central-1&profile=p&awssdk=v2",
        "use_path_style=true&s3ForcePathStyle=1&hostname_immutable=F&disable_https=TRUE&disableSSL=t",
        "rate_limiter_capacity=5&request_checksum_calculation=when_required&response_checksum_validation=When_Supported",
        "accelerate=false&dualstack=0&fips=f&anonymous=False",
        "ssetype=aws:kms&kmskeyid=alias/state",
    ],
)
def test_the_options_of_pulumis_urls_are_known(query: str) -> None:
    """Every option that gocloud.dev reads is read; those that change nothing here are checked all the same."""
    address = parse_s3_url(f"s3://bucket/folder?{query}")
    assert (address.bucket, address.prefix) == ("bucket", "folder/")


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("prefix=a", "there is no option 'prefix'"),
        ("anonymous=true", "anonymous=true is not carried out"),
        ("fips=1", "fips=true is not carried out"),
        ("use_path_style=yes", "use_path_style is true or false, not 'yes'"),
        ("role=admin", "role is an ARN"),
        ("rate_limiter_capacity=-1", "rate_limiter_capacity is a whole number"),
        ("request_checksum_calculation=never", "when_supported or when_required"),
        ("ssetype=rot13", "ssetype is one of AES256, aws:kms, aws:kms:dsse"),
    ],
)
def test_an_option_that_is_not_carried_out_is_refused_by_name(query: str, told: str) -> None:
    """FY512: an option is never ignored."""
    with pytest.raises(BackendUnusableError, match=told):
        parse_s3_url(f"s3://bucket?{query}")


@pytest.mark.parametrize(
    ("url", "told"), [("s3://", "names no bucket"), ("s3:///a", "names no bucket"), ("s3://b/a//c", "malformed")]
)
def test_a_malformed_bucket_url_is_told(url: str, told: str) -> None:
    """FY512 says what is wrong with it."""
    with pytest.raises(BackendUnusableError, match=told):
        parse_s3_url(url)


def test_an_endpoint_without_scheme_gets_one() -> None:
    """As in Pulumi: https, or http with disableSSL."""
    assert aws_choice({"endpoint": "host:1"}).endpoint == "https://host:1"
    assert aws_choice({"endpoint": "host:1", "disableSSL": "true"}).endpoint == "http://host:1"
    with pytest.raises(OptionRefusedError, match="disableSSL"):
        aws_choice({"endpoint": "host:1", "disableSSL": "no"})


@pytest.mark.parametrize(
    ("url", "key", "context"),
    [
        (
            "awskms:///arn:aws:kms:eu-central-1:111122223333:key/ab-cd",
            "arn:aws:kms:eu-central-1:111122223333:key/ab-cd",
            {},
        ),
        ("awskms://alias/state?region=eu-central-1", "alias/state", {}),
        ("awskms:///alias/state", "alias/state", {}),
        ("awskms://1234abcd-12ab?context_a=b&context_c=d%20e", "1234abcd-12ab", {"a": "b", "c": "d e"}),
    ],
)
def test_a_key_url_names_a_key_and_a_context(url: str, key: str, context: dict[str, str]) -> None:
    """Id, alias and ARN in all forms that Pulumi documents; `context_…` is the encryption context."""
    address = parse_key_url(url)
    assert (address.key, dict(address.context)) == (key, context)


@pytest.mark.parametrize(
    ("url", "told"), [("awskms://", "names no key"), ("awskms:///x?color=red", "there is no option 'color'")]
)
def test_a_malformed_key_url_is_told(url: str, told: str) -> None:
    """FY511 says what is wrong with it."""
    with pytest.raises(SecretsProviderUnsupportedError, match=told):
        parse_key_url(url)
