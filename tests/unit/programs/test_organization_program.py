"""The organisation's program: units, accounts that nothing deletes, and the account map."""

from __future__ import annotations

from landing_zone.stack_config import for_organization
from tests.unit.landing_zone.fleets import edited, parsed, sample
from tests.unit.programs import deployed
from tests.unit.programs.program_under_mocks import run_program

ORGANIZATION = "aws:organizations/organization:Organization"
UNIT = "aws:organizations/organizationalUnit:OrganizationalUnit"
ACCOUNT = "aws:organizations/account:Account"
POLICY = "aws:organizations/policy:Policy"


def test_the_organisation_has_all_features() -> None:
    """The organisation can have service control policies, and is protected."""
    found = deployed.organization().only(ORGANIZATION)
    assert found.inputs == {
        "featureSet": "ALL",
        "enabledPolicyTypes": ["SERVICE_CONTROL_POLICY"],
        "awsServiceAccessPrincipals": ["cloudtrail.amazonaws.com"],
    }
    assert found.protect


def test_the_log_archives_account_is_bound_and_entrusted() -> None:
    """The account of the log archive gets CloudTrail, and the SCP over it; both stay when the manifest drops them."""
    ran = deployed.organization()
    administrator = ran.only("aws:cloudtrail/organizationDelegatedAdminAccount:OrganizationDelegatedAdminAccount")
    attachment = ran.only("aws:organizations/policyAttachment:PolicyAttachment")
    assert administrator.inputs == {"accountId": "core-audit-id"}
    assert attachment.inputs == {"policyId": "log-archive-guard-id", "targetId": "core-audit-id"}
    assert (administrator.protect, attachment.protect, ran.only(POLICY).protect) == (True, True, True)


def test_without_a_log_archive_nothing_is_trusted() -> None:
    """A fleet without a log archive opens its organisation to no service, and has no SCP of ours."""
    ran = run_program("organization", for_organization(parsed()), project="org", stack="root")
    assert "awsServiceAccessPrincipals" not in ran.only(ORGANIZATION).inputs
    assert ran.of_type(POLICY) == {}


def test_every_member_account_is_created_in_its_unit() -> None:
    """Each member stands in its unit; the management account, which exists already, is not created."""
    accounts = deployed.organization().of_type(ACCOUNT)
    assert len(accounts) == 11
    assert "core-root" not in accounts
    assert accounts["core-dns"].inputs["parentId"] == "core-id"
    assert accounts["plat-dev"].inputs["parentId"] == "plat-id"
    assert accounts["plat-dev"].inputs["email"] == "aws+plat-dev@acme.example"


def test_no_account_is_ever_lost() -> None:
    """Accounts are protected, never closed by deletion, and not made anew over what AWS does not read back."""
    for account in deployed.organization().of_type(ACCOUNT).values():
        assert account.protect
        assert account.inputs["closeOnDeletion"] is False
        assert account.ignore_changes == ("roleName", "iamUserAccessToBilling", "closeOnDeletion", "createGovcloud")


def test_five_accounts_are_made_at_a_time() -> None:
    """Each account waits for the fifth before it, since AWS refuses a sixth that is in progress."""
    accounts = deployed.organization().of_type(ACCOUNT)
    # In the manifest's order; they are registered side by side, in any.
    names = [account.name for account in for_organization(sample()).accounts if account.name in accounts]
    waits = [[other for other in accounts[name].depends_on if other in names] for name in names]
    assert waits == [[name] if name else [] for name in [""] * 5 + names[:-5]]


def test_units_are_nested() -> None:
    """A unit stands below the one above it, and the first ones below the root."""
    text = edited(("  plat:\n", "  plat:\n    units: {eu: {accounts: {new: {email: new@small.example}}}}\n"))
    ran = run_program("organization", for_organization(parsed(text)), project="org", stack="root")
    assert {name: (unit.inputs["name"], unit.inputs["parentId"]) for name, unit in ran.of_type(UNIT).items()} == {
        "core": ("core", "r-ab12"),
        "plat": ("plat", "r-ab12"),
        "plat/eu": ("eu", "plat-id"),
    }
    assert ran.of_type(ACCOUNT)["new"].inputs["parentId"] == "plat/eu-id"


def test_an_account_that_exists_is_only_recorded() -> None:
    """An account with an id is not created, and stands in the account map."""
    text = edited(("audit@small.example}", 'audit@small.example, id: "100000000009"}'))
    ran = run_program("organization", for_organization(parsed(text)), project="org", stack="root")
    assert set(ran.of_type(ACCOUNT)) == {"prod", "dev"}
    assert ran.outputs["accounts"] == {
        "root": "100000000001",
        "audit": "100000000009",
        "prod": "prod-id",
        "dev": "dev-id",
    }


def test_what_it_tells() -> None:
    """Its outputs are what the lock needs: organisation, root, account ids, and the units."""
    outputs = deployed.organization().outputs
    assert set(outputs) == {"organization_id", "root_id", "accounts", "units"}
    assert outputs["organization_id"] == "organization-id"
    assert outputs["root_id"] == "r-ab12"
    assert outputs["accounts"]["core-root"] == "100000000001"
    assert len(outputs["accounts"]) == 12
    assert outputs["units"] == {"core": "core-id", "plat": "plat-id", "plat/labs": "plat/labs-id"}


def test_what_was_adopted_has_no_tags_but_its_own() -> None:
    """Units and accounts that were there before keep AWS's names and tags; the others have Fleetyard's as well."""
    text = edited(
        ("  plat:\n", '  plat:\n    adopted: true\n    aws_name: "Plat/form"\n    tags: {owner: ops}\n'),
        ("audit@small.example}", 'audit@small.example, adopted: true, aws_name: "The Audit", tags: {cost: "1"}}'),
    )
    ran = run_program("organization", for_organization(parsed(text)), project="org", stack="root")
    plat, core = ran.of_type(UNIT)["plat"], ran.of_type(UNIT)["core"]
    assert (plat.inputs["name"], plat.inputs["tags"]) == ("Plat/form", {"owner": "ops"})
    assert core.inputs["tags"]["fleetyard:program"] == "org"
    audit, prod = ran.of_type(ACCOUNT)["audit"], ran.of_type(ACCOUNT)["prod"]
    assert (audit.inputs["name"], audit.inputs["tags"]) == ("The Audit", {"cost": "1"})
    assert prod.inputs["tags"]["fleetyard:program"] == "org"


def test_accounts_in_no_unit_stand_in_the_root() -> None:
    """A unit that stands for the root is not made; its accounts have the root as their parent."""
    text = edited(("  core:\n", "  core:\n    root: true\n"))
    ran = run_program("organization", for_organization(parsed(text)), project="org", stack="root")
    assert set(ran.of_type(UNIT)) == {"plat"}
    assert ran.of_type(ACCOUNT)["audit"].inputs["parentId"] == "r-ab12"
    assert ran.outputs["units"]["core"] == "r-ab12"
