"""What must hold between people, groups, last-resort users, accounts and management roles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from landing_zone.documents.people import groups_tag
from landing_zone.manifest.outline import Outline
from landing_zone.manifest.positions import Document, Path
from landing_zone.manifest.problems import Problems
from landing_zone.manifest.regions import known_regions
from landing_zone.manifest.rules_pipelines import ISSUERS, check_pipelines, phases
from landing_zone.manifest.rules_tags import check_characters

_TAG_VALUE = 256
"""Characters. Source: IAM User Guide, "Rules for tagging in IAM and AWS STS"."""

_OWN_TAGS = "fleetyard:"
_MOST_TAGS = 49
"""Of a user's 50 tags Fleetyard gives one, that of the groups. Source: the same page."""


def check_people(outline: Outline, document: Document, problems: Problems) -> None:
    """Note names that nothing has, users that stand in two places, and management roles that nobody may become."""
    values = _block(document.values)
    _check_groups(values, outline, document, problems)
    _check_users(values, outline, document, problems)
    _check_last_resort(values, outline, document, problems)
    check_pipelines(values, outline, document, problems)
    _check_regions(values, document, problems)


def becoming(values: Any) -> frozenset[str]:
    """Return the management roles that a group of people or a pipeline names, read from a manifest's plain values."""
    fleet = _block(values)
    groups = _block(_block(fleet.get("people")).get("groups"))
    named = [role for group in groups.values() for role in _texts(_block(group).get("management_roles"))]
    return frozenset((*named, *(role for _, _, role in phases(fleet))))


def is_unreadable(values: Any) -> bool:
    """Return whether a block that names management roles for people or pipelines has the wrong type, which is told."""
    people, ci = _block(_block(values).get("people")), _block(_block(values).get("ci"))
    found = [_block(values).get("people"), _block(values).get("ci"), people.get("groups")]
    for issuer, key in ISSUERS:
        found += [ci.get(issuer), _block(ci.get(issuer)).get(key)]
    return any(block is not None and not isinstance(block, Mapping) for block in found)


def _check_groups(values: Mapping[str, Any], outline: Outline, document: Document, problems: Problems) -> None:
    groups = _block(_block(values.get("people")).get("groups"))
    known = [role.name for role in outline.management_roles]
    _check_case(groups, ("people", "groups"), document, problems)
    for name, group in groups.items():
        for at, role in enumerate(_texts(_block(group).get("management_roles"))):
            if role not in known:
                place = document.value("people", "groups", name, "management_roles", at)
                problems.add_unknown(place, "no management role is called", role, known)


def _check_users(values: Mapping[str, Any], outline: Outline, document: Document, problems: Problems) -> None:
    people = _block(values.get("people"))
    groups, users = _block(people.get("groups")), _block(people.get("users"))
    _check_account(people, outline, document, problems)
    _check_case(users, ("people", "users"), document, problems)
    for name, user in users.items():
        path: Path = ("people", "users", name)
        own = _texts(_block(user).get("groups"))
        for at, group in enumerate(own):
            if group not in groups:
                problems.add_unknown(document.value(*path, "groups", at), "no group is called", group, groups)
        if len(groups_tag(own)) > _TAG_VALUE:
            what = f"the names of {name}'s groups have {len(groups_tag(own))} characters with colons between them"
            problems.add(document.key(*path, "groups"), f"{what}; the tag that holds them takes {_TAG_VALUE}")
        _check_tags(_block(_block(user).get("tags")), (*path, "tags"), document, problems)
    if _held_by_management(people, outline):
        _check_named_twice(users, outline, document, problems)


def _check_tags(tags: Mapping[str, Any], path: Path, document: Document, problems: Problems) -> None:
    """Source: IAM User Guide, "Rules for tagging in IAM and AWS STS"."""
    _check_case(tags, path, document, problems)
    for tag in tags:
        if tag.lower().startswith(("aws:", _OWN_TAGS)):
            problems.add(document.key(*path, tag), f"the tag {tag} is not yours to give")
    check_characters(tags, path, "IAM takes", document, problems)
    if len(tags) > _MOST_TAGS:
        what = f"{len(tags)} tags, and IAM takes {_MOST_TAGS} beside the one that Fleetyard gives"
        problems.add(document.key(*path), what)


def _check_account(people: Mapping[str, Any], outline: Outline, document: Document, problems: Problems) -> None:
    account = people.get("account")
    if not isinstance(account, str) or not account or outline.accounts is None:
        return
    names = [line.name for line in outline.accounts]
    if account not in names:
        problems.add_unknown(document.value("people", "account"), "no account is called", account, names)


def _held_by_management(people: Mapping[str, Any], outline: Outline) -> bool:
    account = people.get("account")
    return not account or any(line.management and line.name == account for line in outline.accounts or ())


def _check_named_twice(users: Mapping[str, Any], outline: Outline, document: Document, problems: Problems) -> None:
    """Note people that a role trusts by name: the role would need the user to be there before it."""
    for role in outline.management_roles:
        for at, user in enumerate(_texts(_block(role.trusted).get("users"))):
            if user in users:
                place = document.value(*role.path, "trusted", "users", at)
                problems.add(place, f"{user} stands under people: name {role.name} in a group of theirs instead")


def _check_last_resort(values: Mapping[str, Any], outline: Outline, document: Document, problems: Problems) -> None:
    users = _block(_block(values.get("people")).get("users"))
    names = _texts(_block(values.get("last_resort")).get("users"))
    lower = {name.lower(): name for name in users}
    trusted = {
        user.rpartition("/")[2].lower(): role.name
        for role in outline.management_roles
        for user in _texts(_block(role.trusted).get("users"))
    }
    first: dict[str, str] = {}
    for at, name in enumerate(names):
        place = document.value("last_resort", "users", at)
        if name.lower() in lower:
            problems.add(place, f"{name} stands under people as well; a last-resort user is nobody's own")
        if role := trusted.get(name.lower()):
            problems.add(place, f"{name} is trusted by {role}; a last-resort user is made here and becomes no role")
        other = first.setdefault(name.lower(), name)
        if name in names[:at]:
            problems.add(place, f"{name} stands here twice")
        elif other != name:
            problems.add(place, f"{other} and {name} are one name to AWS, which ignores case")


def _check_regions(values: Mapping[str, Any], document: Document, problems: Problems) -> None:
    regions = _texts(_block(_block(values.get("last_resort")).get("alarm")).get("regions"))
    known = known_regions() if regions else ()
    for at, region in enumerate(regions):
        if region not in known:
            problems.add_unknown(
                document.value("last_resort", "alarm", "regions", at), "AWS has no region", region, known
            )


def _check_case(names: Iterable[str], path: Path, document: Document, problems: Problems) -> None:
    """Note names that differ in case only. Source: IAM User Guide, "IAM and AWS STS quotas", name requirements."""
    first: dict[str, str] = {}
    for name in names:
        other = first.setdefault(name.lower(), name)
        if other != name:
            problems.add(document.key(*path, name), f"{other} and {name} are one name to AWS, which ignores case")


def _block(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _texts(value: Any) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
