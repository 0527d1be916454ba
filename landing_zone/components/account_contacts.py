"""Whom AWS turns to about an account, beside the root user's address."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from landing_zone.account_settings import Contact


class AccountContacts(pulumi.ComponentResource):
    """At most three contacts, put from within the account, one after the other.

    Account Management takes one deletion per second from an account. Source: AWS Account Management Reference Guide,
    "Quotas for AWS Account Management".
    """

    def __init__(
        self, name: str, *, contacts: Sequence[Contact], parent: pulumi.Resource, provider: aws.Provider
    ) -> None:
        super().__init__("fleetyard:landingzone:AccountContacts", name, None, pulumi.ResourceOptions(parent=parent))
        before: list[pulumi.Resource] = []
        for contact in contacts:
            made = aws.account.AlternativeContact(
                contact.kind,
                alternate_contact_type=contact.kind.upper(),
                name=contact.name,
                title=contact.title,
                email_address=contact.email,
                phone_number=contact.phone,
                opts=pulumi.ResourceOptions(parent=self, provider=provider, depends_on=before),
            )
            before = [made]
        self.register_outputs({})
