"""A program that is run without the config it needs says what is missing and what writes it."""

from __future__ import annotations

import pulumi
import pytest

from landing_zone.stack_config import for_organization, for_subaccount
from tests.unit.landing_zone.fleets import full_lock, sample
from tests.unit.programs.program_under_mocks import run_program


def _config() -> dict[str, str]:
    return for_subaccount(sample(), full_lock(sample()), "plat-dev").to_config()


def _run(config: dict[str, str], stack: str = "plat-dev") -> None:
    run_program("bootstrap-subaccount", config, project="bootstrap-subaccount", stack=stack)


def test_no_config_at_all() -> None:
    """Every key that is missing is named, and the command that writes them all."""
    with pytest.raises(pulumi.RunError) as caught:
        _run({})
    assert str(caught.value) == (
        "config of stack plat-dev (bootstrap-subaccount) lacks fleetyard:organization, fleetyard:account, "
        "fleetyard:account_id, fleetyard:region, fleetyard:unit, fleetyard:stage, fleetyard:management_account_id, "
        "fleetyard:access, fleetyard:role_arn, fleetyard:roles. "
        "It is written by: fleetyard preview --stack bootstrap-subaccount/plat-dev"
    )


def test_a_value_that_is_no_json() -> None:
    """A value that was changed by hand into something unreadable is named."""
    with pytest.raises(pulumi.RunError, match=r"fleetyard:roles is no JSON: .*It is written by: fleetyard preview"):
        _run(_config() | {"fleetyard:roles": "[oops"})


def test_a_value_of_another_form() -> None:
    """A value that is readable and wrong is named by its path."""
    with pytest.raises(pulumi.RunError, match=r"roles\.0\.trusted: .*It is written by: fleetyard preview"):
        _run(_config() | {"fleetyard:roles": '[{"name": "Admin", "managed_policies": ["x"], "trusted": []}]'})


def test_a_stack_of_another_account() -> None:
    """A stack that holds another account's config is refused before anything is made."""
    with pytest.raises(pulumi.RunError, match=r"stack plat-prod .* holds the config of account plat-dev"):
        _run(_config(), stack="plat-prod")


def test_the_organisations_program_takes_the_management_accounts_stack_only() -> None:
    """Pulumi searches upwards for a project file, so a stack of another folder may end up in the root's program."""
    with pytest.raises(pulumi.RunError, match="Go to the program's own folder and select stack core-root"):
        run_program("organization", for_organization(sample()), project="org", stack="plat-dev")
