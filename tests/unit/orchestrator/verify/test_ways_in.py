"""Roles that let in from outside whom the manifest does not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError

from orchestrator.verify.documents import FleetDocuments
from orchestrator.verify.looking import list_roles
from orchestrator.verify.report import as_json, as_text
from orchestrator.verify.verification import Verification, Verifier, all_accounts
from orchestrator.verify.ways_in import Looked, RoleFound, WayIn, ways_in
from tests.unit.landing_zone.fleets import SMALL, full_lock, parsed, problems_of

MANAGEMENT, PROD, OTHER = "100000000001", "100000000003", "999999999999"
OIDC = f"arn:aws:iam::{PROD}:oidc-provider/token.actions.example"


def _trust(principal: object, **elements: object) -> Mapping[str, Any]:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **elements}
    return {"Version": "2012-10-17", "Statement": [statement]}


def _ways(name: str, trust: Mapping[str, Any], path: str = "/", fleet: str = SMALL) -> list[tuple[str, ...]]:
    manifest = parsed(fleet)
    found = ways_in("prod", [RoleFound(name, path, trust)], FleetDocuments(manifest, full_lock(manifest)))
    return [way.lets_in for way in found]


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
        pytest.param(_trust({"AWS": OTHER}), "/aws-service-role/x.amazonaws.com/", id="a service's own role"),
        pytest.param(_trust({"Federated": OIDC}), "/aws-reserved/sso.amazonaws.com/", id="Identity Center's"),
    ],
)
def test_what_lets_nobody_in_from_outside(trust: Mapping[str, Any], path: str) -> None:
    """Services act for others, an account's own principals are in already, and AWS's own roles are AWS's."""
    assert _ways("Worker", trust, path) == []


def test_a_role_of_the_manifest() -> None:
    """Its own trust is what the manifest says, however IAM writes it; one statement more lets somebody in."""
    manifest = parsed()
    documents = FleetDocuments(manifest, full_lock(manifest))
    role = documents.role("prod", "Admin")
    assert role is not None
    own = json.loads(json.dumps(role.trusts))
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
        "  next: see who made the role, and delete it; one that others keep goes into known_roles of the manifest",
    ]
    assert (found.exit_code, as_json(found, {})["not_looked_into"]) == (1, {"dev": "as Admin: no"})
    assert Verification((), (), looked=Looked((), (), {"dev": "no"})).exit_code == 0


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
