"""Where a provider's credentials come from: its settings, the operation's environment, the profile files. Nothing else.

Neither the process's own environment nor a metadata service is ever asked: a rehearsal acts as whom it was told.
"""

from __future__ import annotations

import configparser
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rehearsal.aws.errors import BadProviderSetting, NoCredentials
from rehearsal.aws.settings import ProviderSettings, RoleToAssume

_UNSUPPORTED = ("credential_process", "credential_source", "mfa_serial", "sso_session", "web_identity_token_file")
_LONGEST_CHAIN = 10


@dataclass(frozen=True, slots=True)
class Keys:
    """One set of AWS credentials; the token is empty for an IAM user's key."""

    access_key: str
    secret_key: str = field(repr=False)
    token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom the provider acts as: keys, then roles assumed one from the other."""

    keys: Keys
    roles: tuple[RoleToAssume, ...]
    region: str
    """Of the settings, the environment or the profile; empty if none names one."""

    @property
    def fingerprint(self) -> str:
        """A text that is equal for the same keys, roles and region, and tells nothing about them."""
        chain = [dict(role.parameters) for role in self.roles]
        parts = [self.keys.access_key, self.keys.secret_key, self.keys.token, chain, self.region]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def identify(settings: ProviderSettings, env: Mapping[str, str]) -> Identity:
    """Return whom a provider with these settings acts as in this environment.

    Order as in AWS's SDKs: keys in the settings, a profile in the settings, keys in the environment, AWS_PROFILE.
    Raises: NoCredentials, BadProviderSetting (a profile that uses what rehearsals do not offer).
    """
    region = settings.region or env.get("AWS_REGION") or env.get("AWS_DEFAULT_REGION") or ""
    name = settings.profile or env.get("AWS_PROFILE") or env.get("AWS_DEFAULT_PROFILE") or "default"
    profiles = _Profiles.read(settings, env)
    region = region or profiles.sections.get(name, {}).get("region", "")
    if settings.access_key:
        return Identity(Keys(settings.access_key, settings.secret_key, settings.token), settings.roles, region)
    if not settings.profile and env.get("AWS_ACCESS_KEY_ID"):
        token = env.get("AWS_SESSION_TOKEN", "")
        keys = Keys(env["AWS_ACCESS_KEY_ID"], env.get("AWS_SECRET_ACCESS_KEY", ""), token)
        return Identity(keys, settings.roles, region)
    keys, roles = profiles.resolve(name)
    return Identity(keys, (*roles, *settings.roles), region)


@dataclass(frozen=True, slots=True)
class _Profiles:
    """The profiles of the config and credentials files, merged; the credentials file wins."""

    sections: Mapping[str, Mapping[str, str]]
    files: tuple[str, ...]

    @classmethod
    def read(cls, settings: ProviderSettings, env: Mapping[str, str]) -> _Profiles:
        home = Path(env.get("HOME", "~")).expanduser() / ".aws"
        configs = settings.config_files or (env.get("AWS_CONFIG_FILE") or str(home / "config"),)
        secrets = settings.credentials_files or (env.get("AWS_SHARED_CREDENTIALS_FILE") or str(home / "credentials"),)
        sections: dict[str, dict[str, str]] = {}
        for path, prefix in (*((p, "profile ") for p in configs), *((p, "") for p in secrets)):
            for title, values in _sections(path).items():
                sections.setdefault(title.removeprefix(prefix).strip(), {}).update(values)
        return cls(sections, (*configs, *secrets))

    def resolve(self, name: str) -> tuple[Keys, tuple[RoleToAssume, ...]]:
        """Return the keys a profile starts from and the roles it assumes, in order."""
        roles: list[RoleToAssume] = []
        for _ in range(_LONGEST_CHAIN):
            profile = self.sections.get(name, {})
            if used := [setting for setting in _UNSUPPORTED if profile.get(setting)]:
                raise BadProviderSetting(
                    f"the rehearsal provider does not carry out {used[0]} of a profile", subject=f"profile {name}"
                )
            source = profile.get("source_profile")
            if profile.get("role_arn") and source:
                roles.insert(0, _role_of(profile))
                if source != name:
                    name = source
                    continue
            if profile.get("aws_access_key_id"):
                token = profile.get("aws_session_token", "")
                keys = Keys(profile["aws_access_key_id"], profile.get("aws_secret_access_key", ""), token)
                return keys, tuple(roles)
            raise self._nothing(name)
        raise BadProviderSetting("profiles name each other as their source", subject=f"profile {name}")

    def _nothing(self, name: str) -> NoCredentials:
        return NoCredentials(
            "no AWS credentials for the provider",
            subject=f"profile {name}",
            why=f"none in {', '.join(self.files)}, and AWS_ACCESS_KEY_ID is not set",
            not_run="everything of this provider",
            hint='eval "$(fleetyard twin env)"',
        )


def _sections(path: str) -> dict[str, dict[str, str]]:
    # AWS's files know no interpolation, and "DEFAULT" is a name like any other (SDKs reference, "Shared config files").
    parser = configparser.RawConfigParser(default_section="", strict=False)
    try:
        parser.read_string(Path(path).expanduser().read_text(encoding="utf-8"), source=path)
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, configparser.Error) as error:
        raise BadProviderSetting("the AWS config file can't be read", subject=path, why=str(error)) from error
    return {title: dict(parser.items(title)) for title in parser.sections()}


def _role_of(profile: Mapping[str, str]) -> RoleToAssume:
    parameters: dict[str, str | int] = {"RoleArn": profile["role_arn"]}
    if profile.get("role_session_name"):
        parameters["RoleSessionName"] = profile["role_session_name"]
    if profile.get("external_id"):
        parameters["ExternalId"] = profile["external_id"]
    if profile.get("duration_seconds"):
        parameters["DurationSeconds"] = int(profile["duration_seconds"])
    return RoleToAssume(parameters)
