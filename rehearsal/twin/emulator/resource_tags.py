"""The tags that a resource has in moto's state, by its ARN: what `aws:ResourceTag` is read from.

A service without a reader here has resources without tags, as far as conditions go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from rehearsal.twin.emulator.backends import backend_of
from rehearsal.twin.emulator.entities import by_id


@dataclass(frozen=True, slots=True)
class _Arn:
    """The parts of an ARN that say where a resource is."""

    whole: str
    region: str
    account_id: str
    resource: str

    @property
    def last(self) -> str:
        """The name or id: what stands after the kind of resource."""
        return self.resource.rpartition("/")[2]


def tags_of(arn: str) -> dict[str, str]:
    """Return the tags of the resource of this ARN; none for one that is not there, or that stands for many."""
    parts = arn.split(":", 5)
    if len(parts) < 6 or "*" in parts[5].removesuffix(":*"):
        return {}
    reader = _READERS.get(parts[2])
    return reader(_Arn(arn, parts[3], parts[4], parts[5])) if reader is not None else {}


def _iam(arn: _Arn) -> dict[str, str]:
    backend = backend_of("iam", "iam", arn.account_id)
    if backend is None:
        return {}
    kind = arn.resource.partition("/")[0]
    if kind == "user":
        return dict(backend.tagger.get_tag_dict_for_resource(arn.whole))
    if kind == "policy":
        return _tags_of_entity(backend.managed_policies.get(arn.whole))
    lists: dict[str, Iterable[Any]] = {
        "role": backend.roles.values(),
        "instance-profile": backend.instance_profiles.values(),
    }
    # By name, which an account has once: moto makes an ARN anew each time it is asked for.
    name = arn.last
    return _tags_of_entity(next((each for each in list(lists.get(kind, ())) if each.name == name), None))


def _tags_of_entity(entity: Any | None) -> dict[str, str]:
    tags = getattr(entity, "tags", None) or {}
    return _listed(tags.values()) if isinstance(tags, Mapping) else _listed(tags)


def _ec2(arn: _Arn) -> dict[str, str]:
    backend = backend_of("ec2", "ec2", arn.account_id, arn.region)
    return dict(backend.tags.get(arn.last, {})) if backend is not None else {}


def _kms(arn: _Arn) -> dict[str, str]:
    backend = backend_of("kms", "kms", arn.account_id, arn.region)
    return dict(backend.tagger.get_tag_dict_for_resource(arn.last)) if backend is not None else {}


def _ssm(arn: _Arn) -> dict[str, str]:
    backend = backend_of("ssm", "ssm", arn.account_id, arn.region)
    kind, _, name = arn.resource.partition("/")
    if backend is None or kind not in ("parameter", "document"):
        return {}
    tags = backend._resource_tags.get(kind.capitalize(), {})
    return dict(tags.get(name) or tags.get(f"/{name}") or {})


def _secretsmanager(arn: _Arn) -> dict[str, str]:
    backend = backend_of("secretsmanager", "secretsmanager", arn.account_id, arn.region)
    secret = backend.secrets.get(arn.whole) if backend is not None else None
    return _listed(getattr(secret, "tags", None) or ())


def _sqs(arn: _Arn) -> dict[str, str]:
    backend = backend_of("sqs", "sqs", arn.account_id, arn.region)
    queue = backend.queues.get(arn.resource) if backend is not None else None
    return dict(queue.tags) if queue is not None else {}


def _sns(arn: _Arn) -> dict[str, str]:
    backend = backend_of("sns", "sns", arn.account_id, arn.region)
    topic = backend.topics.get(arn.whole) if backend is not None else None
    return dict(topic._tags or {}) if topic is not None else {}


def _lambda(arn: _Arn) -> dict[str, str]:
    function = function_of(arn.account_id, arn.region, arn.resource.removeprefix("function:").partition(":")[0])
    return dict(function.tags or {}) if function is not None else {}


def _ecr(arn: _Arn) -> dict[str, str]:
    backend = backend_of("ecr", "ecr", arn.account_id, arn.region)
    return dict(backend.tagger.get_tag_dict_for_resource(arn.whole)) if backend is not None else {}


def _logs(arn: _Arn) -> dict[str, str]:
    plain = arn.whole.removesuffix(":*")
    return _by_tagger("logs", arn, plain) or _by_tagger("logs", arn, f"{plain}:*")


def _events(arn: _Arn) -> dict[str, str]:
    return _by_tagger("events", arn, arn.whole)


def _by_tagger(service: str, arn: _Arn, name: str) -> dict[str, str]:
    backend = backend_of(service, service, arn.account_id, arn.region)
    return dict(backend.tagger.get_tag_dict_for_resource(name)) if backend is not None else {}


def _dynamodb(arn: _Arn) -> dict[str, str]:
    backend = backend_of("dynamodb", "dynamodb", arn.account_id, arn.region)
    name = arn.resource.removeprefix("table/").partition("/")[0]
    table = backend.tables.get(name) if backend is not None else None
    return _listed(table.tags) if table is not None else {}


def _organizations(arn: _Arn) -> dict[str, str]:
    backend = backend_of("organizations", "organizations", arn.account_id)
    if backend is None:
        return {}
    found = by_id((*backend.accounts, *backend.ou, *backend.policies), arn.last)
    return {str(key): str(value) for key, value in (getattr(found, "tags", None) or {}).items()}


def function_of(account_id: str, region: str, name: str) -> Any | None:
    """Return a Lambda function's newest state by its name."""
    backend = backend_of("awslambda", "lambda", account_id, region)
    kept = backend._lambdas._functions.get(name) if backend is not None else None
    return kept["latest"] if kept else None


def _listed(tags: Iterable[Any]) -> dict[str, str]:
    return {str(tag["Key"]): str(tag.get("Value") or "") for tag in tags}


_READERS: Mapping[str, Callable[[_Arn], dict[str, str]]] = {
    "dynamodb": _dynamodb,
    "ec2": _ec2,
    "ecr": _ecr,
    "events": _events,
    "iam": _iam,
    "kms": _kms,
    "lambda": _lambda,
    "logs": _logs,
    "organizations": _organizations,
    "secretsmanager": _secretsmanager,
    "sns": _sns,
    "sqs": _sqs,
    "ssm": _ssm,
}
