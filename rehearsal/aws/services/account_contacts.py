"""Account Management: an account's contacts beside its root user's, put from within the account itself.

The provider's `accountId`, with which the management account puts them for others, is not offered.
Source: pulumi_aws 7.51.1 (`account/alternative_contact.py`), terraform-provider-aws
`internal/service/account/alternate_contact.go`.
"""

from __future__ import annotations

from rehearsal.aws.operations import operation
from rehearsal.aws.properties import AutoName, Property
from rehearsal.aws.resource_type import Change, ResourceType

_PUT = operation(
    "put_alternate_contact",
    AlternateContactType="alternateContactType",
    EmailAddress="emailAddress",
    Name="name",
    PhoneNumber="phoneNumber",
    Title="title",
)

ALTERNATIVE_CONTACT = ResourceType(
    type="aws:account/alternativeContact:AlternativeContact",
    title="Account Alternate Contact",
    service="account",
    regional=False,
    properties=(
        Property("alternateContactType", required=True, replaces=True, one_of=("BILLING", "OPERATIONS", "SECURITY")),
        Property("emailAddress", required=True),
        # Required by terraform; Pulumi makes one up, as for everything with a name.
        Property("name", auto_name=AutoName(longest=64)),
        Property("phoneNumber", required=True),
        Property("title", required=True),
    ),
    # Before the slash stands the account, and nothing for the caller's own.
    id="/{alternateContactType}",
    create=_PUT,
    read=operation("get_alternate_contact", "AlternateContact", AlternateContactType="alternateContactType"),
    changes=(Change(("emailAddress", "name", "phoneNumber", "title"), _PUT),),
    delete=operation("delete_alternate_contact", AlternateContactType="alternateContactType"),
    not_found=("ResourceNotFoundException",),
)

TYPES = (ALTERNATIVE_CONTACT,)
