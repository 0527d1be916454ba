"""The dns workloads: a zone here, the record that delegates it there, and how little the second session may do."""

from __future__ import annotations

import json

import pulumi
import pytest
import yaml

from iam_decision import Policies, PolicyKind, Principal, PrincipalKind, Request, decide, parse_policy
from landing_zone.documents.delegation import delegation_right
from landing_zone.domains import checked_domain
from rehearsal.aws.policy_documents import canonical_document
from tests.support.repository import ROOT
from tests.unit.programs.delivery_fleet import deliver
from tests.unit.programs.program_under_mocks import Ran

PARENT_ACCOUNT, ACCOUNT = "100000000002", "100000000004"
PARENT = f"parent-{PARENT_ACCOUNT}-acme.example"
RECORD, ZONE = "aws:route53/record:Record", "aws:route53/zone:Zone"
CHANGE = "route53:ChangeResourceRecordSets"


def _provider_of(ran: Ran, kind: str) -> str:
    return ran.only(kind).provider.split("::")[-2]


def test_zone_here_and_record_there() -> None:
    """The zone is made in the stack's account, the record in the parent's, with exactly the zone's name servers."""
    ran = deliver("dns")
    assert ran.only(ZONE).inputs == {"name": "dev.acme.example", "forceDestroy": False, "comment": "Managed by Pulumi"}
    assert ran.only(RECORD).inputs == {
        "zoneId": "Z1",
        "name": "dev.acme.example",
        "type": "NS",
        "ttl": 3600,
        "records": ["ns-1.example.com", "ns-2.example.net"],
    }
    assert (_provider_of(ran, ZONE), _provider_of(ran, RECORD)) == ("account", PARENT)
    assert [provider.split("::")[-2] for _, provider in ran.invokes] == [PARENT]


def test_each_provider_holds_to_its_own_account() -> None:
    """Two providers, each refusing every account but one; the parent's assumes its role under a limit."""
    providers = deliver("dns").of_type("pulumi:providers:aws")
    allowed = {name: json.loads(found.inputs["allowedAccountIds"]) for name, found in providers.items()}
    assert allowed == {"account": [ACCOUNT], PARENT: [PARENT_ACCOUNT]}
    (here,) = json.loads(providers["account"].inputs["assumeRoles"])
    (there,) = json.loads(providers[PARENT].inputs["assumeRoles"])
    assert here == {"roleArn": f"arn:aws:iam::{ACCOUNT}:role/Admin", "sessionName": "fleetyard-dev"}
    assert there["roleArn"] == f"arn:aws:iam::{PARENT_ACCOUNT}:role/Admin"
    assert json.loads(there["policy"]) == delegation_right("acme.example")
    assert len(there["policy"]) <= 2048


def test_another_role_in_the_parents_account() -> None:
    """The role assumed there may be one of its own."""
    parent = {"zone": "acme.example", "account_id": PARENT_ACCOUNT, "role": "Delegation"}
    providers = deliver("dns", parent=parent).of_type("pulumi:providers:aws")
    (there,) = json.loads(providers[PARENT].inputs["assumeRoles"])
    assert there["roleArn"] == f"arn:aws:iam::{PARENT_ACCOUNT}:role/Delegation"


@pytest.mark.parametrize(
    ("action", "names", "kinds", "expected"),
    [
        pytest.param(CHANGE, ["dev.acme.example"], ["NS"], True, id="a delegation"),
        pytest.param(CHANGE, ["acme.example"], ["NS"], False, id="the parent's own name servers"),
        pytest.param(CHANGE, ["dev.acme.example"], ["A"], False, id="another type"),
        pytest.param(CHANGE, ["dev.acme.example", "www.acme.example"], ["NS", "A"], False, id="another one with it"),
        pytest.param(CHANGE, ["dev.notacme.example"], ["NS"], False, id="a domain that ends alike"),
        pytest.param("route53:DeleteHostedZone", [], [], False, id="the zone itself"),
        pytest.param("s3:ListAllMyBuckets", [], [], False, id="anything else"),
    ],
)
def test_what_the_second_session_may_do(action: str, names: list[str], kinds: list[str], expected: bool) -> None:
    """With Admin's rights and under its limit, the session changes delegations below the parent and nothing else."""
    everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    role = f"arn:aws:iam::{PARENT_ACCOUNT}:role/Admin"
    session = f"arn:aws:sts::{PARENT_ACCOUNT}:assumed-role/Admin/fleetyard-dev"
    policies = Policies(
        identity=(parse_policy(everything, "everything", kind=PolicyKind.IDENTITY),),
        session=(parse_policy(delegation_right("acme.example"), "limit", kind=PolicyKind.IDENTITY),),
        resource_account=PARENT_ACCOUNT,
    )
    keys: dict[str, str | list[str]] = {f"{CHANGE}NormalizedRecordNames": names, f"{CHANGE}RecordTypes": kinds}
    who = Principal(PrincipalKind.ROLE_SESSION, PARENT_ACCOUNT, session, role_arn=role)
    decided = decide(Request(who, action, "arn:aws:route53:::hostedzone/Z1", keys if names else {}), policies)
    assert decided.allowed is expected


def test_the_shipped_role_is_no_less_than_the_limit_needs() -> None:
    """The permissions shipped for a role of its own are the limit's, but for the names, which the limit alone says."""
    shipped = yaml.safe_load((ROOT / "workloads" / "dns" / "delegation.yaml").read_text(encoding="utf-8"))
    limit = delegation_right("acme.example")
    del limit["Statement"][-1]["Condition"]["ForAllValues:StringLike"]
    assert canonical_document(json.dumps(shipped)) == canonical_document(json.dumps(limit))


def test_a_parent_that_is_not_there_yet() -> None:
    """Previewed without its parent zone, the record is left out with a warning; deployed, it is refused clearly."""
    ran = deliver("dns", preview=True, zones=())
    assert ran.of_type(RECORD) == {}
    assert ran.only(ZONE).inputs["name"] == "dev.acme.example"
    assert "has no public zone acme.example yet" in ran.warnings[0]
    with pytest.raises(pulumi.RunError, match=r"account 100000000002 has no public zone acme\.example.*`after:`"):
        deliver("dns", zones=())


def test_the_parent_zone() -> None:
    """The parent's own workload makes a zone, which a destroy keeps while it has records."""
    ran = deliver("dns-parent")
    assert (ran.only(ZONE).inputs["name"], ran.only(ZONE).inputs["forceDestroy"]) == ("acme.example", False)
    assert ran.outputs["name_servers"] == ["ns-1.example.com", "ns-2.example.net"]


@pytest.mark.parametrize(
    ("config", "why"),
    [
        (
            {"zone": "dev.other.example"},
            r"config of the manifest: zone: dev\.other\.example does not lie in acme\.example, which is to delegate it",
        ),
        ({"zone": "acme.example"}, r"acme\.example does not lie in acme\.example"),
        ({"zone": "Dev.acme.example"}, r'zone: "Dev\.acme\.example" is no domain'),
        ({"parent": {"zone": "acme.example", "account_id": "12"}}, r"parent\.account_id: String should match pattern"),
        (
            {"parent": {"zone": "acme.example"}},
            r"workloads\.dns\.config of the manifest: parent\.account_id: is missing",
        ),
    ],
)
def test_config_that_does_not_fit(config: dict[str, object], why: str) -> None:
    """Wrong values of the manifest are refused before anything is made, naming where they stand."""
    with pytest.raises(pulumi.RunError, match=why):
        deliver("dns", **config)


@pytest.mark.parametrize(
    "name", ["example", "acme.example.", "-a.example", "a..example", "a b.example", "a" * 64 + ".b"]
)
def test_what_is_no_domain(name: str) -> None:
    """A domain has two labels at least, of what DNS takes, and no dot at its end."""
    with pytest.raises(ValueError, match="is no domain"):
        checked_domain(name)
