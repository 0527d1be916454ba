"""The provider's configuration: what `aws.Provider(...)` was given, parsed and verified.

The SDK sends everything but text as JSON text. Source: pulumi_aws 7.51.1, `provider.py` and `_inputs.py`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from rehearsal.aws.errors import BadProviderSetting, UnknownProviderSetting
from rehearsal.aws.kinds import Problem
from rehearsal.aws.suggestions import nearest
from rehearsal.aws.tags import TagRules
from rehearsal.aws.wire import UNKNOWN, Value

T = TypeVar("T")

HONOURED = (
    "accessKey",
    "allowedAccountIds",
    "assumeRoles",
    "defaultTags",
    "endpoints",
    "forbiddenAccountIds",
    "ignoreTags",
    "profile",
    "region",
    "secretKey",
    "sharedConfigFiles",
    "sharedCredentialsFiles",
    "skipRequestingAccountId",
    "token",
)
WITHOUT_EFFECT = (
    "customCaBundle",
    "ec2MetadataServiceEndpoint",
    "ec2MetadataServiceEndpointMode",
    "httpProxy",
    "httpsProxy",
    "insecure",
    "maxRetries",
    "noProxy",
    "retryMode",
    "s3UsEast1RegionalEndpoint",
    "s3UsePathStyle",
    "skipCredentialsValidation",
    "skipMetadataApiCheck",
    "skipRegionValidation",
    "stsRegion",
    "tokenBucketRateLimiterCapacity",
    "useDualstackEndpoint",
    "useFipsEndpoint",
    "userAgents",
)
"""Settings about the way to AWS. The way to the twin is fixed, so these are accepted and change nothing."""
REFUSED = ("assumeRoleWithWebIdentity", "tagPolicyCompliance")
_OF_PULUMI = ("version", "pluginDownloadURL", "__internal")
_UNITS = {"h": 3600, "m": 60, "s": 1}
_ROLE_KEYS = {
    "roleArn": "RoleArn",
    "sessionName": "RoleSessionName",
    "externalId": "ExternalId",
    "policy": "Policy",
    "sourceIdentity": "SourceIdentity",
    "transitiveTagKeys": "TransitiveTagKeys",
}
_OTHER_ROLE_KEYS = ("duration", "policyArns", "tags")


@dataclass(frozen=True, slots=True)
class RoleToAssume:
    """One link of a role chain: the parameters of STS AssumeRole."""

    parameters: Mapping[str, Any]

    @property
    def arn(self) -> str:
        """The role."""
        return str(self.parameters["RoleArn"])


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """A provider's configuration; empty text means not given."""

    region: str = ""
    profile: str = ""
    access_key: str = ""
    secret_key: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    config_files: tuple[str, ...] = ()
    credentials_files: tuple[str, ...] = ()
    roles: tuple[RoleToAssume, ...] = ()
    allowed_account_ids: tuple[str, ...] = ()
    forbidden_account_ids: tuple[str, ...] = ()
    skip_requesting_account_id: bool = False
    tag_rules: TagRules = field(default_factory=TagRules)
    endpoints: tuple[str, ...] = ()


def parse_settings(values: Mapping[str, Value]) -> ProviderSettings:
    """Return the settings; None and unknown ones count as not given.

    Raises: UnknownProviderSetting, BadProviderSetting.
    """
    given = {name: value for name, value in values.items() if value not in (None, "") and value is not UNKNOWN}
    for name in given.keys() - {*HONOURED, *WITHOUT_EFFECT, *_OF_PULUMI}:
        raise _unknown(name, given[name])

    def read(name: str, parse: Callable[[Any], T], default: T) -> T:
        if name not in given:
            return default
        try:
            return parse(given[name])
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise BadProviderSetting("the provider's setting can't be read", subject=name, why=str(error)) from error

    return ProviderSettings(
        region=read("region", str, ""),
        profile=read("profile", str, ""),
        access_key=read("accessKey", str, ""),
        secret_key=read("secretKey", str, ""),
        token=read("token", str, ""),
        config_files=read("sharedConfigFiles", _texts, ()),
        credentials_files=read("sharedCredentialsFiles", _texts, ()),
        roles=read("assumeRoles", _roles, ()),
        allowed_account_ids=read("allowedAccountIds", _texts, ()),
        forbidden_account_ids=read("forbiddenAccountIds", _texts, ()),
        skip_requesting_account_id=read("skipRequestingAccountId", _flag, default=False),
        tag_rules=_tag_rules(read("defaultTags", _object, {}), read("ignoreTags", _object, {})),
        endpoints=read("endpoints", _endpoints, ()),
    )


def setting_problems(values: Mapping[str, Value]) -> Iterator[Problem]:
    """Yield what is wrong with a provider's configuration."""
    for name, value in sorted(values.items()):
        try:
            parse_settings({name: value})
        except (UnknownProviderSetting, BadProviderSetting) as error:
            yield Problem(name, str(error))


def seconds(duration: str) -> int:
    """Return a Go duration such as `1h`, `90m` or `1h30m` in seconds; a bare number counts as seconds.

    Raises: ValueError.
    """
    if duration.isdigit():
        return int(duration)
    parts = re.findall(r"(\d+)([hms])", duration)
    if not parts or "".join(number + unit for number, unit in parts) != duration:
        raise ValueError(f'"{duration}" is no duration such as 1h, 90m or 3600s')
    return sum(int(number) * _UNITS[unit] for number, unit in parts)


def _unknown(name: str, value: Value) -> UnknownProviderSetting:
    if name == "assumeRole":
        why = "since version 7 it is assumeRoles, a list"
    elif name in REFUSED:
        why = f"the rehearsal provider does not carry out {name}"
    else:
        found = nearest(name, (*HONOURED, *WITHOUT_EFFECT))
        why = f'the nearest it knows is "{found}"' if found else f"it knows nothing alike ({type(value).__name__})"
    hint = "docs/provider-types.md lists the settings"
    return UnknownProviderSetting("the provider has no such setting in rehearsals", subject=name, why=why, hint=hint)


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _texts(value: Any) -> tuple[str, ...]:
    found = _json(value)
    if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
        raise TypeError("it is no list of texts")
    return tuple(found)


def _flag(value: Any) -> bool:
    found = _json(value)
    if not isinstance(found, bool):
        raise TypeError("it is neither true nor false")
    return found


def _object(value: Any) -> dict[str, Any]:
    found = _json(value)
    if not isinstance(found, dict):
        raise TypeError("it is no object")
    return found


def _roles(value: Any) -> tuple[RoleToAssume, ...]:
    found = _json(value)
    if not isinstance(found, list):
        raise TypeError("it is no list of roles")
    return tuple(_role(item) for item in found)


def _role(given: Mapping[str, Any]) -> RoleToAssume:
    role = {name: value for name, value in given.items() if value not in (None, "", [], {})}
    for name in role.keys() - _ROLE_KEYS.keys() - {*_OTHER_ROLE_KEYS}:
        raise ValueError(f'a role has no "{name}", known are {", ".join((*_ROLE_KEYS, *_OTHER_ROLE_KEYS))}')
    if "roleArn" not in role:
        raise ValueError("a role has no roleArn")
    parameters = {aws: role[name] for name, aws in _ROLE_KEYS.items() if name in role}
    if "duration" in role:
        parameters["DurationSeconds"] = seconds(role["duration"])
    if "policyArns" in role:
        parameters["PolicyArns"] = [{"arn": arn} for arn in role["policyArns"]]
    if "tags" in role:
        parameters["Tags"] = [{"Key": key, "Value": text} for key, text in sorted(role["tags"].items())]
    return RoleToAssume(parameters)


def _tag_rules(defaults: Mapping[str, Any], ignored: Mapping[str, Any]) -> TagRules:
    keys, prefixes = ignored.get("keys") or (), ignored.get("keyPrefixes") or ()
    return TagRules(dict(defaults.get("tags") or {}), tuple(keys), tuple(prefixes))


def _endpoints(value: Any) -> tuple[str, ...]:
    found = _json(value)
    services = found if isinstance(found, list) else [found]
    return tuple(sorted({str(url).rstrip("/") for service in services for url in service.values() if url}))
