"""Links that open the AWS console in a role of a member account, and what each asks of whoever opens it.

Source of the form: IAM User Guide, "Switch from a user to an IAM role (console)":
`https://signin.aws.amazon.com/switchrole?account=<id or alias>&roleName=<name>&displayName=<text>`. The parameter
`color` is the one of the page's own form (hexadecimal, without #); AWS does not document it, and a colour that the page
does not offer leaves the choice empty.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from landing_zone.account_alias import account_alias
from landing_zone.fleet import Account, ManagementRole, Manifest
from orchestrator.people.errors import NameTooLong
from orchestrator.people.granted_roles import Grant
from orchestrator.people.sign_in_hosts import partition_of_region, sign_in_hosts

DISPLAY_NAME = 64
"""Characters. The page answers 400 to more. Source: tilfinltd/aws-extend-switch-roles, issue 244."""

SWITCHED_NAME = 64
"""Characters of a role's path and name together. Source: IAM User Guide, "Methods to assume a role", Important."""

ALIAS_VARIABLE = "account_alias"
"""The key under an account's `vars` that holds its alias, if it has one that its settings do not say."""

_ALIAS = re.compile(r"(?=.{3,63}\Z)[a-z0-9](?:-?[a-z0-9])*")
"""Source: IAM API Reference, CreateAccountAlias, AccountAlias."""

RED, YELLOW, GREEN, BLUE, ORANGE = "F2B0A9", "FAD791", "B7CA9D", "99BCE3", "FBBF93"
_COLOURS = {
    **dict.fromkeys(("prod", "production", "live"), RED),
    **dict.fromkeys(("staging", "stage", "preprod", "uat", "test", "qa"), YELLOW),
    **dict.fromkeys(("dev", "development"), GREEN),
    **dict.fromkeys(("sandbox", "lab", "playground"), BLUE),
}
"""By stage; an account without a stage, or with another one, is orange. The five are those of the page's form."""


@dataclass(frozen=True, slots=True)
class ConsoleLink:
    """A switch-role link, and what must hold before it works. `account_in_link` is the alias if known, else the id."""

    management_role: str
    account: str
    account_id: str
    account_in_link: str
    role: str
    display_name: str
    colour: str
    url: str
    precondition: str


def console_links(manifest: Manifest, grants: Sequence[Grant]) -> tuple[ConsoleLink, ...]:
    """Return the link of each grant whose account exists; raises NameTooLong, naming every name at once."""
    existing = [grant for grant in grants if grant.account_id]
    _refuse_impossible_names(existing)
    host = sign_in_hosts(partition_of_region(manifest.region)).sign_in
    return tuple(_link(manifest, grant, host) for grant in existing)


def precondition(manifest: Manifest, role: ManagementRole) -> str:
    """Return what must hold before the links of a management role work.

    The console authorises a switch with the session one signed in as, never with a role one has switched to. Source:
    IAM User Guide, "Switch from a user to an IAM role (console)", Important.
    """
    account = manifest.management_account
    return (
        f"be signed in to the console as {role.name} of {account.name} ({account.id}), not merely switched to it; "
        f"{_ways_in(role)}"
    )


def _ways_in(role: ManagementRole) -> str:
    trust = role.trust
    ways = [f"sign in through the SAML provider {trust.saml.provider}"] if trust.saml else []
    if center := trust.identity_center:
        sets = " or ".join(center.permission_sets)
        own = f"sign in through Identity Center by the permission set {sets}, if its own policy allows the switch"
        made = f"people of Identity Center ({sets}) open a link made from their {role.name} session first: "
        ways.append(own if center.direct else f"{made}fleetyard console --sign-in")
    if trust.users:
        mfa = ", got with MFA," if trust.mfa else ""
        ways.append(
            f"IAM users ({', '.join(trust.users)}) open a link made from their {role.name} session{mfa} first: "
            "fleetyard console --sign-in"
        )
    if trust.people:
        ways.append(
            f"people in {' or '.join(trust.people.groups)} open a link made from their {role.name} session, got with "
            "MFA, first: fleetyard console --sign-in"
        )
    if (trust.oidc or trust.pipelines) and not ways:
        ways.append("only programs are trusted to become it; open a link made from its session: console --sign-in")
    return "; or ".join(ways)


def colour_of(account: Account) -> str:
    """Return an account's colour in the console, hexadecimal without #."""
    return _COLOURS.get(account.stage.lower(), ORANGE)


def display_name(grant: Grant) -> str:
    """Return what the console shows while the role is active."""
    return f"{grant.role}@{grant.account.name}"


def _link(manifest: Manifest, grant: Grant, host: str) -> ConsoleLink:
    alias = account_alias(manifest, grant.account, grant.account_id) or grant.account.vars.get(ALIAS_VARIABLE)
    target = str(alias or grant.account_id)
    name, colour = display_name(grant), colour_of(grant.account)
    query = urlencode({"account": target, "roleName": grant.role, "displayName": name, "color": colour})
    return ConsoleLink(
        management_role=grant.management_role.name,
        account=grant.account.name,
        account_id=grant.account_id,
        account_in_link=target,
        role=grant.role,
        display_name=name,
        colour=colour,
        url=f"{host}/switchrole?{query}",
        precondition=precondition(manifest, grant.management_role),
    )


def _refuse_impossible_names(grants: Sequence[Grant]) -> None:
    problems = dict.fromkeys(problem for grant in grants for problem in _problems_of(grant))
    if problems:
        raise NameTooLong(
            "the console does not take these names",
            why="; ".join(problems),
            not_run="no link was made",
            hint="shorten them in fleet.yaml, or ask for the others: fleetyard console ACCOUNT ROLE",
        )


def _problems_of(grant: Grant) -> list[str]:
    problems = []
    name = display_name(grant)
    if len(name) > DISPLAY_NAME:
        problems.append(f"the display name {name} has {len(name)} characters, {DISPLAY_NAME} are allowed")
    if len(grant.role) > SWITCHED_NAME:
        problems.append(f"the role {grant.role} has {len(grant.role)} characters, {SWITCHED_NAME} are allowed")
    alias = grant.account.vars.get(ALIAS_VARIABLE)
    if alias and not (isinstance(alias, str) and _ALIAS.fullmatch(alias)):
        problems.append(
            f"vars.{ALIAS_VARIABLE} of {grant.account.name} is {alias!r}, and an alias has 3 to 63 characters: "
            "lower-case letters, digits and single hyphens between them"
        )
    return problems
