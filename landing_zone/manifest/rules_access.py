"""What must hold for permissions, account map, organisation reader and hub. The files' grammar is judged elsewhere."""

from __future__ import annotations

from collections.abc import Iterable

from landing_zone.identifiers import ACCOUNT_ACCESS_ROLE
from landing_zone.limits import MANAGED_POLICIES_PER_ROLE
from landing_zone.manifest.access_lines import AccessLines, HubLine, PermissionsLine, RoleLine
from landing_zone.manifest.outline import Outline, Text
from landing_zone.manifest.policy_files import VARS
from landing_zone.manifest.positions import Document
from landing_zone.manifest.problems import Problems
from landing_zone.organization_policies import is_iams_own
from landing_zone.stack_config.access import ACCOUNT_FIELDS, FLEET_FIELDS
from landing_zone.substitution import account_in, references, unclosed

_AWS_OWN = "AWSReservedSSO_"


def check_access(outline: Outline, document: Document, problems: Problems) -> None:
    """Note everything that is wrong with them."""
    lines = outline.access or AccessLines()
    for line in lines.permissions or ():
        _check_file(line, outline, problems)
    for role in lines.used:
        _check_policies(role, lines, document, problems)
    _check_management_roles(lines.readers, outline, document, problems)
    if lines.hub is not None:
        _check_hub(lines.hub, outline, document, problems)
    _check_reader(lines, outline, document, problems)


def _check_file(line: PermissionsLine, outline: Outline, problems: Problems) -> None:
    if line.found is None:
        return
    written = line.found.document
    if VARS in written.values:
        problems.add(written.key(VARS), "permissions take no vars; see docs/least-privilege.md for what they may name")
    for beginning, path in unclosed(line.found.template):
        problems.add(written.value(*path), f'"{beginning}" lacks its closing brace')
    names = [account.name for account in outline.accounts or ()]
    for reference, path in references(line.found.template):
        other = account_in(reference)
        if is_iams_own(reference) or reference in (*ACCOUNT_FIELDS, *FLEET_FIELDS):
            continue
        if other and (outline.accounts is None or other in names):
            continue
        place = written.value(*path)
        if other:
            problems.add_unknown(place, f"${{{reference}}}: no account is called", other, names)
        else:
            known = [f"${{{name}}}" for name in (*ACCOUNT_FIELDS, *FLEET_FIELDS, "accounts.NAME.id")]
            problems.add_unknown(place, "nothing is called", f"${{{reference}}}", known)


def _check_policies(role: RoleLine, lines: AccessLines, document: Document, problems: Problems) -> None:
    given = len(role.permissions) + len(role.managed_policies)
    if not given and role.readable:
        problems.add(document.key(*role.path), f"{role.path[-1]} may do nothing: give managed_policies or permissions")
    if given > MANAGED_POLICIES_PER_ROLE:
        most = f"a role takes {MANAGED_POLICIES_PER_ROLE} policies, permissions and managed_policies together"
        problems.add(document.key(*role.path), f"{most}; {role.path[-1]} has {given}")
    if lines.permissions is None:
        return
    known = [line.name for line in lines.permissions]
    for name in role.permissions:
        if name.value not in known:
            problems.add_unknown(document.value(*name.path), "no permissions are called", name.value, known)


def _check_management_roles(names: Iterable[Text], outline: Outline, document: Document, problems: Problems) -> None:
    known = [role.name for role in outline.management_roles]
    for name in names:
        if name.value not in known:
            problems.add_unknown(document.value(*name.path), "no management role is called", name.value, known)


def _check_hub(hub: HubLine, outline: Outline, document: Document, problems: Problems) -> None:
    if hub.account is not None and outline.accounts is not None:
        members = [line.name for line in outline.accounts if not line.management]
        place = document.value(*hub.account.path)
        if any(line.management and line.name == hub.account.value for line in outline.accounts):
            problems.add(place, f"{hub.account.value} is the management account; the hub is in a member account")
        elif hub.account.value not in members:
            problems.add_unknown(place, "no account is called", hub.account.value, members)
    if not hub.trusts_somebody:
        problems.add(document.key(*hub.path, "trusted"), "nobody may become the hub: give management_roles or services")
    _check_management_roles(hub.management_roles, outline, document, problems)
    taken = {name.lower(): "a role of roles" for name in outline.roles or ()}
    for role, what in ((hub.role, "the hub"), (hub.spoke_role, "its spoke")):
        if role is not None:
            _check_name(role, taken, document, problems)
            taken[role.value.lower()] = what


def _check_reader(lines: AccessLines, outline: Outline, document: Document, problems: Problems) -> None:
    reader = lines.organization_reader
    if reader is None:
        return
    _check_name(
        reader, {role.name.lower(): "a management role" for role in outline.management_roles}, document, problems
    )
    if lines.hub is None:
        problems.add(document.value(*reader.path), f"nobody may become {reader.value}: it is the hub's; give hub")


def _check_name(role: Text, taken: dict[str, str], document: Document, problems: Problems) -> None:
    place = document.value(*role.path)
    if role.value.lower() == ACCOUNT_ACCESS_ROLE.lower() or role.value.startswith(_AWS_OWN):
        problems.add(place, f"the role name {role.value} is AWS's own")
    elif role.value.lower() in taken:
        other = taken[role.value.lower()]
        problems.add(place, f"{role.value} is the name of {other} already; AWS ignores case")
