"""State on S3: an `ObjectStore` over obstore.

obstore starts native threads when it is first used, and a child forked after that hangs. So it is opened only here, by
a command that has an `s3://` backend, in the process that runs the command; being imported it starts none. It retries
what may be tried again (throttling, errors of the server, lost connections); what AWS refuses is told in its words.
Source of the URL's form: gocloud.dev `blob/s3blob/s3blob.go`, Pulumi `pkg/backend/diy/backend.go`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from rehearsal.engine.aws_access import (
    AwsAccess,
    AwsChoice,
    AwsPlace,
    OptionRefusedError,
    aws_choice,
    no_credentials,
    url_options,
)
from rehearsal.engine.errors import (
    BackendUnusableError,
    BucketMissingError,
    CredentialsRefusedError,
    EngineError,
    SecretsKeyMissingError,
    SecretsKeyUnusableError,
    StateAccessDeniedError,
    StateUnreachableError,
)
from rehearsal.engine.store import ObjectInfo

if TYPE_CHECKING:
    from obstore.store import S3Store as Bucket

SCHEME = "s3://"
_SSE_TYPES = ("AES256", "aws:kms", "aws:kms:dsse")
_OWN_OPTIONS = frozenset({"ssetype", "kmskeyid"})
_RETRIES = 4
_CODE = re.compile(r"<Code>([^<]+)</Code>|\(code: (\w+)\)")
_MESSAGE = re.compile(r"<Message>([^<]*)</Message>")
_SIGN_IN = frozenset(
    {"ExpiredToken", "ExpiredTokenException", "InvalidToken", "TokenRefreshRequired", "InvalidAccessKeyId"}
    | {"SignatureDoesNotMatch", "InvalidClientTokenId", "RequestTimeTooSkewed", "RequestExpired"}
)
_GONE = frozenset(
    {"NoSuchBucket", "PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException"}
)
_DENIED = frozenset({"AccessDenied", "AllAccessDisabled", "Forbidden"})
_KEY_MISSING = "KMS.NotFoundException"
_KEY_UNUSABLE = frozenset(
    {"KMS.DisabledException", "KMS.KMSInvalidStateException"}
    | {"KMS.InvalidKeyUsageException", "KMS.KeyUnavailableException"}
)
_KEY = re.compile(r"arn:[\w-]+:kms:[\w-]+:\d+:key/[\w-]+")


@dataclass(frozen=True, slots=True)
class S3Address:
    """A bucket, a folder in it (empty or ending in `/`), what its options choose, and how it encrypts new objects."""

    bucket: str
    prefix: str
    choice: AwsChoice
    sse_type: str = ""
    sse_key: str = ""


def parse_s3_url(url: str) -> S3Address:
    """Read `s3://bucket[/prefix][?options]`; raises BackendUnusableError, naming what is wrong."""
    parts = urlsplit(url)
    shown = url.partition("?")[0]
    if not parts.netloc:
        raise BackendUnusableError("the backend URL names no bucket", subject=shown, hint="s3://BUCKET?region=REGION")
    folder = unquote(parts.path).strip("/")
    if folder and any(part in {"", ".", ".."} for part in folder.split("/")):
        raise BackendUnusableError(
            "the backend URL's folder is malformed", subject=shown, why="a part is empty or dots"
        )
    options = url_options(parts.query)
    try:
        choice = aws_choice(options, own=_OWN_OPTIONS)
        sse_type = _sse_type(options.get("ssetype", ""))
    except OptionRefusedError as error:
        raise BackendUnusableError(f"a backend option cannot be used: {error}", subject=shown) from error
    return S3Address(parts.netloc, f"{folder}/" if folder else "", choice, sse_type, options.get("kmskeyid", ""))


def open_s3_store(url: str, access: AwsAccess) -> S3Store:
    """Open the store at an URL. Nothing is sent to S3 yet.

    Raises: BackendUnusableError, CredentialsMissingError, and what the guard raises for an endpoint that is no twin.
    """
    address = parse_s3_url(url)
    place = access.place("s3", address.choice)
    return S3Store(opened_bucket(address, place), address, url)


class S3Store:
    """Objects under one prefix of a bucket."""

    def __init__(self, bucket: Bucket, address: S3Address, url: str) -> None:
        """Take the opened bucket, where it is, and the URL it was given as."""
        self._bucket = bucket
        self._address = address
        self._url = url

    @property
    def url(self) -> str:
        """Return the URL as it was given."""
        return self._url

    def get(self, key: str) -> bytes | None:
        """Return an object's content.

        AWS answers 403 for a missing object to who may not list without a prefix; then the list of its folder decides.
        """
        import obstore  # noqa: PLC0415 (see the module)

        with self._telling("s3:GetObject", key) as told:
            try:
                return bytes(obstore.get(self._bucket, key).bytes())
            except FileNotFoundError as error:
                told.refuse_missing_bucket(error)
                return None
            except obstore.exceptions.PermissionDeniedError as error:
                if _code(error) == "AccessDenied" and self._certainly_missing(key):
                    return None
                raise

    def put(self, key: str, content: bytes, *, durable: bool = False) -> None:
        """Write an object whole, in one request."""
        import obstore  # noqa: PLC0415 (see the module)

        with self._telling("s3:PutObject", key) as told:
            try:
                obstore.put(self._bucket, key, content, use_multipart=False)
            except FileNotFoundError as error:
                told.refuse_missing_bucket(error)
                raise

    def settle(self, key: str) -> None:
        """Do nothing: what S3 has acknowledged, it keeps."""

    def put_new(self, key: str, content: bytes) -> bool:
        """Write an object unless there is one (`If-None-Match: *`); tells whether it now has this content."""
        import obstore  # noqa: PLC0415 (see the module)

        with self._telling("s3:PutObject", key) as told:
            try:
                obstore.put(self._bucket, key, content, mode="create", use_multipart=False)
            except obstore.exceptions.AlreadyExistsError:
                # A retry after a lost answer meets its own object.
                return self.get(key) == content
            except FileNotFoundError as error:
                told.refuse_missing_bucket(error)
                raise
            return True

    def copy(self, source: str, target: str) -> None:
        """Copy an object within the bucket, which S3 does itself."""
        import obstore  # noqa: PLC0415 (see the module)

        with self._telling("s3:PutObject", target) as told:
            try:
                obstore.copy(self._bucket, source, target)
            except FileNotFoundError as error:
                told.refuse_missing_bucket(error)
            except obstore.exceptions.PermissionDeniedError as error:
                if _code(error) != "AccessDenied" or not self._certainly_missing(source):
                    raise

    def delete(self, *keys: str) -> None:
        """Remove objects, many in one request."""
        import obstore  # noqa: PLC0415 (see the module)

        if keys:
            with self._telling("s3:DeleteObject", keys[0]):
                obstore.delete(self._bucket, list(keys))

    def list(self, prefix: str) -> list[ObjectInfo]:
        """Return every object under a folder, by key."""
        with self._telling("s3:ListBucket", f"{prefix.rstrip('/')}/"):
            return sorted(self._listed(prefix), key=lambda info: info.key)

    def together(self, *calls: Callable[[], object]) -> None:
        """Carry out calls in a thread each: what counts here is the way to S3 and back."""
        with ThreadPoolExecutor(len(calls)) as pool:
            futures = [pool.submit(call) for call in calls]
        for future in futures:
            future.result()

    def tidy(self) -> None:
        """Do nothing: a write that was cut short leaves nothing on S3."""

    def _listed(self, prefix: str, after: str | None = None) -> Iterator[ObjectInfo]:
        import obstore  # noqa: PLC0415 (see the module)

        pages = obstore.list(self._bucket, prefix.rstrip("/"), offset=after)
        for page in pages:
            for entry in page:
                yield ObjectInfo(entry["path"], entry["last_modified"].timestamp())

    def _certainly_missing(self, key: str) -> bool:
        """Tell whether the list of an object's folder is readable and does not hold it."""
        import obstore  # noqa: PLC0415 (see the module)

        try:
            for info in self._listed(key.rpartition("/")[0], after=key[:-1]):
                if info.key >= key:
                    return info.key != key
        except obstore.exceptions.BaseError:
            return False
        return True

    @contextmanager
    def _telling(self, action: str, key: str) -> Iterator[_Telling]:
        """Turn what obstore raises into an error that names the action and the object."""
        import obstore  # noqa: PLC0415 (see the module)

        telling = _Telling(action, f"s3://{self._address.bucket}/{self._address.prefix}{key}", self._address.bucket)
        try:
            yield telling
        except (obstore.exceptions.BaseError, FileNotFoundError, PermissionError) as error:
            raise telling.error(error) from error


@dataclass(frozen=True, slots=True)
class _Telling:
    """What was asked of S3, for messages."""

    action: str
    subject: str
    bucket: str

    def refuse_missing_bucket(self, error: Exception) -> None:
        """Raise BucketMissingError if it is not the object that is missing."""
        if _code(error) in _GONE:
            raise self.error(error) from error

    def error(self, error: Exception) -> EngineError:
        """Return the error for a person."""
        code, why = _code(error), _words(error)
        if code in _GONE:
            return BucketMissingError(
                f"the state bucket {self.bucket} is not there, or not in the region that was asked",
                subject=self.subject,
                why=why,
                not_run="nothing was changed",
                hint="make it with `bootstrap`, or correct the backend URL: s3://BUCKET?region=REGION",
            )
        if code in _SIGN_IN:
            return CredentialsRefusedError(
                f"AWS refused the credentials at {self.action}",
                subject=self.subject,
                why=why,
                not_run="this request and what came after it; what was recorded before is intact",
                hint="sign in again, then run the command again; it goes on from what is recorded "
                "(a lock left behind: `pulumi cancel`)",
            )
        if code == _KEY_MISSING or code in _KEY_UNUSABLE:
            return self._key_error(code, why)
        if code in _DENIED or _is_denied(error):
            return StateAccessDeniedError(
                f"AWS denied {self.action} on the stack's state",
                subject=self.subject,
                why=why,
                not_run="this request and what came after it; what was recorded before is intact",
                hint=f"get the right to {self.action} there back, then run the command again",
            )
        if _is_unsigned(error):
            return no_credentials(why)
        return StateUnreachableError(
            f"S3 did not carry out {self.action}",
            subject=self.subject,
            why=why,
            not_run="this request and what came after it; what was recorded before is intact",
            hint="run the command again once the endpoint answers",
        )

    def _key_error(self, code: str, why: str) -> EngineError:
        """Return the error of the key that encrypts the object; S3 names it in its words, by the ARN."""
        not_run = "this request and what came after it; what was recorded before is intact"
        if code == _KEY_MISSING:
            return SecretsKeyMissingError(
                f"the key that encrypts the state does not exist, at {self.action}",
                subject=self.subject,
                why=why,
                not_run=not_run,
                hint="name the key that the state is encrypted with, or put the state back from a copy",
            )
        found = _KEY.search(why)
        key = found[0] if found else "KEY"
        enable = f"aws kms enable-key --key-id {key}"
        if "pending deletion" in why or code == "KMS.KMSInvalidStateException":
            enable = f"aws kms cancel-key-deletion --key-id {key}; {enable}"
        return SecretsKeyUnusableError(
            f"the key that encrypts the state cannot be used, at {self.action}",
            subject=self.subject,
            why=why,
            not_run=not_run,
            hint=f"an administrator can: {enable}; then run the command again",
        )


def opened_bucket(address: S3Address, place: AwsPlace) -> Bucket:
    """Return obstore's store of a bucket at a proven place."""
    from obstore.store import S3Store as Bucket  # noqa: PLC0415 (see the module)

    encryption = {"server_side_encryption": address.sse_type} if address.sse_type else {}
    encryption |= {"sse_kms_key_id": address.sse_key} if address.sse_key else {}
    # The endpoint is given in both forms, as obstore fills what is left out from the process's environment.
    config: dict[str, Any] = {
        "endpoint": place.endpoint,
        "aws_endpoint_url_s3": place.endpoint,
        "region": place.region,
        "virtual_hosted_style_request": False,
        "skip_signature": False,
        **encryption,
    }
    options: dict[str, Any] = {
        "allow_http": True,
        "timeout": "30s",
        "connect_timeout": "5s",
        # Naming a proxy keeps one of the environment away, and excepting the endpoint keeps this one away.
        "proxy_url": place.endpoint,
        "proxy_excludes": urlsplit(place.endpoint).hostname or "",
    }
    return Bucket(
        address.bucket,
        prefix=address.prefix.rstrip("/") or None,
        config=config,  # type: ignore[arg-type]  # a TypedDict of all settings
        client_options=options,  # type: ignore[arg-type]  # the same
        retry_config={"max_retries": _RETRIES},
        credential_provider=_keys_of(place.credentials),
    )


def _keys_of(credentials: Any) -> Callable[[], Any]:
    """Return what gives obstore keys, as often as it asks: botocore renews them before they end."""

    def keys() -> Mapping[str, Any]:
        frozen = credentials.get_frozen_credentials()
        ends: datetime | None = getattr(credentials, "_expiry_time", None)
        return {
            "access_key_id": frozen.access_key,
            "secret_access_key": frozen.secret_key,
            "token": frozen.token,
            "expires_at": ends,
        }

    return keys


def _sse_type(value: str) -> str:
    known = next((kind for kind in _SSE_TYPES if kind.lower() == value.lower()), "")
    if value and not known:
        raise OptionRefusedError(f"ssetype is one of {', '.join(_SSE_TYPES)}, not {value!r}")
    return known


def _code(error: Exception) -> str:
    match = _CODE.search(str(error))
    return (match[1] or match[2]) if match else ""


def _words(error: Exception) -> str:
    """Return AWS's own words, or the library's without what it adds for its developers."""
    text = str(error)
    message = _MESSAGE.search(text)
    code = _code(error)
    if message is not None:
        return f"{code}: {unescape(message[1])}"
    return " ".join(text.partition("Debug source")[0].split())


def _is_denied(error: Exception) -> bool:
    return isinstance(error, PermissionError) or type(error).__name__ == "PermissionDeniedError"


def _is_unsigned(error: Exception) -> bool:
    return type(error).__name__ == "UnauthenticatedError"
