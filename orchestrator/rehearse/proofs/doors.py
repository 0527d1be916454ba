"""Proves the ways into the management roles that are no IAM users: permission sets, SAML providers, tokens.

Each is tried on every management role, and has to open exactly those that trust it. Users are tried elsewhere: they
become the roles from which the reach is asked, and get nowhere without MFA.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from landing_zone.identifiers import role_arn, saml_provider_arn
from orchestrator.rehearse.access import error_code
from orchestrator.rehearse.entering import become
from orchestrator.rehearse.proofs.proof import Proof, listed, not_tried

if TYPE_CHECKING:
    from landing_zone.fleet import ManagementRole
    from orchestrator.rehearse.access import Access, Credentials
    from orchestrator.rehearse.people import Person, Pipeline
    from orchestrator.rehearse.proofs.scene import Scene

NAME = "every door opens its own roles alone"
_REFUSED = frozenset({"AccessDenied", "InvalidIdentityToken"})
"""How STS says no: the second where the provider is not one that the role trusts."""


def prove_every_door(scene: Scene) -> Proof:
    """Try to become each management role by each permission set, SAML provider and token of the rehearsal."""
    people = [person for person in scene.people if not person.is_user]
    if not people:
        return not_tried(NAME, "nobody comes but IAM users")
    wrong: list[str] = []
    sessions: dict[str, Credentials] = {}
    opened = tried = 0
    for person in people:
        for role in scene.manifest.management_roles.values():
            expected = _trusts(role, person, scene.manifest.management_account.id)
            answer = _try(scene.access, person, role_arn(scene.manifest.management_account.id, role.name), sessions)
            tried += 1
            opened += answer == "allowed"
            if answer != ("allowed" if expected else "refused"):
                wrong.append(f"{person.user} to {role.name}: {answer}, not {'allowed' if expected else 'refused'}")
    detail = f"{len(people)} ways in, {tried} tries: {opened} opened, {tried - opened} refused"
    return Proof(NAME, not wrong, f"{detail}; wrong: {listed(wrong)}" if wrong else detail)


def _try(access: Access, person: Person, role: str, sessions: dict[str, Credentials]) -> str:
    """Return `allowed`, `refused`, or AWS's code of anything else."""
    try:
        become(access, person, role, sessions)
    except ClientError as error:
        return "refused" if error_code(error) in _REFUSED else error_code(error)
    return "allowed"


def _trusts(role: ManagementRole, person: Person, account_id: str) -> bool:
    if person.saml:
        saml = role.trust.saml
        return saml is not None and saml_provider_arn(account_id, saml.provider) == person.saml.provider
    if person.pipeline:
        return _takes_token(role, person.pipeline)
    return person.may_become(role)


def _takes_token(role: ManagementRole, token: Pipeline) -> bool:
    known = [(each.issuer, each.audience, each.subjects) for each in role.trust.pipelines]
    if role.trust.oidc:
        known.append((role.trust.oidc.provider, role.trust.oidc.audience, role.trust.oidc.subjects))
    return any(
        (issuer, audience) == (token.issuer, token.audience)
        and any(fnmatchcase(token.subject, subject.replace("[", "[[]")) for subject in subjects)
        for issuer, audience, subjects in known
    )
