"""Who signs in through a provider that the company made by hand: people by SAML, programs by OpenID Connect.

Such providers are in the management account before Fleetyard comes. A rehearsal makes them as an administrator would,
and plays the company's side for each management role that trusts one: it signs with a key of its own, which opens the
twin only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from landing_zone.fleet import ManagementRole, Manifest
from landing_zone.identifiers import saml_provider_arn
from landing_zone.people import PipelineTrust
from orchestrator.rehearse.access import Access, Credentials, credentials_of
from orchestrator.rehearse.people import Person, SamlSignIn, pipeline_person
from orchestrator.rehearse.saml_issuer import SamlIssuer
from orchestrator.rehearse.token_issuer import new_signing_key

_IDENTITY_PROVIDER = "https://identity.rehearsal.example/"
"""What identity providers are called in SAML responses; their provider's name in IAM follows."""
_SESSION = "person"


def people_of_providers(manifest: Manifest) -> tuple[Person, ...]:
    """Return somebody for each management role that trusts people of another directory, or programs."""
    roles = [role for role in manifest.management_roles.values() if role.trust.saml or role.trust.oidc]
    if not roles:
        return ()
    key, account = new_signing_key(), manifest.management_account.id
    return tuple(person for role in roles for person in _persons(role, account, key))


def make_providers(access: Access, administrator: Credentials, manifest: Manifest, people: Sequence[Person]) -> None:
    """Make every provider that a management role trusts and the fleet does not make itself."""
    iam = access.client("iam", administrator)
    vouching = {person.saml.provider: person.saml for person in people if person.saml}
    for name in _saml_providers(manifest):
        known = vouching.get(saml_provider_arn(manifest.management_account.id, name))
        issuer = SamlIssuer(known.entity_id, known.signing_key) if known else SamlIssuer(_entity_of(name))
        iam.create_saml_provider(Name=name, SAMLMetadataDocument=issuer.metadata)
    for host, audiences in _open_id_providers(manifest).items():
        iam.create_open_id_connect_provider(Url=f"https://{host}", ClientIDList=audiences)


def become_by_saml(access: Access, known: SamlSignIn, role: str) -> Credentials:
    """Become a role, given by its ARN, with a SAML response; the request itself is not signed."""
    response = SamlIssuer(known.entity_id, known.signing_key).response(role, known.provider, _SESSION)
    sts = access.client("sts", Credentials("", ""))
    answer = sts.assume_role_with_saml(RoleArn=role, PrincipalArn=known.provider, SAMLAssertion=response)
    return credentials_of(answer["Credentials"])


def _persons(role: ManagementRole, account: str, key: str) -> Iterator[Person]:
    saml, oidc = role.trust.saml, role.trust.oidc
    if saml:
        signs_in = SamlSignIn(role.name, saml_provider_arn(account, saml.provider), _entity_of(saml.provider), key)
        yield Person(f"saml-{role.name}", Credentials("", ""), saml=signs_in)
    if oidc:
        yield pipeline_person(role.name, PipelineTrust(oidc.provider, oidc.audience, oidc.subjects), key)


def _saml_providers(manifest: Manifest) -> tuple[str, ...]:
    roles = manifest.management_roles.values()
    return tuple(dict.fromkeys(role.trust.saml.provider for role in roles if role.trust.saml))


def _open_id_providers(manifest: Manifest) -> dict[str, list[str]]:
    """Return the audiences of each provider that is there before, by its host and path."""
    made = {issuer.host for issuer in manifest.pipelines.issuers if not issuer.existing}
    named = [(issuer.host, issuer.audience) for issuer in manifest.pipelines.issuers]
    trusted = [role.trust.oidc for role in manifest.management_roles.values() if role.trust.oidc]
    named += [(oidc.provider, oidc.audience) for oidc in trusted]
    found: dict[str, list[str]] = {}
    for host, audience in dict.fromkeys(named):
        if host not in made:
            found.setdefault(host, []).append(audience)
    return found


def _entity_of(provider: str) -> str:
    return f"{_IDENTITY_PROVIDER}{provider}"
