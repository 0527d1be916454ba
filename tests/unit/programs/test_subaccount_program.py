"""A member account's program: the roles somebody is granted there, and who may assume them."""

from __future__ import annotations

import json

from landing_zone.stack_config import for_subaccount
from tests.unit.landing_zone.fleets import edited, full_lock, parsed, sample
from tests.unit.programs import deployed
from tests.unit.programs.program_under_mocks import run_program

ROLE = "aws:iam/role:Role"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"


def test_only_granted_roles_are_made() -> None:
    """A role nobody is granted in an account is not made there."""
    assert set(deployed.subaccount("core-dns").of_type(ROLE)) == {"Admin", "Billing"}
    assert set(deployed.subaccount("plat-prod").of_type(ROLE)) == {"Admin", "Billing", "ReadOnly"}


def test_who_may_assume_them() -> None:
    """Each role trusts exactly the management roles that are granted it, by ARN in a condition."""
    trusts = {
        name: role.document("assumeRolePolicy")["Statement"]
        for name, role in deployed.subaccount("plat-dev").of_type(ROLE).items()
    }
    assert trusts == {
        name: [
            {
                "Sid": "GrantedManagementRoles",
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::100000000001:root"},
                "Action": "sts:AssumeRole",
                "Condition": {
                    "ArnEquals": {
                        "aws:PrincipalArn": [f"arn:aws:iam::100000000001:role/Management-{who}" for who in trusted]
                    }
                },
            }
        ]
        for name, trusted in {"Admin": ("Admin", "Developer"), "Billing": ("Admin", "Billing")}.items()
    }


def test_trust_and_grant_agree_in_every_account() -> None:
    """Over all accounts the trusts are the manifest's reach, pair by pair."""
    trusted = {
        (arn.rpartition("/")[2], account.name, role)
        for account in sample().members
        for role, made in deployed.subaccount(account.name).of_type(ROLE).items()
        for statement in made.document("assumeRolePolicy")["Statement"]
        for arn in statement["Condition"]["ArnEquals"]["aws:PrincipalArn"]
    }
    assert trusted == sample().reach()


def test_their_policies() -> None:
    """Each role has its managed policies attached, and no others."""
    attachments = deployed.subaccount("plat-prod").of_type(ATTACHMENT)
    assert {(found.inputs["role"], found.inputs["policyArn"]) for found in attachments.values()} == {
        ("Admin", "arn:aws:iam::aws:policy/AdministratorAccess"),
        ("Billing", "arn:aws:iam::aws:policy/job-function/Billing"),
        ("ReadOnly", "arn:aws:iam::aws:policy/ReadOnlyAccess"),
    }
    assert deployed.subaccount("plat-prod").of_type("aws:iam/rolePolicy:RolePolicy") == {}


def test_an_account_that_is_run_by_its_own_profile() -> None:
    """With a profile of the account no role is assumed; the account is checked all the same."""
    manifest = parsed(edited(("audit@small.example}", "audit@small.example, profile: small-audit}")))
    config = for_subaccount(manifest, full_lock(manifest), "audit")
    ran = run_program("bootstrap-subaccount", config, project="bootstrap-subaccount", stack="audit")
    inputs = ran.only("pulumi:providers:aws").inputs
    assert "assumeRoles" not in inputs
    assert json.loads(inputs["allowedAccountIds"]) == ["100000000002"]


def test_what_it_tells() -> None:
    """Its output is the ARN of each role."""
    assert set(deployed.subaccount("plat-prod").outputs["roles"]) == {"Admin", "Billing", "ReadOnly"}
