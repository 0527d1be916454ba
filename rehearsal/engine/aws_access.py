"""How the engine's own calls reach AWS: where to, as whom. For state on S3 and secrets under KMS, not for providers.

Order as Pulumi's CLI has it (aws-sdk-go-v2): options of the URL, the operation's environment, the profile files.
Every endpoint is proven by the guard before credentials are looked for, as a profile may have to ask STS for them.
A metadata service is never asked. Source: gocloud.dev `aws/aws.go` (V2ConfigFromURLParams).
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from rehearsal.botocore_sessions import new_session
from rehearsal.engine.errors import CredentialsMissingError, EngineError

Guard = Callable[[Mapping[str, str]], None]
"""Is given an environment and raises unless it leads every AWS client to our twin."""

_TRUTH = {"1": True, "t": True, "true": True, "0": False, "f": False, "false": False}
_PAST_THE_TWIN = frozenset({"accelerate", "anonymous", "dualstack", "fips"})
_CHECKSUM_MODE = (re.compile("(?i:when_supported|when_required)"), "when_supported or when_required")
_ANY_TEXT = (re.compile(".*"), "a text")
_FORMS = {
    "region": _ANY_TEXT,
    "profile": _ANY_TEXT,
    "endpoint": _ANY_TEXT,
    "awssdk": _ANY_TEXT,
    "role": (re.compile("arn:.+"), "an ARN (arn:...)"),
    "rate_limiter_capacity": (re.compile("[0-9]+"), "a whole number"),
    "request_checksum_calculation": _CHECKSUM_MODE,
    "response_checksum_validation": _CHECKSUM_MODE,
}
_FLAGS = frozenset({"hostname_immutable", "use_path_style", "s3ForcePathStyle", "disable_https", "disableSSL"})
_LONGEST_WAIT = 30  # seconds for one answer


class OptionRefusedError(ValueError):
    """An option of a URL is not known, or has a value that cannot be carried out. The text says which and why."""


@dataclass(frozen=True, slots=True)
class AwsChoice:
    """What the options of a URL choose; empty where they leave it to the environment."""

    region: str = ""
    profile: str = ""
    endpoint: str = ""
    role: str = ""


@dataclass(frozen=True, slots=True)
class AwsPlace:
    """A proven endpoint, a region, and botocore credentials that renew themselves where they can."""

    endpoint: str
    region: str
    credentials: Any


def url_options(query: str) -> dict[str, str]:
    """Return the options of a URL, the first value of each, as Go reads them."""
    return {name: values[0] for name, values in parse_qs(query, keep_blank_values=True).items()}


def aws_choice(options: Mapping[str, str], *, own: frozenset[str] = frozenset()) -> AwsChoice:
    """Return what options choose, leaving those in `own` to the caller.

    Raises: OptionRefusedError for an unknown option, a bad value, and what would lead past a twin.
    """
    for name, value in options.items():
        if name not in own:
            _check_option(name, value)
    endpoint = options.get("endpoint", "")
    if endpoint and "://" not in endpoint:
        scheme = "http" if truth("disableSSL", options.get("disableSSL", "false")) else "https"
        endpoint = f"{scheme}://{endpoint}"
    return AwsChoice(options.get("region", ""), options.get("profile", ""), endpoint, options.get("role", ""))


def truth(name: str, value: str) -> bool:
    """Return a boolean option as Go's `strconv.ParseBool` reads it; raises OptionRefusedError."""
    if value.lower() not in _TRUTH:
        raise OptionRefusedError(f"{name} is true or false, not {value!r}")
    return _TRUTH[value.lower()]


def _check_option(name: str, value: str) -> None:
    if name in _PAST_THE_TWIN:
        if truth(name, value):
            raise OptionRefusedError(f"{name}=true is not carried out by the embedded engine")
    elif name in _FLAGS:
        truth(name, value)
    elif name not in _FORMS:
        raise OptionRefusedError(f"there is no option {name!r}")
    elif not _FORMS[name][0].fullmatch(value):
        raise OptionRefusedError(f"{name} is {_FORMS[name][1]}, not {value!r}")


class AwsAccess:
    """Finds and proves the places of one command; the credentials of one choice are looked for once."""

    def __init__(self, env: Mapping[str, str], guard: Guard) -> None:
        """Take the operation's whole environment, and what proves an endpoint."""
        self._env = env
        self._guard = guard
        self._proven: set[str] = set()
        self._credentials: dict[tuple[str, str], Any] = {}

    def place(self, service: str, choice: AwsChoice) -> AwsPlace:
        """Return where and as whom to call a service.

        Raises: what the guard raises, before anything is sent; CredentialsMissingError.
        """
        endpoint = self._proven_endpoint(service, choice)
        files = self._files()
        region = self._region(files, choice)
        key = (choice.profile, choice.role)
        if key not in self._credentials:
            self._credentials[key] = self._found(files, choice, region)
        return AwsPlace(endpoint, region, self._credentials[key])

    def _proven_endpoint(self, service: str, choice: AwsChoice) -> str:
        """Return the endpoint of a service as its client would choose it; the guard sees it as the only one."""
        named = self._env.get(f"AWS_ENDPOINT_URL_{service.upper()}") or self._env.get("AWS_ENDPOINT_URL", "")
        endpoint = (choice.endpoint or named).rstrip("/")
        if endpoint not in self._proven:
            rest = {name: value for name, value in self._env.items() if not name.startswith("AWS_ENDPOINT_URL")}
            self._guard({**rest, "AWS_ENDPOINT_URL": endpoint})
            self._proven.add(endpoint)
        return endpoint

    def _files(self) -> Any:
        """Return a session that is there to read the two profile files only."""
        session = new_session()
        home = Path(self._env.get("HOME") or "~").expanduser() / ".aws"
        session.set_config_variable("config_file", self._env.get("AWS_CONFIG_FILE") or str(home / "config"))
        shared = self._env.get("AWS_SHARED_CREDENTIALS_FILE") or str(home / "credentials")
        session.set_config_variable("credentials_file", shared)
        return session

    def _profile(self, choice: AwsChoice) -> str:
        named = choice.profile or self._env.get("AWS_PROFILE") or self._env.get("AWS_DEFAULT_PROFILE")
        return named or "default"

    def _region(self, files: Any, choice: AwsChoice) -> str:
        region = choice.region or self._env.get("AWS_REGION") or self._env.get("AWS_DEFAULT_REGION")
        if not region:
            region = _profiles(files).get(self._profile(choice), {}).get("region", "")
        if not region:
            raise CredentialsMissingError(
                "no AWS region is given for the stack's state or secrets",
                not_run="nothing was sent",
                hint="export AWS_REGION=REGION, or write ?region=REGION behind the URL",
            )
        return str(region)

    def _found(self, files: Any, choice: AwsChoice, region: str) -> Any:
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 (as above)

        try:
            credentials = self._in_environment(choice) or self._in_profile(files, choice, region)
            return self._as_role(credentials, choice.role, region) if choice.role else credentials
        except (BotoCoreError, ClientError, OSError) as error:
            raise no_credentials(str(error)) from error

    def _in_environment(self, choice: AwsChoice) -> Any:
        """Return the environment's keys; a profile in the URL goes before them."""
        from botocore.credentials import Credentials  # noqa: PLC0415 (as above)

        env = self._env
        if choice.profile or not env.get("AWS_ACCESS_KEY_ID"):
            return None
        return Credentials(
            env["AWS_ACCESS_KEY_ID"],
            env.get("AWS_SECRET_ACCESS_KEY", ""),
            env.get("AWS_SESSION_TOKEN") or None,
            method="env",
        )

    def _in_profile(self, files: Any, choice: AwsChoice, region: str) -> Any:
        from botocore.credentials import (  # noqa: PLC0415 (as above)
            AssumeRoleProvider,
            CanonicalNameCredentialSourcer,
            ConfigProvider,
            CredentialResolver,
            EnvProvider,
            ProcessProvider,
            SharedCredentialProvider,
        )

        name = self._profile(choice)

        def keys_of(profile: str) -> list[Any]:
            return [
                SharedCredentialProvider(files.get_config_variable("credentials_file"), profile_name=profile),
                ProcessProvider(profile_name=profile, load_config=lambda: files.full_config),
                ConfigProvider(files.get_config_variable("config_file"), profile_name=profile),
            ]

        class Builder:
            def providers(self, profile_name: str, disable_env_vars: bool = False) -> list[Any]:
                return keys_of(profile_name)

        roles = AssumeRoleProvider(
            load_config=lambda: files.full_config,
            client_creator=self._sts_creator(region),
            cache={},
            profile_name=name,
            prompter=_no_prompt,
            credential_sourcer=CanonicalNameCredentialSourcer([EnvProvider(environ=dict(self._env))]),
            profile_provider_builder=Builder(),
        )
        credentials = CredentialResolver([roles, *keys_of(name)]).load_credentials()
        if credentials is None:
            known = name in _profiles(files)
            raise no_credentials(f"profile {name!r} {'holds none that can be used here' if known else 'is not there'}")
        return credentials

    def _as_role(self, source: Any, role: str, region: str) -> Any:
        from botocore.credentials import (  # noqa: PLC0415 (as above)
            AssumeRoleCredentialFetcher,
            DeferredRefreshableCredentials,
        )

        fetcher = AssumeRoleCredentialFetcher(self._sts_creator(region), source, role, cache={})
        return DeferredRefreshableCredentials(fetcher.fetch_credentials, "assume-role")

    def _sts_creator(self, region: str) -> Callable[..., Any]:
        """Return what makes botocore's STS clients for roles: at the proven endpoint, with the keys it is given."""
        from botocore.credentials import ReadOnlyCredentials  # noqa: PLC0415 (as above)

        def create(service: str, **given: Any) -> Any:
            endpoint = self._proven_endpoint(service, AwsChoice())
            keys = ReadOnlyCredentials(
                given["aws_access_key_id"], given["aws_secret_access_key"], given.get("aws_session_token")
            )
            return _client(service, region, endpoint, keys)

        return create


def _client(service: str, region: str, endpoint: str, keys: Any) -> Any:
    """Return a botocore client that reads neither the process's environment nor any file."""
    from botocore.config import Config  # noqa: PLC0415 (heavy; state in files needs none of it)

    config = Config(
        connect_timeout=5,
        read_timeout=_LONGEST_WAIT,
        retries={"total_max_attempts": 3, "mode": "standard"},
        # Given, so that no proxy of the process's environment gets between us and the endpoint.
        proxies={},
        inject_host_prefix=False,
    )
    return _isolated_session().create_client(
        service,
        region_name=region,
        endpoint_url=endpoint,
        aws_access_key_id=keys.access_key,
        aws_secret_access_key=keys.secret_key,
        aws_session_token=keys.token,
        config=config,
    )


@cache
def _loader() -> Any:
    """Return the loader of botocore's models for this process, which keeps what it has loaded."""
    from botocore.loaders import Loader  # noqa: PLC0415 (as above)

    return Loader()


def _isolated_session() -> Any:
    from botocore.configprovider import (  # noqa: PLC0415 (as above)
        BOTOCORE_DEFAUT_SESSION_VARIABLES,
        ConfigValueStore,
        ConstantProvider,
    )

    session = new_session()
    defaults = {name: ConstantProvider(entry[2]) for name, entry in BOTOCORE_DEFAUT_SESSION_VARIABLES.items()}
    nowhere = ConstantProvider(os.devnull)
    store = ConfigValueStore(mapping={**defaults, "config_file": nowhere, "credentials_file": nowhere})
    session.register_component("config_store", store)
    session.register_component("data_loader", _loader())
    return session


def no_credentials(why: str) -> EngineError:
    """Return the error of a command that has no credentials for its state or secrets."""
    return CredentialsMissingError(
        "no AWS credentials for the stack's state or secrets",
        why=why,
        not_run="nothing was changed",
        hint="sign in again, or name a profile: export AWS_PROFILE=NAME, or ?profile=NAME behind the URL",
    )


def _profiles(files: Any) -> Mapping[str, Any]:
    """Return the profiles of both files by name; raises CredentialsMissingError for a file that cannot be read."""
    from botocore.exceptions import BotoCoreError  # noqa: PLC0415 (as above)

    try:
        found: Mapping[str, Any] = files.full_config.get("profiles", {})
    except BotoCoreError as error:
        raise no_credentials(str(error)) from error
    return found


def _no_prompt(_question: str) -> str:
    raise no_credentials("the profile asks for an MFA code (mfa_serial), and nobody is asked here")
