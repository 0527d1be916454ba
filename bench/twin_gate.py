"""What the gate costs: calls through it and calls to bare moto, in turns, by kind of call."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import boto3
import psutil

from bench.bare_moto import bare_moto
from bench.figures import show
from bench.twin import MANAGEMENT_ACCOUNT, new_folder, new_twin

CALLS = 300
"""Calls of each kind to each side, in turns."""

WARMING = 20

_REGION = "eu-west-1"
_ANY_KEY = "AKIAIOSFODNN7EXAMPLE"
_TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{MANAGEMENT_ACCOUNT}:root"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)
_GUARD = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "Leave", "Effect": "Deny", "Action": "organizations:LeaveOrganization", "Resource": "*"},
            {
                "Sid": "Region",
                "Effect": "Deny",
                "NotAction": ["iam:*", "sts:*", "s3:*", "organizations:*"],
                "Resource": "*",
                "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "us-east-1"]}},
            },
        ],
    }
)
Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Place:
    """One side of the comparison: an endpoint, and whose keys open it."""

    endpoint: str
    key: str
    secret: str
    token: str = ""

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 has no types
        """Return a client of this side."""
        session = boto3.Session(self.key, self.secret, self.token or None, _REGION)
        return session.client(service, endpoint_url=self.endpoint)


@dataclass(frozen=True, slots=True)
class Side:
    """One server and the calls to it."""

    process: psutil.Process
    calls: Mapping[str, Work]


@dataclass(frozen=True, slots=True)
class Cost:
    """What a call takes, in seconds: the median wall clock, and the mean processor time of the server."""

    wall: float
    processor: float


def show_twin_gate() -> None:
    """Print each side's costs, by kind of call."""
    with (
        new_folder() as folder,
        new_twin(folder / "twin.json") as run,
        bare_moto(quick=False) as stock,
        bare_moto(quick=True) as quick,
    ):
        key = run.administrator
        twin = Place(run.endpoint, key.access_key_id, key.secret_access_key)
        places = [(Place(moto.endpoint, _ANY_KEY, "any"), moto.pid) for moto in (stock, quick)] + [(twin, run.pid)]
        sides = [Side(psutil.Process(pid), _calls(place)) for place, pid in places]
        rows = [_row(name, *_costs(name, sides)) for name in sides[0].calls]
    headings = ["call", "bare moto", "twin", "more", "processor: bare moto", "its lookups remembered", "twin"]
    show(
        f"10. The gate against bare moto behind the same server ({CALLS} calls each, in turns, by boto3)",
        headings,
        rows,
        "Aim: under 10 % more than bare moto. The twin's moto remembers its lookups: what is left is the gate.",
        "STS is answered by the gate alone.",
    )


def _row(name: str, stock: Cost, quick: Cost, twin: Cost) -> list[str]:
    walls = [_milliseconds(stock.wall), _milliseconds(twin.wall), f"{twin.wall / stock.wall * 100 - 100:+.0f} %"]
    return [name, *walls, *(_milliseconds(each.processor) for each in (stock, quick, twin))]


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.2f} ms"


def _costs(name: str, sides: Sequence[Side]) -> list[Cost]:
    """Return what one kind of call costs each side."""
    for side in sides:
        for _ in range(WARMING):
            side.calls[name]()
    before = [_used(side.process) for side in sides]
    taken: list[list[float]] = [[] for _ in sides]
    for _ in range(CALLS):
        for side, times in zip(sides, taken, strict=True):
            started = time.perf_counter()
            side.calls[name]()
            times.append(time.perf_counter() - started)
    used = [_used(side.process) - earlier for side, earlier in zip(sides, before, strict=True)]
    return [Cost(statistics.median(times), seconds / CALLS) for times, seconds in zip(taken, used, strict=True)]


def _used(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _calls(management: Place) -> Mapping[str, Work]:
    """Make an organisation with an SCP over an account, and return calls by a role of that account, by their names."""
    organizations = management.client("organizations")
    organizations.create_organization(FeatureSet="ALL")
    root = organizations.list_roots()["Roots"][0]["Id"]
    organizations.enable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")
    unit = organizations.create_organizational_unit(ParentId=root, Name="plat")["OrganizationalUnit"]["Id"]
    guard = organizations.create_policy(Name="guard", Description="", Type="SERVICE_CONTROL_POLICY", Content=_GUARD)
    organizations.attach_policy(PolicyId=guard["Policy"]["PolicySummary"]["Id"], TargetId=unit)
    answer = organizations.create_account(Email="plat@bench.example", AccountName="plat")
    account = answer["CreateAccountStatus"]["AccountId"]
    organizations.move_account(AccountId=account, SourceParentId=root, DestinationParentId=unit)
    sts = management.client("sts")
    role = {"RoleArn": f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole", "RoleSessionName": "bench"}
    found = sts.assume_role(**role)["Credentials"]
    member = Place(management.endpoint, found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"])
    iam, s3, kms = (member.client(service) for service in ("iam", "s3", "kms"))
    iam.create_role(RoleName="bench", AssumeRolePolicyDocument=_TRUST)
    s3.create_bucket(Bucket="bench", CreateBucketConfiguration={"LocationConstraint": _REGION})
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    vpc, caller = member.client("ec2"), member.client("sts")
    return {
        "sts:GetCallerIdentity": caller.get_caller_identity,
        "sts:AssumeRole": lambda: sts.assume_role(**role),
        "iam:GetRole": lambda: iam.get_role(RoleName="bench"),
        "iam:UpdateAssumeRolePolicy": lambda: iam.update_assume_role_policy(RoleName="bench", PolicyDocument=_TRUST),
        "s3:GetBucketTagging, none": lambda: _missing(s3.get_bucket_tagging, Bucket="bench"),
        "s3:PutObject": lambda: s3.put_object(Bucket="bench", Key="state.json", Body=b"{}"),
        "s3:GetObject": lambda: _read(s3),
        "ec2:DescribeVpcs": vpc.describe_vpcs,
        "kms:DescribeKey": lambda: kms.describe_key(KeyId=key_id),
        "organizations:DescribeAccount": lambda: organizations.describe_account(AccountId=account),
        "organizations:ListRoots": organizations.list_roots,
    }


def _read(s3: Any) -> bytes:  # noqa: ANN401 - boto3 has no types
    found: bytes = s3.get_object(Bucket="bench", Key="state.json")["Body"].read()
    return found


def _missing(call: Callable[..., object], **parameters: str) -> None:
    """Make a call whose answer is that there is no such thing."""
    try:
        call(**parameters)
    except Exception as error:
        if getattr(error, "response", {}).get("ResponseMetadata", {}).get("HTTPStatusCode") != 404:
            raise
