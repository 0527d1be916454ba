"""Whom the provider acts as, and where it refuses to act at all."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from rehearsal.aws.plugin import AwsProvider
from rehearsal.twin.run_file import RUN_FILE_VARIABLE
from tests.rehearsed.aws_provider.world import World
from tests.support.twin_fixtures import EVERYTHING, MANAGEMENT, RunningTwin, TwinAws, trusting
from tests.unit.aws_provider.driving import AbortedError, Driver

CALLER = "aws:index/getCallerIdentity:getCallerIdentity"


@dataclass(frozen=True, slots=True)
class Entry:
    """How to configure providers for the twin: the administrator's environment, changed as a test needs it."""

    env: dict[str, str]

    def configure(self, env: dict[str, str] | None = None, **settings: str) -> Driver:
        """Configure a provider; in `env` an empty text takes a variable away."""
        changed = {name: value for name, value in {**self.env, **(env or {})}.items() if value}
        return Driver(AwsProvider(changed), **{"region": "eu-west-1", **settings}).configure()

    def caller(self, env: dict[str, str] | None = None, **settings: str) -> str:
        """Return the ARN of whom such a provider acts as."""
        return str(self.configure(env, **settings).invoke(CALLER)["arn"])


@pytest.fixture
def entry(running_twin: RunningTwin, aws: TwinAws) -> Entry:
    """Return the way in as the administrator."""
    return Entry(running_twin.environment(aws.administrator))


@pytest.fixture
def profiles(tmp_path: Path, aws: TwinAws) -> dict[str, str]:
    """Return an environment without keys, whose profile files have the administrator as `admin` and as a source."""
    keys = aws.administrator
    (tmp_path / "credentials").write_text(
        f"[admin]\naws_access_key_id = {keys.access_key_id}\naws_secret_access_key = {keys.secret_access_key}\n"
    )
    (tmp_path / "config").write_text(
        "[profile admin]\nregion = eu-central-1\n"
        f"[profile hop]\nrole_arn = arn:aws:iam::{MANAGEMENT}:role/hop\nsource_profile = admin\n"
        "role_session_name = hop\n"
        "[profile sso]\nsso_session = corp\n"
        "[profile loop]\nrole_arn = arn:x\nsource_profile = pool\n"
        "[profile pool]\nrole_arn = arn:x\nsource_profile = loop\n"
    )
    files = {"AWS_CONFIG_FILE": str(tmp_path / "config"), "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials")}
    return {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", **files}


def roles(*arns: str) -> str:
    """Return the setting that assumes these roles one from the other."""
    return json.dumps([{"roleArn": arn, "sessionName": f"hop{number}"} for number, arn in enumerate(arns)])


def test_keys_of_the_environment_are_used(entry: Entry) -> None:
    """Without further settings the provider acts with the keys of the operation's environment."""
    assert entry.caller() == f"arn:aws:iam::{MANAGEMENT}:user/administrator"


def test_roles_are_assumed_in_order(entry: Entry, world: World, new_role: Callable[..., str]) -> None:
    """Each role of the list is assumed with the credentials of the one before."""
    bridge = new_role(MANAGEMENT, trusting(f"arn:aws:iam::{MANAGEMENT}:root"), json.dumps(EVERYTHING))
    member = f"arn:aws:iam::{world.account_id}:role/OrganizationAccountAccessRole"
    name = "assumed-role/OrganizationAccountAccessRole/hop1"
    assert entry.caller(assumeRoles=roles(bridge, member)) == f"arn:aws:sts::{world.account_id}:{name}"


def test_an_external_id_reaches_the_role(entry: Entry, new_role: Callable[..., str]) -> None:
    """A role that asks for an external id is entered with the right one only."""
    condition = {"StringEquals": {"sts:ExternalId": "let-me-in"}}
    arn = new_role(MANAGEMENT, trusting(f"arn:aws:iam::{MANAGEMENT}:root", Condition=condition))
    right = json.dumps([{"roleArn": arn, "externalId": "let-me-in", "sessionName": "in"}])
    assert entry.caller(assumeRoles=right).endswith("/in")
    with pytest.raises(AbortedError, match="FY659"):
        entry.configure(assumeRoles=roles(arn))


def test_a_role_that_may_not_be_assumed_is_named(entry: Entry, new_role: Callable[..., str]) -> None:
    """A refused AssumeRole stops the provider with the role and AWS's words, before any resource."""
    arn = new_role(MANAGEMENT, trusting("arn:aws:iam::999999999999:root"))
    words = rf"FY659: IAM Role cannot be assumed \[{arn}\](.|\n)*AssumeRole, AccessDenied: .*administrator"
    with pytest.raises(AbortedError, match=words):
        entry.configure(assumeRoles=roles(arn))


def test_the_wrong_account_is_refused(entry: Entry) -> None:
    """Credentials of an account that is not allowed stop the provider in the real provider's words."""
    with pytest.raises(AbortedError, match=f"FY658: AWS account ID not allowed: {MANAGEMENT}"):
        entry.configure(allowedAccountIds='["123456789012"]')


def test_unknown_keys_are_refused(entry: Entry) -> None:
    """Keys that the twin does not know are refused in AWS's words."""
    with pytest.raises(AbortedError, match="GetCallerIdentity, InvalidClientTokenId"):
        entry.configure({"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE"})


def test_a_profile_is_read_from_the_files_of_the_environment(entry: Entry, profiles: dict[str, str]) -> None:
    """AWS_PROFILE selects keys from the files the environment names, and the region from the config file."""
    hand = entry.configure({**profiles, "AWS_PROFILE": "admin", "AWS_REGION": "", "AWS_DEFAULT_REGION": ""}, region="")
    assert hand.invoke(CALLER)["arn"].endswith("user/administrator")
    assert hand.invoke("aws:index/getRegion:getRegion")["region"] == "eu-central-1"


def test_a_profile_may_assume_a_role(entry: Entry, profiles: dict[str, str], aws: TwinAws) -> None:
    """A profile with role_arn and source_profile acts as that role."""
    trust = trusting(f"arn:aws:iam::{MANAGEMENT}:root")
    aws.client("iam").create_role(RoleName="hop", AssumeRolePolicyDocument=trust)
    expected = f"arn:aws:sts::{MANAGEMENT}:assumed-role/hop/hop"
    assert entry.caller({**profiles, "AWS_PROFILE": "hop"}) == expected


def test_keys_of_the_environment_go_before_its_profile(entry: Entry, profiles: dict[str, str]) -> None:
    """As in AWS's SDKs, keys in the environment win over AWS_PROFILE, and a profile in the settings over both."""
    files = {name: value for name, value in profiles.items() if value}
    nobody = {**files, "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_PROFILE": "admin"}
    with pytest.raises(AbortedError, match="InvalidClientTokenId"):
        entry.configure(nobody)
    assert entry.caller(nobody, profile="admin").endswith("user/administrator")


def test_keys_in_the_settings_go_before_all(entry: Entry, aws: TwinAws) -> None:
    """Keys given to the provider itself are used whatever the environment says."""
    keys = {"accessKey": aws.administrator.access_key_id, "secretKey": aws.administrator.secret_access_key}
    assert entry.caller({"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE"}, **keys).endswith("user/administrator")


@pytest.mark.parametrize(
    ("profile", "words"),
    [
        ("nobody", r"FY656: no AWS credentials .*\[profile nobody\]"),
        ("sso", r"FY654: .*sso_session of a profile \[profile sso\]"),
        ("loop", "FY654: profiles name each other"),
    ],
)
def test_a_profile_that_does_not_lead_to_keys_is_named(
    entry: Entry, profiles: dict[str, str], profile: str, words: str
) -> None:
    """A profile that is missing, circular, or uses what is not carried out, is refused by name."""
    with pytest.raises(AbortedError, match=words):
        entry.configure({**profiles, "AWS_PROFILE": profile})


def test_a_provider_without_a_region_is_refused(entry: Entry) -> None:
    """Without a region in settings, environment and profile nothing can be done."""
    with pytest.raises(AbortedError, match="FY657"):
        entry.configure({"AWS_REGION": "", "AWS_DEFAULT_REGION": ""}, region="")


def test_the_processes_own_environment_is_not_read(entry: Entry, monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials, profiles, proxies and endpoints of the process itself make no difference."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "x",
        "AWS_SESSION_TOKEN": "x",
        "AWS_PROFILE": "nobody",
        "AWS_CONFIG_FILE": "/nonexistent",
        "AWS_ENDPOINT_URL": "https://sts.amazonaws.com",
        "AWS_ENDPOINT_URL_STS": "https://sts.amazonaws.com",
        "AWS_REGION": "nowhere-1",
        "AWS_USE_FIPS_ENDPOINT": "true",
        "HTTP_PROXY": "http://127.0.0.1:9",
        "http_proxy": "http://127.0.0.1:9",
    }.items():
        monkeypatch.setenv(name, value)
    # A region of its own makes it another identity, so that no account kept from another test answers.
    assert entry.caller(region="sa-east-1").endswith("user/administrator")


@pytest.mark.parametrize(
    ("env", "words"),
    [
        ({RUN_FILE_VARIABLE: ""}, f"{RUN_FILE_VARIABLE} is not set"),
        ({"AWS_ENDPOINT_URL": ""}, "AWS_ENDPOINT_URL is not set"),
        ({"AWS_ENDPOINT_URL": "https://iam.amazonaws.com"}, "the run file .* names http://127.0.0.1"),
        ({"AWS_ENDPOINT_URL_S3": "https://s3.amazonaws.com"}, "AWS_ENDPOINT_URL_S3 leads that service elsewhere"),
    ],
)
def test_anything_but_the_twin_is_refused(entry: Entry, env: dict[str, str], words: str) -> None:
    """Without proof that the endpoint is our twin the provider refuses, and sends nothing."""
    with pytest.raises(AbortedError, match=rf"FY655(.|\n)*{words}"):
        entry.configure(env)


def test_a_twin_that_has_ended_is_refused(entry: Entry, running_twin: RunningTwin, tmp_path: Path) -> None:
    """A run file whose endpoint does not answer proves nothing."""
    stale = json.loads(running_twin.run_file.read_text()) | {"endpoint": "http://127.0.0.1:9"}
    (tmp_path / "twin.json").write_text(json.dumps(stale))
    with pytest.raises(AbortedError, match=r"FY655(.|\n)*does not answer"):
        entry.configure({RUN_FILE_VARIABLE: str(tmp_path / "twin.json"), "AWS_ENDPOINT_URL": "http://127.0.0.1:9"})


def test_endpoints_in_the_settings_must_be_the_twins(entry: Entry, running_twin: RunningTwin) -> None:
    """Endpoints given to the provider are accepted only if they lead to the twin too."""
    entry.configure(endpoints=json.dumps([{"iam": running_twin.run.endpoint}]))
    with pytest.raises(AbortedError, match=r"FY655(.|\n)*https://iam.amazonaws.com"):
        entry.configure(endpoints=json.dumps([{"iam": "https://iam.amazonaws.com"}]))


def test_an_identity_is_assumed_once_per_process(entry: Entry, aws: TwinAws, new_role: Callable[..., str]) -> None:
    """A second provider with the same credentials, roles and region enters by what the first one has made."""
    arn = new_role(MANAGEMENT, trusting(f"arn:aws:iam::{MANAGEMENT}:root"))
    entry.configure(assumeRoles=roles(arn))
    aws.client("iam").delete_role(RoleName=arn.rsplit("/", 1)[-1])
    entry.configure(assumeRoles=roles(arn))
    with pytest.raises(AbortedError, match="FY659"):
        entry.configure(assumeRoles=roles(arn), region="us-east-1")
