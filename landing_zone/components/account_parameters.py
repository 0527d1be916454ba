"""What accounts say of themselves and of each other: parameters of Systems Manager, which cost nothing."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from landing_zone.account_map import AccountEntry, parameter_name
from landing_zone.stack_config import BootstrapConfig, SubaccountConfig
from landing_zone.whereami import PARAMETER, Whereabouts, as_text

_TEXT = "String"


def say_which_account(config: BootstrapConfig | SubaccountConfig, provider: aws.Provider) -> None:
    """Make the parameter by which a program finds out which account, unit and stage it runs in."""
    here = Whereabouts(
        organization=config.organization,
        account=config.account,
        id=config.account_id,
        unit=config.unit,
        stage=config.stage,
    )
    # Nothing secret: written in the open, so that a preview shows what changes.
    aws.ssm.Parameter(
        "account",
        name=PARAMETER,
        type=_TEXT,
        insecure_value=as_text(here),
        description="Which account this is, for programs that want to be sure",
        opts=pulumi.ResourceOptions(provider=provider),
    )


class AccountMapParameters(pulumi.ComponentResource):
    """The account map: one parameter for each account. `names` are those of the parameters."""

    names: list[str]

    def __init__(self, name: str, *, entries: Sequence[AccountEntry], provider: aws.Provider) -> None:
        super().__init__("fleetyard:landingzone:AccountMap", name)
        for entry in entries:
            aws.ssm.Parameter(
                entry.name,
                name=parameter_name(entry.name),
                type=_TEXT,
                tier="Standard",
                insecure_value=entry.as_text(),
                opts=pulumi.ResourceOptions(parent=self, provider=provider),
            )
        self.names = [parameter_name(entry.name) for entry in entries]
        self.register_outputs({"names": self.names})
