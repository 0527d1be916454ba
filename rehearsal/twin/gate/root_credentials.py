"""The root user's dealings with itself: its access keys, and who IAM says that it is. moto knows users alone.

Sources: IAM API Reference, "CreateAccessKey", "ListAccessKeys", "UpdateAccessKey", "DeleteAccessKey" ("you can use this
operation to manage account root user credentials"), "GetUser".
"""

from __future__ import annotations

from typing import Any

from rehearsal.twin.actions.demand import Asked
from rehearsal.twin.callers.callers import CallerKind
from rehearsal.twin.callers.sts_answers import result
from rehearsal.twin.emulator.root_users import MOST_KEYS, RootKey, new_root_key, root_keys
from rehearsal.twin.requests.refusals import Answer, Refusal

_OPERATIONS = frozenset({"CreateAccessKey", "DeleteAccessKey", "GetUser", "ListAccessKeys", "UpdateAccessKey"})
NAMESPACE = "https://iam.amazonaws.com/doc/2010-05-08/"
_TOO_MANY = f"Cannot exceed quota for AccessKeysPerUser: {MOST_KEYS}"


def is_about_root_itself(asked: Asked) -> bool:
    """Tell whether a root user asks IAM about itself: it names no user."""
    operation, is_root = asked.operation, asked.caller.kind is CallerKind.ROOT
    names_nobody = operation.name in _OPERATIONS and not operation.text("UserName")
    return is_root and operation.service == "iam" and names_nobody


def root_answer(asked: Asked) -> Answer:
    """Answer such a request, which has been allowed. Raises: Refusal."""
    name, iam = asked.operation.name, asked.state.iam(asked.caller.account_id)
    match name:
        case "GetUser":
            inner = f"<User>{_user(asked, iam)}</User>"
        case "CreateAccessKey":
            inner = f"<AccessKey>{_made(iam)}</AccessKey>"
        case "ListAccessKeys":
            members = "".join(f"<member>{_told(key)}</member>" for key in root_keys(iam).values())
            inner = f"<AccessKeyMetadata>{members}</AccessKeyMetadata><IsTruncated>false</IsTruncated>"
        case _:
            inner = _changed(asked, iam)
    return result(name, inner, NAMESPACE)


def _user(asked: Asked, iam: Any) -> str:
    caller = asked.caller
    return f"<UserId>{caller.account_id}</UserId><Arn>{caller.arn}</Arn>{_date(iam.fleetyard_begun)}"


def _made(iam: Any) -> str:
    key = new_root_key(iam)
    if key is None:
        raise Refusal.of("LimitExceeded", _TOO_MANY, 409)
    return f"{_told(key)}<SecretAccessKey>{key.secret}</SecretAccessKey>"


def _changed(asked: Asked, iam: Any) -> str:
    operation, keys = asked.operation, root_keys(iam)
    key_id = operation.text("AccessKeyId")
    if key_id not in keys:
        raise Refusal.of("NoSuchEntity", f"The Access Key with id {key_id} cannot be found.", 404)
    if operation.name == "DeleteAccessKey":
        del keys[key_id]
    else:
        keys[key_id].status = operation.text("Status")
    return ""


def _told(key: RootKey) -> str:
    return (
        f"<UserName>root</UserName><AccessKeyId>{key.access_key_id}</AccessKeyId><Status>{key.status}</Status>"
        f"{_date(key.created)}"
    )


def _date(moment: Any) -> str:
    return f"<CreateDate>{moment:%Y-%m-%dT%H:%M:%SZ}</CreateDate>"
