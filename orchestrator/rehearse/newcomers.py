"""Those whom the fleet itself lets in: people it makes users for, and pipelines.

People have a user once the foundation is deployed; a rehearsal then gives one of each role a key and a device, as their
administrator would by hand. Pipelines need no user: a rehearsal signs tokens in the issuers' place, with a key that it
tells the twin of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from landing_zone.fleet import ManagementRole, Manifest
from landing_zone.identifiers import ACCOUNT_ACCESS_ROLE, role_arn
from landing_zone.lock import Lock
from orchestrator.rehearse.access import Access, Credentials, credentials_of
from orchestrator.rehearse.people import Person, Pipeline, equip, pipeline_person
from orchestrator.rehearse.token_issuer import TokenIssuer, new_signing_key


def pipelines_of(manifest: Manifest) -> tuple[Person, ...]:
    """Return a pipeline for every management role that trusts one, each with its first subject."""
    if not manifest.pipelines.issuers:
        return ()
    key = new_signing_key()
    return tuple(_pipeline(role, key) for role in manifest.management_roles.values() if role.trust.pipelines)


def issuers_of(people: Sequence[Person]) -> Mapping[str, Any]:
    """Return the public keys of the pipelines' issuers, by host."""
    signers = dict.fromkeys((each.pipeline.issuer, each.pipeline.signing_key) for each in people if each.pipeline)
    found: dict[str, Any] = {}
    for issuer, key in signers:
        keys = found.setdefault(issuer, {"keys": []})
        keys["keys"] += TokenIssuer(issuer, key).jwks["keys"]
    return found


def become_by_token(access: Access, pipeline: Pipeline, role: str) -> Credentials:
    """Become a role, given by its ARN, with a token; the request itself is not signed."""
    token = TokenIssuer(pipeline.issuer, pipeline.signing_key).token(pipeline.subject, pipeline.audience)
    sts = access.client("sts", Credentials("", ""))
    answer = sts.assume_role_with_web_identity(RoleArn=role, RoleSessionName="pipeline", WebIdentityToken=token)
    return credentials_of(answer["Credentials"])


def newcomers(
    access: Access, administrator: Credentials, manifest: Manifest, lock: Lock, people: Sequence[Person]
) -> tuple[Person, ...]:
    """Give a key and a device to a user for each management role that nobody of `people` may become yet."""
    chosen: dict[str, Person] = {}
    roles = manifest.management_roles.values()
    for role in roles:
        users = manifest.people.who_becomes(role.name)
        if users and not any(person.may_become(role) for person in (*people, *chosen.values())):
            chosen[users[0]] = _join(access, administrator, manifest, lock, users[0])
    return tuple(chosen.values())


def _join(access: Access, administrator: Credentials, manifest: Manifest, lock: Lock, user: str) -> Person:
    people, account = manifest.people, manifest.account(manifest.people.account)
    who = administrator
    if not account.management:
        who = access.assume(administrator, role_arn(lock.account_id(account.name), ACCOUNT_ACCESS_ROLE), "rehearsal")
    return equip(access.client("iam", who), user, people.users[user].groups)


def _pipeline(role: ManagementRole, key: str) -> Person:
    trust = role.trust.pipelines[0]
    return pipeline_person(role.name, trust, key)
