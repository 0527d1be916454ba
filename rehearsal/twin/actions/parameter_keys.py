"""Condition keys that say what a parameter of the request says, of services without a file that knows theirs.

Source: Service Authorization Reference, the condition keys of each service named here; which actions a key is for
follows from which operations have the parameter, but where one name means two things.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rehearsal.twin.actions.demand import Asked


@dataclass(frozen=True, slots=True)
class _From:
    """Where a key's values are: a path of the parameters, the operations, what AWS takes where nothing is given."""

    path: str
    operations: frozenset[str] = frozenset()
    """Empty: every operation that has the parameter."""
    otherwise: str = ""


def _of(*operations: str) -> frozenset[str]:
    return frozenset(operations)


KEYS: Mapping[str, Mapping[str, _From]] = {
    "account": {"account:TargetRegion": _From("RegionName", _of("DisableRegion", "EnableRegion"))},
    "cloudformation": {
        "cloudformation:RoleArn": _From("RoleARN"),
        "cloudformation:TemplateUrl": _From("TemplateURL"),
    },
    "ec2": {
        f"ec2:{change}/{name}": _From(f"CreateVolumePermission.{change}.*.{parameter}", _of("ModifySnapshotAttribute"))
        for change in ("Add", "Remove")
        for name, parameter in (("group", "Group"), ("userId", "UserId"))
    },
    "elasticfilesystem": {
        "elasticfilesystem:Encrypted": _From("Encrypted", _of("CreateFileSystem"), otherwise="false")
    },
    "elasticloadbalancing": {
        "elasticloadbalancing:Scheme": _From("Scheme", _of("CreateLoadBalancer"), otherwise="internet-facing")
    },
    "events": {
        "events:detail-type": _From("Entries.*.DetailType", _of("PutEvents")),
        "events:source": _From("Entries.*.Source", _of("PutEvents")),
        "events:TargetArn": _From("Targets.*.Arn", _of("PutTargets")),
    },
    "lambda": {
        "lambda:FunctionUrlAuthType": _From("FunctionUrlAuthType", _of("AddPermission")),
        "lambda:Layer": _From("Layers.*"),
        "lambda:Principal": _From("Principal", _of("AddPermission")),
        "lambda:SecurityGroupIds": _From("VpcConfig.SecurityGroupIds.*"),
        "lambda:SubnetIds": _From("VpcConfig.SubnetIds.*"),
    },
    "ram": {
        "ram:Principal": _From("principals.*"),
        "ram:RequestedAllowsExternalPrincipals": _From("allowExternalPrincipals"),
        "ram:ResourceArn": _From("resourceArns.*"),
    },
    "rds": {
        f"rds:{key}": _From(parameter, _of("CreateDBInstance"), otherwise)
        for key, parameter, otherwise in (
            ("DatabaseClass", "DBInstanceClass", ""),
            ("DatabaseEngine", "Engine", ""),
            ("DatabaseName", "DBName", ""),
            ("MultiAz", "MultiAZ", "false"),
            ("Piops", "Iops", ""),
            ("PubliclyAccessible", "PubliclyAccessible", ""),
            ("StorageEncrypted", "StorageEncrypted", "false"),
            ("StorageSize", "AllocatedStorage", ""),
        )
    },
    "secretsmanager": {
        "secretsmanager:BlockPublicPolicy": _From("BlockPublicPolicy"),
        "secretsmanager:Description": _From("Description"),
        "secretsmanager:ForceDeleteWithoutRecovery": _From("ForceDeleteWithoutRecovery"),
        "secretsmanager:Name": _From("Name", _of("CreateSecret")),
        "secretsmanager:RecoveryWindowInDays": _From("RecoveryWindowInDays"),
        "secretsmanager:VersionStage": _From("VersionStage"),
    },
    "sns": {
        "sns:Endpoint": _From("Endpoint", _of("Subscribe")),
        "sns:Protocol": _From("Protocol", _of("Subscribe")),
    },
    "ssm": {
        "ssm:Overwrite": _From("Overwrite", _of("PutParameter"), otherwise="false"),
        "ssm:Recursive": _From("Recursive", _of("GetParametersByPath"), otherwise="false"),
    },
}
# Another parameter that says the same, and what a new share is when its request does not say.
_ALSO = {
    ("lambda", "CreateFunctionUrlConfig"): {"lambda:FunctionUrlAuthType": _From("AuthType")},
    ("lambda", "UpdateFunctionUrlConfig"): {"lambda:FunctionUrlAuthType": _From("AuthType")},
    ("ram", "CreateResourceShare"): {
        "ram:RequestedAllowsExternalPrincipals": _From("allowExternalPrincipals", otherwise="true")
    },
}


def parameter_keys(asked: Asked) -> dict[str, str | list[str]]:
    """Return the keys of the request's parameters; none for most requests."""
    operation = asked.operation
    keys = {**KEYS.get(operation.service, {}), **_ALSO.get((operation.service, operation.name), {})}
    found: dict[str, str | list[str]] = {}
    for key, place in keys.items():
        if place.operations and operation.name not in place.operations:
            continue
        values = _values(asked, place) or ([place.otherwise] if place.otherwise else [])
        if values:
            found[key] = values if len(values) > 1 else values[0]
    return found


def _values(asked: Asked, place: _From) -> list[str]:
    single = asked.operation.params.get(place.path)
    if isinstance(single, bool | int):
        return [str(single).lower()]
    return [value for value in asked.operation.values(place.path) if value]
