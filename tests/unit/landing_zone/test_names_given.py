"""The names that Fleetyard gives fit into AWS and Pulumi."""

from __future__ import annotations

import pytest

from landing_zone import naming


def test_the_state_bucket() -> None:
    """The state bucket's name holds organisation, account and region."""
    assert naming.state_bucket("acme", "100000000001", "eu-west-1") == "acme-state-100000000001-eu-west-1"


def test_stacks() -> None:
    """A stack is named after its account, and after its region where the workload has regions."""
    assert naming.stack_name("plat-dev") == "plat-dev"
    assert naming.stack_name("plat-dev", "eu-west-1") == "plat-dev.eu-west-1"
    assert naming.account_of_stack("plat-dev.eu-west-1") == "plat-dev"


def test_stack_ids() -> None:
    """A stack's id is the program, the account and the region, whatever Pulumi calls the project."""
    assert naming.stack_id("network", "plat-dev.eu-west-1") == "network/plat-dev/eu-west-1"
    assert naming.stack_id("org", "core-root") == "organization/core-root"


def test_sessions() -> None:
    """A role session is named after the stack, and a name that AWS would refuse is refused before."""
    assert naming.session_name("plat-dev") == "fleetyard-plat-dev"
    longest = "a" * 54
    assert naming.session_name_excess(longest) == 0
    assert len(naming.session_name(longest)) == 64
    assert naming.session_name_excess(longest + "a") == 1
    with pytest.raises(ValueError, match="65 characters, AWS takes 64"):
        naming.session_name(longest + "a")
