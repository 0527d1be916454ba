"""How each kind of person becomes a management role: with MFA, by a permission set, a SAML response or a token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestrator.rehearse.newcomers import become_by_token
from orchestrator.rehearse.people import Person, sign_in
from orchestrator.rehearse.providers import become_by_saml

if TYPE_CHECKING:
    from orchestrator.rehearse.access import Access, Credentials


def become(access: Access, person: Person, role: str, signed_in: dict[str, Credentials]) -> Credentials:
    """Become a role, given by its ARN, in the way that this person comes; botocore's ClientError when refused.

    `signed_in` are the sessions of people who have signed in already, by name; whoever signs in now is added.
    """
    if person.pipeline:
        return become_by_token(access, person.pipeline, role)
    if person.saml:
        return become_by_saml(access, person.saml, role)
    if person.user not in signed_in:
        signed_in[person.user] = sign_in(access, person)
    return access.assume(signed_in[person.user], role, person.user)
