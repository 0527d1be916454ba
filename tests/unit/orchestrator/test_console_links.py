"""Links into the console: which there are, what they are made of, and what each asks for."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from landing_zone.fleet import Manifest
from landing_zone.lock import Lock
from orchestrator.people.console_links import BLUE, GREEN, ORANGE, RED, YELLOW, console_links
from orchestrator.people.errors import NameTooLong, NotGranted
from orchestrator.people.granted_roles import Wanted, granted
from tests.unit.orchestrator.fleets import FLEET, LOCK, small_fleet

EVERYTHING = Wanted()
OTHERS = """\
  Management-Reader:
    trusted: {saml: {provider: okta}}
    state: none
    grants:
      - {roles: [ReadOnly], accounts: [lab-two]}
  Management-Robot:
    trusted: {oidc: {provider: token.example.com, subjects: ["repo:x"]}}
    state: none
    grants:
      - {roles: [ReadOnly], accounts: [lab-one]}
"""


def a_fleet(text: str = FLEET) -> Manifest:
    """Return the small fleet with management roles for people of a SAML provider and for programs."""
    text = text.replace("roles:\n  Admin", "roles:\n  ReadOnly: {managed_policies: [ReadOnlyAccess]}\n  Admin", 1)
    return small_fleet(text.replace("units:\n  core", f"{OTHERS}units:\n  core"))


def query_of(url: str) -> dict[str, str]:
    """Return the parameters of a link."""
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def links_of(manifest: Manifest, wanted: Wanted = EVERYTHING) -> dict[tuple[str, str, str], str]:
    """Return the links by management role, account and role."""
    links = console_links(manifest, granted(manifest, LOCK, wanted))
    return {(link.management_role, link.account, link.role): link.url for link in links}


def test_there_is_a_link_for_each_grant_and_no_other() -> None:
    """Exactly the pairs that the manifest grants have links, each under the management role that is granted it."""
    manifest = a_fleet()
    assert set(links_of(manifest)) == manifest.reach()


def test_a_link_has_the_documented_form() -> None:
    """A link names account, role, display name and colour in the parameters of AWS's switch-role page."""
    url = links_of(a_fleet(), Wanted("lab-one", "Admin"))["Management-Admin", "lab-one", "Admin"]
    assert url.startswith("https://signin.aws.amazon.com/switchrole?account=200000000002&roleName=Admin&displayName=")
    assert query_of(url) == {
        "account": "200000000002",
        "roleName": "Admin",
        "displayName": "Admin@lab-one",
        "color": ORANGE,
    }


@pytest.mark.parametrize(
    ("stage", "colour"), [("prod", RED), ("staging", YELLOW), ("dev", GREEN), ("sandbox", BLUE), ("other", ORANGE)]
)
def test_the_stage_gives_the_colour(stage: str, colour: str) -> None:
    """Each stage has its colour, production's is red."""
    text = FLEET.replace("lab-one: {email: one@small.example,", f"lab-one: {{email: one@small.example, stage: {stage},")
    assert query_of(links_of(a_fleet(text))["Management-Admin", "lab-one", "Admin"])["color"] == colour


def test_an_alias_stands_in_for_the_id() -> None:
    """An account whose vars hold its alias is named by it in the link."""
    text = FLEET.replace("lab-one: {email", "lab-one: {vars: {account_alias: small-lab}, email")
    assert query_of(links_of(a_fleet(text))["Management-Admin", "lab-one", "Admin"])["account"] == "small-lab"


def test_the_alias_that_is_set_stands_in_for_the_id() -> None:
    """An account whose settings give it an alias is named by that, also where its vars hold another."""
    text = FLEET.replace("lab-one: {email", "lab-one: {vars: {account_alias: old}, email")
    text += 'account_settings: {alias: "${organization}-${account.name}"}\n'
    assert query_of(links_of(a_fleet(text))["Management-Admin", "lab-one", "Admin"])["account"] == "small-lab-one"


@pytest.mark.parametrize("alias", ["ab", "Small", "a--b", "-ab", '"7"'])
def test_an_impossible_alias_is_refused(alias: str) -> None:
    """A text that AWS takes for no alias makes no link."""
    text = FLEET.replace("lab-one: {email", f"lab-one: {{vars: {{account_alias: {alias}}}, email")
    with pytest.raises(NameTooLong, match="3 to 63 characters"):
        links_of(a_fleet(text))


def test_a_display_name_may_have_64_characters_and_no_more() -> None:
    """A display name of 64 characters makes a link; one more is refused with both numbers, and nothing is cut off."""
    manifest = a_fleet()
    (grant,) = granted(manifest, LOCK, Wanted("lab-one", "Admin"))
    longest = 64 - len("@lab-one")
    (link,) = console_links(manifest, [replace(grant, role="x" * longest)])
    assert len(link.display_name) == 64
    with pytest.raises(NameTooLong, match="has 65 characters, 64 are allowed"):
        console_links(manifest, [grant, replace(grant, role="x" * (longest + 1))])


def test_a_role_with_its_path_may_have_64_characters() -> None:
    """The console's form takes 64 characters of path and name together."""
    manifest = a_fleet()
    (grant,) = granted(manifest, LOCK, Wanted("lab-one", "Admin"))
    with pytest.raises(NameTooLong, match=r"the role .* has 65 characters, 64 are allowed"):
        console_links(manifest, [replace(grant, role="p/" + "x" * 63)])


def test_an_account_that_does_not_exist_has_no_link() -> None:
    """Before AWS has made an account there is nothing to switch to."""
    manifest = a_fleet()
    assert console_links(manifest, granted(manifest, Lock())) == ()


@pytest.mark.parametrize(
    ("management_role", "words"),
    [
        ("Management-Admin", "IAM users (ops) open a link made from their Management-Admin session, got with MFA"),
        ("Management-Reader", "not merely switched to it; sign in through the SAML provider okta"),
        ("Management-Robot", "only programs are trusted"),
    ],
)
def test_each_link_says_what_must_hold_before_it(management_role: str, words: str) -> None:
    """The precondition names the session that must be signed in, and the way in that this role's trust allows."""
    manifest = a_fleet()
    (link, *_) = console_links(manifest, granted(manifest, LOCK, Wanted(management_role=management_role)))
    assert link.precondition.startswith(f"be signed in to the console as {management_role} of root (100000000001)")
    assert words in link.precondition


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        (Wanted(), 4),
        (Wanted("lab-o*"), 2),
        (Wanted("200000000002"), 2),
        (Wanted("", "Adm*"), 2),
        (Wanted("lab-one", "ReadOnly"), 1),
        (Wanted("", "", "Management-Robot"), 1),
    ],
)
def test_names_globs_and_ids_select(wanted: Wanted, count: int) -> None:
    """An account is meant by name, glob or id, a role by name or glob, a management role by name."""
    assert len(granted(a_fleet(), LOCK, wanted)) == count


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (Wanted("lab-on"), "did you mean lab-one"),
        (Wanted("", "Admn"), "did you mean Admin"),
        (Wanted("", "", "Management-Reder"), "did you mean Management-Reader"),
        (Wanted("root"), "there are "),
        (Wanted("lab-two", "ReadOnly", "Management-Robot"), "each of the names exists"),
    ],
)
def test_what_is_not_granted_is_said_with_the_nearest_name(wanted: Wanted, words: str) -> None:
    """Asking for what nobody is granted is refused: the nearest name, or all there are."""
    with pytest.raises(NotGranted) as caught:
        granted(a_fleet(), LOCK, wanted)
    assert words in caught.value.why


@pytest.mark.parametrize(
    ("region", "host"),
    [("us-gov-west-1", "signin.amazonaws-us-gov.com"), ("cn-north-1", "signin.amazonaws.cn")],
)
def test_other_partitions_sign_in_elsewhere(region: str, host: str) -> None:
    """GovCloud and China have sign-in hosts of their own."""
    manifest = replace(a_fleet(), region=region)
    (url, *_) = links_of(manifest).values()
    assert urlsplit(url).hostname == host
