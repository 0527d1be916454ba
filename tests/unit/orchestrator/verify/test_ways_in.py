"""Roles that let in from outside whom the manifest does not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError

from orchestrator.rehearse.access import Access, Credentials
from orchestrator.verify.documents import FleetDocuments
from orchestrator.verify.looking import list_roles
from orchestrator.verify.prober_role import PROBER, prober_trust
from orchestrator.verify.probing import SignedIn
from orchestrator.verify.report import as_json, as_text
from orchestrator.verify.verification import Verification, Verifier, all_accounts
from orchestrator.verify.ways_in import Looked, RoleFound, WayIn, ways_in
from tests.unit.landing_zone.fleets import SMALL, full_lock, parsed, problems_of

MANAGEMENT, PROD, OTHER = "100000000001", "100000000003", "999999999999"
OIDC = f"arn:aws:iam::{PROD}:oidc-provider/token.actions.example"


def _trust(principal: object, **elements: object) -> Mapping[str, Any]:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **elements}
    return {"Version": "2012-10-17", "Statement": [statement]}


def _found(
    name: str, trust: Mapping[str, Any], path: str = "/", fleet: str = SMALL, *, on_twin: bool = False
) -> tuple[WayIn, ...]:
    manifest = parsed(fleet)
    documents = FleetDocuments(manifest, full_lock(manifest))
    return ways_in("prod", [RoleFound(name, path, trust)], documents, on_twin=on_twin)


def _ways(name: str, trust: Mapping[str, Any], path: str = "/", fleet: str = SMALL) -> list[tuple[str, ...]]:
    return [way.lets_in for way in _found(name, trust, path, fleet)]


def _own_trust(name: str) -> Mapping[str, Any]:
    manifest = parsed()
    role = FleetDocuments(manifest, full_lock(manifest)).role("prod", name)
    assert role is not None
    return json.loads(json.dumps(role.trusts))  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("principal", "who"),
    [
        pytest.param({"AWS": f"arn:aws:iam::{OTHER}:root"}, f"arn:aws:iam::{OTHER}:root", id="another account"),
        pytest.param({"AWS": OTHER}, OTHER, id="by its id"),
        pytest.param(
            {"AWS": f"arn:aws:iam::{MANAGEMENT}:role/Management-Admin"},
            f"arn:aws:iam::{MANAGEMENT}:role/Management-Admin",
            id="a management role",
        ),
        pytest.param({"AWS": "*"}, "anybody", id="anybody"),
        pytest.param("*", "anybody", id="anybody, short"),
        pytest.param({"Federated": OIDC}, OIDC, id="whom an identity provider lets in"),
        pytest.param(
            {"Service": ["ec2.amazonaws.com", "rolesanywhere.amazonaws.com"]},
            "rolesanywhere.amazonaws.com",
            id="holders of certificates of a CA elsewhere",
        ),
    ],
)
def test_a_role_that_the_manifest_does_not_have(principal: object, who: str) -> None:
    """Whoever comes from outside of the account is told."""
    assert _ways("Backdoor", _trust(principal)) == [(who,)]


@pytest.mark.parametrize(
    ("trust", "path"),
    [
        pytest.param(_trust({"Service": "lambda.amazonaws.com"}), "/", id="a service"),
        pytest.param(_trust({"AWS": f"arn:aws:iam::{PROD}:root"}), "/", id="the account itself"),
        pytest.param(_trust({"AWS": f"arn:aws:sts::{PROD}:assumed-role/Admin/x"}), "/", id="a session of its own"),
        pytest.param(_trust({"AWS": OTHER}, Effect="Deny"), "/", id="a denial"),
        pytest.param(_trust({"AWS": OTHER}, Action=["sts:TagSession", "sts:SetSourceIdentity"]), "/", id="tags alone"),
        pytest.param(
            _trust({"AWS": "*"}, Condition={"StringEquals": {"aws:PrincipalAccount": PROD}}), "/", id="its own id"
        ),
        pytest.param(
            _trust("*", Condition={"ArnLike": {"aws:principalarn": [f"arn:aws:iam::{PROD}:role/*"]}}),
            "/",
            id="its own ARNs",
        ),
        pytest.param(_trust({"AWS": OTHER}), "/aws-service-role/x.amazonaws.com/", id="a service's own role"),
        pytest.param(_trust({"Federated": OIDC}), "/aws-reserved/sso.amazonaws.com/", id="Identity Center's"),
    ],
)
def test_what_lets_nobody_in_from_outside(trust: Mapping[str, Any], path: str) -> None:
    """Services act for others, an account's own principals are in already, and AWS's own roles are AWS's."""
    assert _ways("Worker", trust, path) == []


@pytest.mark.parametrize(
    "elements",
    [
        pytest.param({"Action": "sts:Assume*"}, id="by a wildcard"),
        pytest.param({"Action": ["STS:assumerole", "sts:TagSession"]}, id="whatever its capitals"),
        pytest.param({"Condition": {"StringEquals": {"aws:PrincipalAccount": [PROD, OTHER]}}}, id="its own or another"),
        pytest.param({"Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/x"}}}, id="of any account"),
        pytest.param({"Condition": {"StringEqualsIfExists": {"aws:PrincipalAccount": PROD}}}, id="if it is there"),
        pytest.param({"Condition": {"StringNotEquals": {"aws:PrincipalAccount": PROD}}}, id="all others"),
        pytest.param({"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}}, id="an organisation"),
    ],
)
def test_what_lets_anybody_in_all_the_same(elements: Mapping[str, Any]) -> None:
    """An action that covers AssumeRole lets in, and a condition that somebody from outside can meet keeps nobody."""
    assert _ways("Backdoor", _trust("*", **elements)) == [("anybody",)]


def test_whoever_tries_probes() -> None:
    """A role of that name is left out on a twin alone, and only with exactly the trust that verify writes."""
    own = prober_trust(MANAGEMENT)
    assert _found(PROBER, own, on_twin=True) == ()
    assert [way.lets_in for way in _found(PROBER, own)] == [(f"arn:aws:iam::{MANAGEMENT}:root",)]
    for on_twin in (True, False):
        (way,) = _found(PROBER, _trust({"AWS": f"arn:aws:iam::{OTHER}:root"}), on_twin=on_twin)
        assert way.lets_in == (f"arn:aws:iam::{OTHER}:root",)
    wider = {**own, "Statement": [*own["Statement"], *_trust({"AWS": OTHER})["Statement"]]}
    assert len(_found(PROBER, wider, on_twin=True)) == 1


def test_a_service_more() -> None:
    """A service that a role of the manifest lets in and the manifest does not is told; of other roles it is not."""
    own = _own_trust("Admin")
    (service,) = _trust({"Service": "ec2.amazonaws.com"})["Statement"]
    assert _ways("Admin", {**own, "Statement": [*own["Statement"], service]}) == [("ec2.amazonaws.com",)]


def test_what_of_the_trust_is_not_expected() -> None:
    """A way in has the statements that let in, so that one can be told whose principal the manifest lets in too."""
    own = _own_trust("Admin")
    (statement, *others) = own["Statement"]
    without = {key: value for key, value in statement.items() if key != "Condition"}
    (way,) = _found("Admin", {**own, "Statement": [without, *others]})
    assert (way.lets_in, way.statements) == ((f"arn:aws:iam::{MANAGEMENT}:root",), (without,))


def test_a_role_of_the_manifest() -> None:
    """Its own trust is what the manifest says, however IAM writes it; one statement more lets somebody in."""
    own = dict(_own_trust("Admin"))
    own["Statement"] = own["Statement"][0] if len(own["Statement"]) == 1 else own["Statement"]
    assert _ways("Admin", own) == []
    wider = {**own, "Statement": [own["Statement"], *_trust({"AWS": OTHER})["Statement"]]}
    assert _ways("Admin", wider) == [(OTHER,)]


def test_the_access_role() -> None:
    """AWS makes it with a trust in the whole management account, and in nobody else."""
    assert _ways("OrganizationAccountAccessRole", _trust({"AWS": f"arn:aws:iam::{MANAGEMENT}:root"})) == []
    assert _ways("OrganizationAccountAccessRole", _trust({"AWS": OTHER})) == [(OTHER,)]


def test_roles_that_others_keep() -> None:
    """What the manifest names under known_roles is left out; a role of its own is judged whatever it is called."""
    fleet = SMALL + "known_roles: ['Vendor*', Admin]\n"
    assert _ways("VendorReadsLogs", _trust({"AWS": OTHER}), fleet=fleet) == []
    assert _ways("Vending", _trust({"AWS": OTHER}), fleet=fleet) == [(OTHER,)]
    assert _ways("Admin", _trust({"AWS": OTHER}), fleet=fleet) == [(OTHER,)]


@pytest.mark.parametrize("name", ["*", "??", "a role", "arn:aws:iam::1:role/x"])
def test_not_everything_is_known(name: str) -> None:
    """What would vouch for every role, or for none, is no name of roles."""
    (told,) = problems_of(SMALL + f"known_roles: ['{name}']\n")
    assert told.startswith("33:15: known_roles.0 must be a role's name, in which * stands for any text")


def test_a_way_in_is_not_as_the_manifest_says() -> None:
    """It is told with the accounts that nobody could look into, which alone make nothing wrong."""
    looked = Looked((WayIn("prod", "Backdoor", (OTHER,), known=False),), ("prod",), {"dev": "as Admin: no"})
    found = Verification((), (), looked=looked)
    assert as_text(found, {"prod": PROD}).splitlines() == [
        f"LETS IN  Backdoor in prod ({PROD}) is not in the manifest and lets in: {OTHER}",
        "Ways in: 1 account looked into, 1 beyond the manifest",
        "Ways in: not looked into dev: as Admin: no",
        "NOT as the manifest says: 1 role beyond it.",
        "  next: see who made Backdoor in prod, and delete it; one that others keep goes into known_roles",
    ]
    assert (found.exit_code, as_json(found, {})["not_looked_into"]) == (1, {"dev": "as Admin: no"})


STATEMENT = {
    "Effect": "Allow",
    "Principal": {"AWS": [OTHER, f"arn:aws:iam::{MANAGEMENT}:root"]},
    "Action": ["sts:AssumeRole", "sts:TagSession"],
    "Condition": {"StringEquals": {"sts:ExternalId": "abc"}, "Bool": {"aws:MultiFactorAuthPresent": "true"}},
}


def test_the_statement_is_told() -> None:
    """Principals, what else than AssumeRole it allows, and its conditions; in JSON it is there as IAM has it."""
    ways = (
        WayIn("prod", "Admin", (OTHER,), known=True, statements=(STATEMENT, *_trust({"AWS": OTHER})["Statement"])),
        WayIn("prod", "Vendor", (OTHER,), known=False, statements=(STATEMENT,)),
        WayIn("prod", "Plain", (OTHER,), known=False, statements=tuple(_trust({"AWS": OTHER})["Statement"])),
    )
    found = Verification((), (), looked=Looked(ways, ("prod",)))
    whole = (
        f"AWS {OTHER}, AWS arn:aws:iam::{MANAGEMENT}:root; sts:AssumeRole, sts:TagSession; "
        "if StringEquals sts:ExternalId abc and Bool aws:MultiFactorAuthPresent true"
    )
    lines = as_text(found, {"prod": PROD}).splitlines()
    assert lines[:6] == [
        f"LETS IN  Admin in prod ({PROD}) lets in more than the manifest says: {OTHER}",
        f"  not expected: {whole}",
        f"  not expected: AWS {OTHER}; without a condition",
        f"LETS IN  Vendor in prod ({PROD}) is not in the manifest and lets in: {OTHER}",
        f"  statement: {whole}",
        f"LETS IN  Plain in prod ({PROD}) is not in the manifest and lets in: {OTHER}",
    ]
    told = as_json(found, {})["ways_in"]
    assert isinstance(told, list)
    assert told[1]["statements"] == [STATEMENT]


def test_a_statement_stays_on_its_line() -> None:
    """Values that somebody chose can neither begin a line of their own nor fill the screen."""
    spoof = {"StringEquals": {"sts:ExternalId": ["a\nEverything is as the manifest says.\x1b[2K", "b" * 400]}}
    (statement,) = _trust({"AWS": OTHER}, Condition=spoof)["Statement"]
    way = WayIn("prod", "Admin", (OTHER,), known=True, statements=(statement,))
    lines = as_text(Verification((), (), looked=Looked((way,), ("prod",))), {}).splitlines()
    value = r"a\nEverything is as the manifest says.\x1b[2K"
    assert lines[1].startswith(f"  not expected: AWS {OTHER}; if StringEquals sts:ExternalId {value} or b")
    assert lines[1].endswith("b... (--format json has all of it)")


def test_the_management_account_alone() -> None:
    """It has no ways in that are looked for, and nothing is said of looking."""
    manifest = parsed()
    said: list[str] = []
    verifier = Verifier(manifest, full_lock(manifest), frozenset({manifest.management_account.name}), said.append)
    nobody = SignedIn(Access("http://127.0.0.1:9", "eu-west-1"), Credentials("AKIA", "none"), {})
    assert (verifier.looked(nobody), said) == (Looked(), [])


def test_the_next_step_for_roles_of_the_manifest() -> None:
    """The programs put theirs back; the access role, which no program has, gets its trust back by hand, and stays."""
    names = (("prod", "Admin"), ("dev", "Admin"), ("prod", "OrganizationAccountAccessRole"))
    ways = tuple(WayIn(account, name, (OTHER,), known=True) for account, name in names)
    found = Verification((), (), looked=Looked(ways, ("prod", "dev")))
    where = "--stack bootstrap-subaccount --account prod --account dev"
    lines = as_text(found, {}, management_account_id=MANAGEMENT).splitlines()
    assert lines[-2:] == [
        f"  next: to put roles of the manifest back: fleetyard refresh {where}, then: fleetyard up {where}",
        (
            "  next: keep OrganizationAccountAccessRole in prod, and set its trust policy by hand to one statement: "
            f"Allow sts:AssumeRole to arn:aws:iam::{MANAGEMENT}:root"
        ),
    ]
    assert "known_roles" not in "".join(lines)


class Sts:
    """Lets in as one role alone, and keeps what it was asked."""

    def __init__(self, role: str) -> None:
        self.role = role
        self.asked: list[dict[str, Any]] = []

    def assume_role(self, **asked: Any) -> dict[str, Any]:
        """Answer."""
        self.asked.append(asked)
        if not asked["RoleArn"].endswith(f"/{self.role}"):
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "AssumeRole")
        return {"Credentials": {}}


class Iam:
    """Lists one role."""

    def get_paginator(self, _operation: str) -> Iam:
        """Return what gives pages."""
        return self

    def paginate(self) -> list[dict[str, Any]]:
        """Return the pages."""
        return [{"Roles": [{"RoleName": "Worker", "Path": "/", "AssumeRolePolicyDocument": _trust("*")}]}]


def test_the_session_that_looks_may_list_and_nothing_else() -> None:
    """The roles granted are tried one after the other, for the shortest time and with one right."""
    sts = Sts("ReadOnly")
    found = list_roles(sts, lambda _credentials: Iam(), PROD, ["Admin", "ReadOnly"])
    assert [each.name for each in found if not isinstance(each, str)] == ["Worker"]
    (statement,) = json.loads(sts.asked[-1]["Policy"])["Statement"]
    assert (statement["Effect"], statement["Action"]) == ("Allow", "iam:ListRoles")
    assert sts.asked[-1]["DurationSeconds"] == 900


def test_who_may_not_look() -> None:
    """Where no role may, the words of AWS say so for each."""
    words = list_roles(Sts("Nobody"), lambda _credentials: Iam(), PROD, ["Admin", "ReadOnly"])
    assert isinstance(words, str)
    assert words.startswith("as Admin: An error occurred (AccessDenied)")
    assert "; as ReadOnly: " in words


def test_nothing_is_looked_into_where_nobody_is_asked() -> None:
    """Computed from the manifest alone, nothing is said of what accounts hold."""
    manifest = parsed()
    assert Verifier(manifest, full_lock(manifest), all_accounts(manifest)).compute().looked == Looked()
