"""Calls the usual services once, idly, so that the first real request does not wait for their modules and models.

It looks at the management account, where these calls make nothing that AWS does not have there from the start. EC2
alone takes half a second; the driver starts its own processes in the meantime.
"""

from __future__ import annotations

import contextlib
import importlib
from dataclasses import dataclass

from werkzeug.test import create_environ

from rehearsal.twin.emulator.emulator import Emulator
from rehearsal.twin.requests.http_request import read_request
from rehearsal.twin.requests.operation import identify
from rehearsal.twin.requests.refusals import Refusal
from rehearsal.twin.requests.signature import Signature

_FORM = "application/x-www-form-urlencoded"
_JSON = "application/x-amz-json-1.1"


@dataclass(frozen=True, slots=True)
class _Look:
    """A request that reads only."""

    service: str
    method: str = "POST"
    body: str = ""
    content_type: str = ""
    target: str = ""


_LOOKS = (
    _Look("iam", body="Action=ListRoles&Version=2010-05-08", content_type=_FORM),
    _Look("s3", method="GET"),
    _Look("kms", body="{}", content_type=_JSON, target="TrentService.ListKeys"),
    _Look("organizations", body="{}", content_type=_JSON, target="AWSOrganizationsV20161128.ListRoots"),
    _Look("logs", body="{}", content_type=_JSON, target="Logs_20140328.DescribeLogGroups"),
    _Look("ec2", body="Action=DescribeVpcs&Version=2016-11-15", content_type=_FORM),
    _Look("ssm", body="{}", content_type=_JSON, target="AmazonSSM.DescribeParameters"),
)


def warm_up(emulator: Emulator, account_id: str) -> None:
    """Make each look once."""
    for look in _LOOKS:
        # Before the call, which holds the lock that every request passes: real ones need not wait for an import.
        importlib.import_module(f"moto.{look.service}")
        scope = f"20260101/us-east-1/{look.service}/aws4_request"
        headers = {"Authorization": f"AWS4-HMAC-SHA256 Credential=AKIA/{scope}, SignedHeaders=host, Signature=0"}
        headers |= {"X-Amz-Target": look.target} if look.target else {}
        environ = create_environ(
            "/", method=look.method, data=look.body, content_type=look.content_type or None, headers=headers
        )
        request = read_request(environ, secure=True)
        operation = identify(request, Signature("AKIA", "us-east-1", look.service, scope, (), "", "", "", None))
        with contextlib.suppress(Refusal):  # the first real request will be told
            emulator.call(request.environ, operation, account_id)
