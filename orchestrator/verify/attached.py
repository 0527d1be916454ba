"""The policies as they are attached in AWS, level by level, with what somebody attached or detached by hand."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Any

from iam_decision import PolicyError, PolicyKind
from landing_zone.fleet import Manifest
from landing_zone.organization_policies import PolicyType
from orchestrator.callers import ABSENT, AnswerKind
from orchestrator.errors import AwsUnreachable
from orchestrator.lockout.known_policies import KnownPolicy
from orchestrator.lockout.organization_levels import ON, Level
from orchestrator.next_steps import LATER
from orchestrator.verify.errors import NobodyToAskAs, PoliciesUnreadable
from orchestrator.workers.environment import caller_environment
from orchestrator.workers.pool import ChildDied

_KINDS = {PolicyType.SCP: PolicyKind.SCP, PolicyType.RCP: PolicyKind.RCP}


@dataclass(frozen=True, slots=True)
class Unread:
    """Why the policies could not be read, in AWS's words."""

    kind: AnswerKind
    words: str


@dataclass(frozen=True, slots=True)
class Attached:
    """A policy in AWS: its document as JSON text, and the ids it is attached to."""

    name: str
    type: PolicyType
    content: str
    targets: frozenset[str]


@dataclass(frozen=True)
class AttachedPolicies:
    """All of an organisation's. `parents` leads from each account and unit to what it stands in, up to the root.

    `names` are those of the levels, by id. `prefix` is what Fleetyard puts before its policies' names.
    """

    parents: Mapping[str, str]
    names: Mapping[str, str]
    policies: tuple[Attached, ...]
    prefix: str = ""
    _levels: dict[str, Level] = field(default_factory=dict, repr=False)

    def over(self, account_id: str) -> tuple[Level, ...]:
        """Return the levels over an account, the root first; none for one that is not in the organisation."""
        ids: list[str] = []
        at = account_id
        while at in self.parents:
            ids.insert(0, at)
            at = self.parents[at]
        return tuple(self._level(each) for each in (at, *ids)) if ids else ()

    def _level(self, target: str) -> Level:
        if target not in self._levels:
            kinds = [tuple(self._on(target, kind)) for kind in (PolicyType.SCP, PolicyType.RCP)]
            self._levels[target] = Level(self.names[target], *kinds)
        return self._levels[target]

    def _on(self, target: str, kind: PolicyType) -> Iterator[KnownPolicy]:
        for policy in self.policies:
            if policy.type is not kind or target not in policy.targets or policy.name == "RCPFullAWSAccess":
                continue
            name = f"{policy.name.removeprefix(self.prefix)}{ON}{self.names[target]}"
            try:
                yield KnownPolicy.of(json.loads(policy.content), name, _KINDS[kind])
            except PolicyError:
                yield KnownPolicy.by_name(name)  # AWS takes it, and what it says is not known here


def attached_policies(manifest: Manifest, env: Mapping[str, str], children: Executor) -> AttachedPolicies:
    """Read the organisation's policies as the administrator, in a process of its own.

    Raises: NobodyToAskAs without the administrator's credentials, PoliciesUnreadable where AWS refuses, AwsUnreachable
    where it does not answer.
    """
    profile = manifest.callers.administrator
    told = {"subject": f"profile {profile}", "not_run": "any pair or probe"}
    try:
        found = children.submit(
            read_in_own_process, caller_environment(env, profile, manifest.region), f"{manifest.organization}-"
        ).result()
    except ChildDied as died:
        words = f"the process that asks was ended: {died}; too little memory is the common cause"
        found = Unread(AnswerKind.UNREACHABLE, words)
    if isinstance(found, AttachedPolicies):
        return found
    if found.kind in ABSENT:
        hint = "sign in as the administrator, or leave out --attached"
        raise NobodyToAskAs(f"the profile {profile} has no credentials here", why=found.words, hint=hint, **told)
    if found.kind is AnswerKind.UNREACHABLE:
        what = "the organisation's policies cannot be read at the moment"
        raise AwsUnreachable(what, why=found.words, hint=LATER, **told)
    hint = "docs/verify.md has the permissions it takes; or leave out --attached"
    raise PoliciesUnreadable("the organisation's policies cannot be read", why=found.words, hint=hint, **told)


def read_in_own_process(env: Mapping[str, str], prefix: str) -> AttachedPolicies | Unread:
    """Return what is attached, or why that is not known; for a process that is there for nothing else."""
    from botocore.config import Config  # noqa: PLC0415  (the driver itself needs none of it)
    from botocore.exceptions import (  # noqa: PLC0415
        BotoCoreError,
        ClientError,
        NoCredentialsError,
        PartialCredentialsError,
        ProfileNotFound,
    )

    from orchestrator.passing_failures import passes  # noqa: PLC0415
    from orchestrator.unasked_session import CodeNeeded, unasked_session  # noqa: PLC0415

    os.environ.clear()
    os.environ.update(env)
    # Organizations answers few calls a second and says so.
    config = Config(connect_timeout=10, read_timeout=30, retries={"mode": "adaptive", "total_max_attempts": 12})
    try:
        return _Reading(unasked_session().client("organizations", config=config)).read(prefix)
    except CodeNeeded as error:
        return Unread(AnswerKind.NEEDS_CODE, str(error))
    except (ProfileNotFound, NoCredentialsError, PartialCredentialsError) as error:
        return Unread(AnswerKind.MISSING, str(error))
    except (BotoCoreError, ClientError) as error:
        return Unread(AnswerKind.UNREACHABLE if passes(error) else AnswerKind.REFUSED, str(error))


@dataclass(frozen=True)
class _Reading:
    """Reads page by page: one call or more for each unit and each policy, and one for each document."""

    aws: Any
    parents: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    def read(self, prefix: str) -> AttachedPolicies:
        root = next(self._pages("list_roots", "Roots"))
        self.names[root["Id"]] = "the root"
        self._below(root["Id"], "")
        enabled = {kind["Type"] for kind in root.get("PolicyTypes", ()) if kind["Status"] == "ENABLED"}
        policies = tuple(each for kind in PolicyType if kind.in_aws in enabled for each in self._policies(kind))
        return AttachedPolicies(self.parents, self.names, policies, prefix)

    def _below(self, parent: str, path: str) -> None:
        for account in self._pages("list_accounts_for_parent", "Accounts", ParentId=parent):
            self.parents[account["Id"]], self.names[account["Id"]] = parent, f"account {account['Name']}"
        for unit in self._pages("list_organizational_units_for_parent", "OrganizationalUnits", ParentId=parent):
            own = f"{path}{unit['Name']}"
            self.parents[unit["Id"]], self.names[unit["Id"]] = parent, f"unit {own}"
            self._below(unit["Id"], f"{own}/")

    def _policies(self, kind: PolicyType) -> Iterator[Attached]:
        for policy in self._pages("list_policies", "Policies", Filter=kind.in_aws):
            targets = self._pages("list_targets_for_policy", "Targets", PolicyId=policy["Id"])
            content = self.aws.describe_policy(PolicyId=policy["Id"])["Policy"]["Content"]
            yield Attached(policy["Name"], kind, content, frozenset(target["TargetId"] for target in targets))

    def _pages(self, operation: str, key: str, **parameters: str) -> Iterator[dict[str, Any]]:
        for page in self.aws.get_paginator(operation).paginate(**parameters):
            yield from page[key]
