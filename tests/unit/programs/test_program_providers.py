"""Every program of ours acts in the account of its stack, and nowhere else."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.unit.programs import deployed
from tests.unit.programs.program_under_mocks import Ran

PROGRAMS: dict[str, tuple[Callable[[], Ran], str, str]] = {
    "organization": (deployed.organization, "100000000001", ""),
    "bootstrap": (deployed.bootstrap, "100000000001", ""),
    "bootstrap-subaccount": (
        lambda: deployed.subaccount("plat-dev"),
        "100000000011",
        "arn:aws:iam::100000000011:role/OrganizationAccountAccessRole",
    ),
    "workloads/network": (
        lambda: deployed.network("plat-dev"),
        "100000000011",
        "arn:aws:iam::100000000011:role/Admin",
    ),
    "workloads/log-archive": (
        deployed.log_archive,
        "100000000002",
        "arn:aws:iam::100000000002:role/Admin",
    ),
}
STACKS = {"100000000002": "core-audit", "100000000011": "plat-dev"}
each_program = pytest.mark.parametrize("program", PROGRAMS)


@each_program
def test_one_provider_for_the_stacks_account(program: str) -> None:
    """A program makes one provider, which refuses every account but the stack's own."""
    run, account_id, _ = PROGRAMS[program]
    provider = run().only("pulumi:providers:aws")
    assert json.loads(provider.inputs["allowedAccountIds"]) == [account_id]
    assert provider.inputs["region"] == "eu-west-1"


@each_program
def test_every_resource_and_invoke_names_that_provider(program: str) -> None:
    """No resource and no invoke is left to a default provider."""
    run, _, _ = PROGRAMS[program]
    ran = run()
    assert ran.aws
    assert {found.provider.split("::")[-2:] == ["account", "account-id"] for found in ran.aws} == {True}
    assert {provider.split("::")[-2] for _, provider in ran.invokes} <= {"account"}


@each_program
def test_whose_role_the_provider_assumes(program: str) -> None:
    """The foundation acts as its caller; in member accounts a role is assumed, in a session named after the stack."""
    run, account_id, role = PROGRAMS[program]
    inputs = run().only("pulumi:providers:aws").inputs
    expected = [{"roleArn": role, "sessionName": f"fleetyard-{STACKS[account_id]}"}] if role else None
    assert (json.loads(inputs["assumeRoles"]) if "assumeRoles" in inputs else None) == expected


@each_program
def test_the_account_is_really_looked_at(program: str) -> None:
    """Nothing that compares the account reached with the one allowed is skipped, and no key stands in the config."""
    run, _, _ = PROGRAMS[program]
    inputs = run().only("pulumi:providers:aws").inputs
    assert inputs["skipCredentialsValidation"] == "false"
    assert inputs["skipRequestingAccountId"] == "false"
    assert not {"accessKey", "secretKey", "token", "profile"} & set(inputs)


@each_program
def test_nothing_deprecated_is_used(program: str) -> None:
    """No program makes the SDK warn."""
    run, _, _ = PROGRAMS[program]
    assert run().warnings == ()


@each_program
def test_everything_is_tagged_with_its_program(program: str) -> None:
    """What a stack makes says whose it is and which program made it."""
    run, _, _ = PROGRAMS[program]
    ran = run()
    if program == "organization":  # it names the tags itself, since what was adopted has none of them
        kinds = ("OrganizationalUnit", "Account", "Policy")
        each = [found.inputs["tags"] for found in ran.aws if found.type.endswith(tuple(f":{kind}" for kind in kinds))]
    else:
        each = [json.loads(ran.only("pulumi:providers:aws").inputs["defaultTags"])["tags"]]
    assert each
    for tags in each:
        assert tags["fleetyard:organization"] == "acme"
        assert tags["fleetyard:program"] == {"organization": "org"}.get(program, program.rpartition("/")[2])
