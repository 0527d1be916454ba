"""Many clients at once: 16 of them on 64 accounts, as two roles of each; nothing is lost or crossed."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError

from rehearsal.twin.client import count_calls
from rehearsal.twin.run_file import TwinRun
from tests.support.changing_caller import ChangingCaller
from tests.support.twin_fixtures import MANAGEMENT, document, trusting

CLIENTS, ACCOUNTS = 16, 64
_TRUST = trusting(f"arn:aws:iam::{MANAGEMENT}:root")
WRITER, READER = "OrganizationAccountAccessRole", "Reader"
_READS = document({"Effect": "Allow", "Action": ["ssm:Get*", "ssm:Describe*"], "Resource": "*"})


class Crowd:
    """Clients in threads of their own, each used by one thread only."""

    def __init__(self, twin: TwinRun) -> None:
        self._twin = twin
        self._own = threading.local()

    def caller(self) -> ChangingCaller:
        """Return this thread's clients, as the administrator."""
        own: ChangingCaller | None = getattr(self._own, "caller", None)
        if own is None:
            own = self._own.caller = ChangingCaller(self._twin.endpoint, self._twin.region)
        own.become(self._twin.administrator.access_key_id, self._twin.administrator.secret_access_key)
        return own

    def into(self, account: str, role: str = WRITER) -> ChangingCaller:
        """Return this thread's clients in a role of an account."""
        caller = self.caller()
        arn = f"arn:aws:iam::{account}:role/{role}"
        keys = caller["sts"].assume_role(RoleArn=arn, RoleSessionName=f"{role}-{account}")["Credentials"]
        caller.become(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
        return caller


@pytest.fixture(scope="module")
def crowd(twin: TwinRun) -> Crowd:
    """Return the clients."""
    return Crowd(twin)


@pytest.fixture(scope="module")
def pool() -> Iterator[ThreadPoolExecutor]:
    """Return as many threads as there are clients."""
    with ThreadPoolExecutor(CLIENTS) as threads:
        yield threads


@pytest.fixture(scope="module")
def accounts(crowd: Crowd, pool: ThreadPoolExecutor, organization: str) -> Mapping[str, str]:
    """Make all accounts at once, furnish all at once, and return their ids by the names that each was given."""
    assert organization

    def make(name: str) -> tuple[str, str]:
        answer = crowd.caller()["organizations"].create_account(Email=f"{name}@example.com", AccountName=name)
        return name, str(answer["CreateAccountStatus"]["AccountId"])

    def furnish(item: tuple[str, str]) -> None:
        name, account = item
        iam = crowd.into(account)["iam"]
        iam.create_role(RoleName=READER, AssumeRolePolicyDocument=_TRUST, Description=name)
        iam.put_role_policy(RoleName=READER, PolicyName="only", PolicyDocument=_READS)

    made = dict(pool.map(make, [f"crowd-{number}" for number in range(ACCOUNTS)]))
    list(pool.map(furnish, made.items()))
    return made


def test_accounts_made_at_once_are_all_there(crowd: Crowd, accounts: Mapping[str, str]) -> None:
    """64 accounts made by 16 clients at once have 64 ids, each under its own name and email."""
    pages = crowd.caller()["organizations"].get_paginator("list_accounts").paginate()
    known = {found["Id"]: (found["Name"], found["Email"]) for page in pages for found in page["Accounts"]}
    assert len(set(accounts.values())) == ACCOUNTS
    assert {name: known[account] for name, account in accounts.items()} == {
        name: (name, f"{name}@example.com") for name in accounts
    }


def test_nothing_is_lost_or_crossed(
    crowd: Crowd, pool: ThreadPoolExecutor, accounts: Mapping[str, str], twin: TwinRun
) -> None:
    """What 16 clients write into 64 accounts at once, as two roles of each, is there and nowhere else.

    Each session acts as itself all the while: the writers' calls pass, the readers' writes are all refused.
    """
    before = count_calls(twin).get("ssm:PutParameter", 0)
    turns = [(name, role) for name in accounts for role in (WRITER, READER)]

    def act(turn: tuple[str, str]) -> str:
        name, role = turn
        account = accounts[name]
        caller = crowd.into(account, role)
        arn = caller["sts"].get_caller_identity()["Arn"]
        assert arn == f"arn:aws:sts::{account}:assumed-role/{role}/{role}-{account}"
        try:
            caller["ssm"].put_parameter(Name=f"/{name}", Value=account, Type="String")
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        caller["s3"].create_bucket(Bucket=f"crowd-{account}")
        caller["s3"].put_object(Bucket=f"crowd-{account}", Key=name, Body=name.encode())
        return "written"

    answers = dict(zip(turns, pool.map(act, turns), strict=True))
    expected = {WRITER: "written", READER: "AccessDeniedException"}
    assert {turn: answer for turn, answer in answers.items() if answer != expected[turn[1]]} == {}
    assert count_calls(twin)["ssm:PutParameter"] - before == len(turns)
    held = pool.map(lambda account: _held(crowd, account), accounts.values())
    assert dict(zip(accounts, held, strict=True)) == {
        name: ([name], {f"/{name}": account}, [f"crowd-{account}"], [name]) for name, account in accounts.items()
    }


def _held(crowd: Crowd, account: str) -> tuple[list[str], dict[str, str], list[str], list[str]]:
    """Return what an account has of what the clients make: whose reader, parameters, buckets, objects."""
    caller = crowd.into(account)
    roles = [role["Description"] for role in caller["iam"].list_roles()["Roles"] if role["RoleName"] == READER]
    parameters = caller["ssm"].get_parameters_by_path(Path="/", Recursive=True)["Parameters"]
    buckets = [bucket["Name"] for bucket in caller["s3"].list_buckets()["Buckets"]]
    objects = [found["Key"] for name in buckets for found in caller["s3"].list_objects_v2(Bucket=name)["Contents"]]
    return roles, {each["Name"]: each["Value"] for each in parameters}, buckets, objects
