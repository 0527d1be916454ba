"""An organisation of many accounts on the twin: its memory, and what a call costs there and on a twin with one account.

`make bench-large` fills 1,000 accounts, `make bench` fewer.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from orchestrator.composition import TwinRun

SMALL, LARGE = 100, 1000
"""Accounts."""

CALLS = 200
"""Calls of each kind to each twin, in turns."""

_UNITS = 20
_REGION = "eu-west-1"
_TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
_POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
_GUARD = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Deny", "Action": "organizations:LeaveOrganization", "Resource": "*"}],
}
Work = Callable[[], object]


def show_twin_large(accounts: int) -> None:
    """Fill so many accounts with twenty resources each and print how the twin bears it."""
    from bench.figures import megabytes, show  # noqa: PLC0415
    from bench.twin import new_folder, new_twin  # noqa: PLC0415

    with new_folder() as folder, new_twin(folder / "one.json") as one, new_twin(folder / "many.json") as many:
        twin = psutil.Process(many.pid)
        small, large = Company(one), Company(many)
        before = twin.memory_info().rss
        small.grow(1)
        large.grow(1)
        loaded = twin.memory_info().rss
        started = time.perf_counter()
        large.grow(accounts - 1)
        taken = time.perf_counter() - started
        after = twin.memory_info().rss
        late = large.calls()
        rows = [_row(name, early, late[name]) for name, early in small.calls().items()]
    show(
        f"11. {accounts:,} accounts with 20 resources each, filled in {taken:.0f} s one at a time; then {CALLS} calls "
        "of each kind, in turns",
        ["call", "twin of one account", f"of {accounts:,}", "ratio"],
        rows,
        f"Memory: {megabytes(before)} empty, {megabytes(loaded)} with one account and every service loaded, "
        f"{megabytes(after)} full.",
        "Aims: under 400 MB with 1,000 accounts; a call takes at most 1.2 times one to a twin of one account.",
    )


def _row(name: str, early: Work, late: Work) -> list[str]:
    taken: tuple[list[float], list[float]] = ([], [])
    for turn in range(CALLS + 10):
        for work, times in zip((early, late), taken, strict=True):
            started = time.perf_counter()
            work()
            if turn >= 10:  # the first ones warm up
                times.append(time.perf_counter() - started)
    small, large = (statistics.median(times) for times in taken)
    return [name, f"{small * 1000:.2f} ms", f"{large * 1000:.2f} ms", f"{large / small:.2f} x"]


class Company:
    """An organisation on a twin: SCPs over units, accounts in them."""

    def __init__(self, run: TwinRun) -> None:
        from tests.support.changing_caller import ChangingCaller  # noqa: PLC0415 - the path is set by then

        self._management, self._member = (ChangingCaller(run.endpoint, _REGION) for _ in range(2))
        self._management.become(run.administrator.access_key_id, run.administrator.secret_access_key)
        self._accounts: list[str] = []
        organizations = self._management["organizations"]
        organizations.create_organization(FeatureSet="ALL")
        self._root = organizations.list_roots()["Roots"][0]["Id"]
        organizations.enable_policy_type(RootId=self._root, PolicyType="SERVICE_CONTROL_POLICY")
        guard = organizations.create_policy(
            Name="guard", Description="", Type="SERVICE_CONTROL_POLICY", Content=json.dumps(_GUARD)
        )
        self._units = []
        for number in range(_UNITS):
            made = organizations.create_organizational_unit(ParentId=self._root, Name=f"unit-{number}")
            self._units.append(made["OrganizationalUnit"]["Id"])
            organizations.attach_policy(PolicyId=guard["Policy"]["PolicySummary"]["Id"], TargetId=self._units[-1])

    def grow(self, accounts: int) -> None:
        """Make accounts with twenty resources each."""
        organizations = self._management["organizations"]
        for _ in range(accounts):
            number = len(self._accounts)
            made = organizations.create_account(Email=f"a-{number}@bench.example", AccountName=f"a-{number}")
            account = made["CreateAccountStatus"]["AccountId"]
            organizations.move_account(
                AccountId=account, SourceParentId=self._root, DestinationParentId=self._units[number % _UNITS]
            )
            self._accounts.append(account)
            self._enter()
            self._furnish()

    def calls(self) -> Mapping[str, Work]:
        """Return calls in and about the last account, by their names."""
        management, member, account = self._management, self._member, self._accounts[-1]
        return {
            "sts:AssumeRole": self._enter,
            "iam:GetRole": lambda: member["iam"].get_role(RoleName="r-5"),
            "iam:UpdateRole": lambda: member["iam"].update_role(RoleName="r-5", Description="bench"),
            "s3:PutObject": lambda: member["s3"].put_object(Bucket=f"b-{account}-0", Key="state", Body=b"{}"),
            "s3:HeadBucket": lambda: member["s3"].head_bucket(Bucket=f"b-{account}-0"),
            "kms:ListKeys": member["kms"].list_keys,
            "ssm:GetParameter": lambda: member["ssm"].get_parameter(Name="/p/3"),
            "organizations:DescribeAccount": lambda: management["organizations"].describe_account(AccountId=account),
            "organizations:ListParents": lambda: management["organizations"].list_parents(ChildId=account),
            "organizations:ListPoliciesForTarget": lambda: management["organizations"].list_policies_for_target(
                TargetId=account, Filter="SERVICE_CONTROL_POLICY"
            ),
        }

    def _enter(self) -> None:
        arn = f"arn:aws:iam::{self._accounts[-1]}:role/OrganizationAccountAccessRole"
        found = self._management["sts"].assume_role(RoleArn=arn, RoleSessionName="bench")["Credentials"]
        self._member.become(found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"])

    def _furnish(self) -> None:
        member, account = self._member, self._accounts[-1]
        for number in range(6):
            member["iam"].create_role(RoleName=f"r-{number}", AssumeRolePolicyDocument=json.dumps(_TRUST))
        for number in range(4):
            member["iam"].create_policy(PolicyName=f"p-{number}", PolicyDocument=json.dumps(_POLICY))
            member["ssm"].put_parameter(Name=f"/p/{number}", Value="x", Type="String")
            place = {"LocationConstraint": _REGION}
            member["s3"].create_bucket(Bucket=f"b-{account}-{number}", CreateBucketConfiguration=place)
        for _ in range(2):
            member["kms"].create_key()


def main() -> None:
    """Print the figures of a large organisation."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before", flush=True)
    show_twin_large(int(sys.argv[1]) if len(sys.argv) > 1 else LARGE)
    print(f"load {os.getloadavg()[0]:.1f} after")


if __name__ == "__main__":
    main()
