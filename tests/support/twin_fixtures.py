"""A running twin for tests, and boto3 against it.

One twin serves a whole session: tests keep apart by making accounts of their own (`new_account`, 5 ms), never by names
in the management account alone. Import the fixtures into a conftest.py to use them.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from rehearsal.aws.sessions import without_account_in_host
from rehearsal.twin.client import change_settings
from rehearsal.twin.process import TwinOptions, start_twin
from rehearsal.twin.run_file import RUN_FILE_VARIABLE, TwinRun

MANAGEMENT = "111122223333"
EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
_ONE_TRY = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=30)


@dataclass(frozen=True, slots=True)
class Keys:
    """Credentials as clients take them."""

    access_key_id: str
    secret_access_key: str
    session_token: str = ""


@dataclass(frozen=True, slots=True)
class RunningTwin:
    """A twin and the run file that names it."""

    run: TwinRun
    run_file: Path

    def environment(self, keys: Keys) -> dict[str, str]:
        """Return the variables that lead AWS's SDKs to the twin as the holder of `keys`."""
        token = {"AWS_SESSION_TOKEN": keys.session_token} if keys.session_token else {}
        return {
            RUN_FILE_VARIABLE: str(self.run_file),
            "AWS_ENDPOINT_URL": self.run.endpoint,
            "AWS_REGION": self.run.region,
            "AWS_DEFAULT_REGION": self.run.region,
            "AWS_ACCESS_KEY_ID": keys.access_key_id,
            "AWS_SECRET_ACCESS_KEY": keys.secret_access_key,
            **token,
        }


class TwinAws:
    """boto3 clients of a twin; a client is made once for each service, caller, region and port."""

    def __init__(self, run: TwinRun) -> None:
        self.run = run
        self.administrator = Keys(run.administrator.access_key_id, run.administrator.secret_access_key)
        self._session = boto3.Session(region_name=run.region)
        self._clients: dict[tuple[str, Keys, str, bool], Any] = {}

    def client(self, service: str, keys: Keys | None = None, *, region: str = "", insecure: bool = False) -> Any:
        """Return a client that tries once; as the administrator unless told otherwise."""
        wanted = (service, keys or self.administrator, region or self.run.region, insecure)
        if wanted not in self._clients:
            self._clients[wanted] = self._session.client(
                service,
                aws_access_key_id=wanted[1].access_key_id,
                aws_secret_access_key=wanted[1].secret_access_key,
                aws_session_token=wanted[1].session_token or None,
                region_name=wanted[2],
                endpoint_url=self.run.insecure_endpoint if insecure else self.run.endpoint,
                config=_ONE_TRY,
            )
            self._clients[wanted].meta.events.register("before-call.s3-control", without_account_in_host)
        return self._clients[wanted]

    def assume(self, role_arn: str, keys: Keys | None = None, **more: object) -> Keys:
        """Assume a role and return the session's credentials."""
        answer = self.client("sts", keys).assume_role(RoleArn=role_arn, **{"RoleSessionName": "test", **more})
        return keys_of(answer["Credentials"])

    def into(self, account_id: str, role: str = "OrganizationAccountAccessRole") -> Keys:
        """Return credentials of a role of an account, assumed by the administrator."""
        return self.assume(f"arn:aws:iam::{account_id}:role/{role}")


def keys_of(credentials: dict[str, Any]) -> Keys:
    """Return the credentials of an STS answer."""
    return Keys(credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"])


def document(*statements: dict[str, Any]) -> str:
    """Return a policy document of these statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def trusting(*principals: str, **more: object) -> str:
    """Return a trust policy for AWS principals; `more` are further elements of its statement."""
    return document({"Effect": "Allow", "Principal": {"AWS": list(principals)}, "Action": "sts:AssumeRole", **more})


@dataclass(slots=True)
class Refused:
    """What a refusal said; filled in when the block has ended."""

    code: str = ""
    message: str = ""
    reason: str = ""
    """What some errors carry beside their words: ConstraintViolationException and its like."""
    status: int = 0


@contextmanager
def refused(*codes: str) -> Iterator[Refused]:
    """Expect the block to be refused with one of these error codes."""
    found = Refused()
    with pytest.raises(ClientError) as caught:
        yield found
    error = caught.value.response["Error"]
    found.code, found.message = str(error.get("Code", "")), str(error.get("Message", ""))
    found.reason = str(caught.value.response.get("Reason") or caught.value.response.get("reason") or "")
    found.status = int(caught.value.response["ResponseMetadata"]["HTTPStatusCode"])
    assert found.code in codes, f"{found.code}: {found.message}"


@pytest.fixture(scope="session")
def running_twin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTwin]:
    """Start a twin for the whole session."""
    run_file = tmp_path_factory.mktemp("twin") / "twin.json"
    options = TwinOptions(management_account_id=MANAGEMENT, run_file=run_file, warm_up=False)
    with start_twin(options) as twin:
        yield RunningTwin(twin.run, run_file)


@pytest.fixture(scope="session")
def twin(running_twin: RunningTwin) -> TwinRun:
    """Return the session's twin."""
    return running_twin.run


@pytest.fixture(scope="session")
def aws(twin: TwinRun) -> TwinAws:
    """Return boto3 against the session's twin."""
    return TwinAws(twin)


@pytest.fixture(scope="session")
def organization(aws: TwinAws) -> str:
    """Make the management account's organisation, and return its id."""
    answer = aws.client("organizations").create_organization(FeatureSet="ALL")
    return str(answer["Organization"]["Id"])


@pytest.fixture(scope="session")
def numbers() -> Iterator[int]:
    """Count, so that names differ between tests."""
    return itertools.count(1)


@pytest.fixture
def new_account(aws: TwinAws, organization: str, numbers: Iterator[int]) -> Callable[[], str]:
    """Return a maker of member accounts; it returns their ids."""
    assert organization

    def make() -> str:
        number = next(numbers)
        answer = aws.client("organizations").create_account(
            Email=f"account-{number}@example.com", AccountName=f"account-{number}"
        )
        return str(answer["CreateAccountStatus"]["AccountId"])

    return make


@pytest.fixture
def account(new_account: Callable[[], str]) -> str:
    """Return the id of a member account of this test's own."""
    return new_account()


@pytest.fixture
def gate_off(twin: TwinRun) -> Iterator[Callable[[], object]]:
    """Return what opens the gate until the test ends."""
    yield lambda: change_settings(twin, gate=False)
    change_settings(twin, gate=True)


@pytest.fixture
def twin_session(aws: TwinAws) -> Callable[..., Keys]:
    """Return a maker of credentials: `twin_session(account_id, role)`, by default OrganizationAccountAccessRole."""
    return aws.into


@pytest.fixture
def new_user(aws: TwinAws, numbers: Iterator[int]) -> Callable[..., tuple[str, Keys]]:
    """Return a maker of IAM users: `new_user(policy_document, keys)` gives name and credentials.

    The user is made in the account of `keys`, the management account by default, with the document as inline policy.
    """

    def make(policy: str = "", keys: Keys | None = None) -> tuple[str, Keys]:
        iam = aws.client("iam", keys)
        name = f"user-{next(numbers)}"
        iam.create_user(UserName=name)
        if policy:
            iam.put_user_policy(UserName=name, PolicyName="inline", PolicyDocument=policy)
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return name, Keys(key["AccessKeyId"], key["SecretAccessKey"])

    return make


@pytest.fixture
def new_role(aws: TwinAws, numbers: Iterator[int]) -> Callable[..., str]:
    """Return a maker of roles: `new_role(account_id, trust, policy)` gives the ARN."""

    def make(account_id: str, trust: str, policy: str = "", **more: object) -> str:
        iam = aws.client("iam", None if account_id == MANAGEMENT else aws.into(account_id))
        name = f"role-{next(numbers)}"
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust, **more)["Role"]
        if policy:
            iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=policy)
        return str(role["Arn"])

    return make
