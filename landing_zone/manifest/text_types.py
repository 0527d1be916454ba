"""Texts of the manifest that have a form: the pattern for validation and editors, and the words to say it in."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from landing_zone.limits import ACCOUNT_NAME, EMAIL, ROLE_NAME

_ORGANIZATION = r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"
_ACCOUNT_ID = r"^[0-9]{12}$"
REGION = r"^[a-z]{2}(-[a-z]+)+-[0-9]$"
_EMAIL = r"^[^\s@]+@[^\s@]+\.[^\s@]+$"
_ACCOUNT_NAME = r"^[A-Za-z0-9][A-Za-z0-9_-]*$"
_UNIT_NAME = r"^[^/*?\[\]]+$"
_ROLE_NAME = r"^[A-Za-z0-9_+=,.@-]+$"
_POLICY = r"^(arn:aws:iam::([0-9]{12}|aws):policy/)?[A-Za-z0-9_+=,.@/-]+$"
_USER = r"^[A-Za-z0-9_+=,.@-]+(/[A-Za-z0-9_+=,.@-]+)*$"
_OIDC = r"^[A-Za-z0-9.-]+(/[A-Za-z0-9._~/-]+)?$"
_DESCRIPTION = r"^[\x20-\x7E\xA1-\xFF]*$"
_WORKLOAD = r"^[a-z][a-z0-9-]*$"
_WORD = r"^\S(.*\S)?$"

FORMS = {
    _ORGANIZATION: "lower-case letters, digits and hyphens",
    _ACCOUNT_ID: 'an account id of 12 digits in quotes, such as "111122223333"',
    REGION: "an AWS region such as eu-west-1",
    _EMAIL: "an email address",
    _ACCOUNT_NAME: "letters, digits, - and _ (it is part of stack names)",
    _UNIT_NAME: "a name without /, *, ? and brackets",
    _ROLE_NAME: "letters, digits and _+=,.@-",
    _POLICY: "a managed policy's name such as ReadOnlyAccess or job-function/Billing, or its ARN",
    _USER: "a name as IAM has it, with its path if it has one",
    _OIDC: "host and path without https://",
    _DESCRIPTION: "one line of Latin letters",
    _WORKLOAD: "lower-case letters, digits and hyphens, a letter first (it is the name of a folder and a project)",
    _WORD: "text without white space at its ends",
}
"""What each pattern asks for, in words."""

OrganizationName = Annotated[str, StringConstraints(pattern=_ORGANIZATION)]
AccountId = Annotated[str, StringConstraints(pattern=_ACCOUNT_ID)]
Region = Annotated[str, StringConstraints(pattern=REGION)]
Email = Annotated[str, StringConstraints(pattern=_EMAIL, min_length=6, max_length=EMAIL)]
AccountName = Annotated[str, StringConstraints(pattern=_ACCOUNT_NAME, max_length=ACCOUNT_NAME)]
UnitName = Annotated[str, StringConstraints(pattern=_UNIT_NAME, max_length=128)]
RoleName = Annotated[str, StringConstraints(pattern=_ROLE_NAME, max_length=ROLE_NAME)]
ManagedPolicy = Annotated[str, StringConstraints(pattern=_POLICY)]
UserName = Annotated[str, StringConstraints(pattern=_USER)]
OidcProvider = Annotated[str, StringConstraints(pattern=_OIDC)]
Description = Annotated[str, StringConstraints(pattern=_DESCRIPTION, max_length=1000)]
"""Source: IAM API Reference, CreateRole, Description."""
TagKey = Annotated[str, StringConstraints(pattern=_WORD, max_length=128)]
TagValue = Annotated[str, StringConstraints(max_length=256)]
"""Source: AWS General Reference, "Tag naming limits and requirements"."""
WorkloadName = Annotated[str, StringConstraints(pattern=_WORKLOAD, max_length=100)]
Word = Annotated[str, StringConstraints(pattern=_WORD)]
