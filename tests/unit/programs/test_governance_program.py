"""The organisation's program: its policies, what they are attached to, and to whom services are delegated."""

from __future__ import annotations

import json
from pathlib import Path

import pulumi

from landing_zone.manifest import load_manifest
from landing_zone.stack_config import for_organization
from tests.unit.landing_zone.fleet_files import write_files
from tests.unit.landing_zone.fleets import SMALL, parsed
from tests.unit.programs.program_under_mocks import Ran, run_program

ORGANIZATION = "aws:organizations/organization:Organization"
POLICY = "aws:organizations/policy:Policy"
ATTACHMENT = "aws:organizations/policyAttachment:PolicyAttachment"
ADMINISTRATOR = "aws:organizations/delegatedAdministrator:DelegatedAdministrator"


def _ran(more: str) -> Ran:
    return run_program("organization", for_organization(parsed(SMALL + more)), project="org", stack="root")


def test_a_policy_is_attached_to_root_units_and_accounts() -> None:
    """One policy is made for all its targets, and attached to each by the id that AWS gave it."""
    ran = _ran("policies:\n  leave: {file: starter/deny-leaving, root: true, units: [plat], accounts: [prod, d*]}\n")
    assert {name: found.inputs["targetId"] for name, found in ran.of_type(ATTACHMENT).items()} == {
        "leave/root": "r-ab12",
        "leave/units/plat": "plat-id",
        "leave/accounts/prod": "prod-id",
        "leave/accounts/dev": "dev-id",
    }
    assert {found.inputs["policyId"] for found in ran.of_type(ATTACHMENT).values()} == {"leave-id"}


def test_a_policy_carries_the_organisations_name() -> None:
    """Policies are told apart from others' by name and tags, and may be described."""
    block = "{file: starter/deny-leaving, root: true, description: Stay}"
    policy = _ran(f"policies:\n  leave: {block}\n").only(POLICY)
    assert (policy.inputs["name"], policy.inputs["description"]) == ("small-leave", "Stay")
    assert policy.inputs["tags"]["fleetyard:organization"] == "small"
    assert policy.inputs["type"] == "SERVICE_CONTROL_POLICY"


def test_ids_are_filled_in_as_aws_gives_them(tmp_path: Path) -> None:
    """The organisation's id and those of its accounts stand in the document that AWS gets, IAM's variables as well."""
    ids = ["${organization_id}", "${accounts.prod.id}", "${accounts.root.id}", "${aws:username}"]
    document = {"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "a:*", "Resource": ids}}
    fleet = write_files(
        tmp_path,
        {
            "fleet.yaml": SMALL + "policies:\n  own: {file: own.json, root: true}\n",
            "own.json": json.dumps(document),
        },
    )
    config = for_organization(load_manifest(fleet))
    content = run_program("organization", config, project="org", stack="root").only(POLICY).inputs["content"]
    assert json.loads(content)["Statement"]["Resource"] == [
        "organization-id",
        "prod-id",
        "100000000001",
        "${aws:username}",
    ]
    assert " " not in content


def test_a_preview_knows_policies_that_do_not_name_the_account_to_be_made(tmp_path: Path) -> None:
    """Only a document with the id of an account that is still to be made is unknown in a preview."""
    leave, resources = "{file: starter/deny-leaving, root: true}", ["${accounts.dev.id}", "${organization_id}"]
    document = {"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "a:*", "Resource": resources}}
    files = {"known.json": json.dumps(document), "new.json": json.dumps(document).replace(".dev.", ".prod.")}
    own = "  known: {file: known.json, root: true}\n  new: {file: new.json, root: true}\n"
    fleet = write_files(tmp_path, {"fleet.yaml": f"{SMALL}policies:\n  leave: {leave}\n{own}", **files})
    config = for_organization(load_manifest(fleet))
    ran = run_program("organization", config, project="org", stack="root", preview=True, unmade=("prod",))
    contents = {name: policy.inputs["content"] for name, policy in ran.of_type(POLICY).items()}
    assert json.loads(contents["known"])["Statement"]["Resource"] == ["dev-id", "organization-id"]
    assert json.loads(contents["leave"])["Statement"]
    assert isinstance(contents["new"], pulumi.output.Unknown)


def test_policy_types_are_enabled_where_there_are_policies() -> None:
    """With policies of its own an organisation has both types; the suspended unit alone needs one."""
    both = ["SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"]
    leave = "policies:\n  leave: {file: starter/deny-leaving, root: true}\n"
    assert _ran(leave).only(ORGANIZATION).inputs["enabledPolicyTypes"] == both
    assert _ran("suspended_unit: old\n").only(ORGANIZATION).inputs["enabledPolicyTypes"] == both[:1]


def test_the_suspended_unit_is_closed() -> None:
    """The unit stands at the top, and everything is denied in it."""
    ran = _ran("suspended_unit: old\n")
    assert ran.of_type("aws:organizations/organizationalUnit:OrganizationalUnit")["old"].inputs["parentId"] == "r-ab12"
    assert ran.only(ATTACHMENT).inputs == {"policyId": "suspended-deny-all-id", "targetId": "old-id"}
    (statement,) = json.loads(ran.only(POLICY).inputs["content"])["Statement"]
    assert (statement["Effect"], statement["Action"]) == ("Deny", "*")


def test_services_are_trusted_and_delegated() -> None:
    """Trusted services stand beside the log archive's, and an administrator is registered once they are trusted."""
    ran = _ran(
        "log_archive: audit\ntrusted_services: [sso.amazonaws.com]\n"
        "delegated_administrators: {sso.amazonaws.com: audit}\n"
    )
    trusted = ran.only(ORGANIZATION).inputs["awsServiceAccessPrincipals"]
    assert trusted == ["cloudtrail.amazonaws.com", "sso.amazonaws.com"]
    assert ran.only(ADMINISTRATOR).inputs == {"accountId": "audit-id", "servicePrincipal": "sso.amazonaws.com"}
