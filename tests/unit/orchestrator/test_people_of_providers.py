"""Whom a rehearsal plays for providers that the company made by hand: SAML, OpenID Connect."""

from __future__ import annotations

from pathlib import Path

from orchestrator.rehearse.keepsake import Keepsake, load, save
from orchestrator.rehearse.newcomers import issuers_of
from orchestrator.rehearse.people import Person
from orchestrator.rehearse.providers import people_of_providers
from tests.unit.landing_zone.fleets import edited, parsed

SAML = "saml: {provider: corporate}"
OIDC = "oidc: {provider: ci.small.example/id, subjects: ['project:*:main']}"


def people(trust: str) -> tuple[Person, ...]:
    """Return those who are played where Management-Admin is trusted like this."""
    return people_of_providers(parsed(edited(("trusted: {users: [ops]}", f"trusted: {{{trust}}}"))))


def test_somebody_signs_in_by_saml() -> None:
    """A role that only a SAML provider's people may become gets one of them, who is no IAM user."""
    [person] = people(SAML)
    assert person.saml is not None
    assert person.saml.provider == "arn:aws:iam::100000000001:saml-provider/corporate"
    assert (person.saml.role, person.is_user) == ("Management-Admin", False)


def test_a_program_signs_in_by_openid_connect() -> None:
    """A role that only an OpenID Connect provider's programs may become gets one, and the twin its issuer's keys."""
    [program] = people(OIDC)
    assert program.pipeline is not None
    assert (program.pipeline.subject, program.pipeline.audience) == ("project:any:main", "sts.amazonaws.com")
    assert list(issuers_of([program])) == ["ci.small.example/id"]


def test_every_provider_has_somebody() -> None:
    """Where users, a SAML provider and an OpenID Connect provider may become one role, both providers are played."""
    person, program = people(f"users: [ops], {SAML}, {OIDC}")
    assert (person.saml is not None, program.pipeline is not None) == (True, True)


def test_users_alone_need_no_provider() -> None:
    """Where no role trusts a provider, nobody of one is played."""
    assert people("users: [ops]") == ()


def test_keys_of_one_issuer_are_all_known() -> None:
    """Two signers of one issuer are both known to the twin."""
    both = [person for _ in range(2) for person in people(OIDC)]
    assert len(issuers_of(both)["ci.small.example/id"]["keys"]) == 2


def test_they_are_kept(tmp_path: Path) -> None:
    """A kept rehearsal's people sign in by SAML in later commands too."""
    kept = Keepsake(people(SAML), "passphrase")
    save(tmp_path, kept)
    assert load(tmp_path) == kept
