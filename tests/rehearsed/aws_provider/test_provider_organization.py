"""The organisation, of which a management account has one: a twin of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rehearsal.aws.plugin import AwsProvider
from rehearsal.aws.services.organizations import ORGANIZATION
from rehearsal.twin.process import TwinOptions, start_twin
from tests.support.twin_fixtures import Keys, RunningTwin
from tests.unit.aws_provider.driving import AbortedError, Driver

MANAGEMENT = "999988887777"
KIND = ORGANIZATION.type
INPUTS = {"awsServiceAccessPrincipals": ["sso.amazonaws.com"], "enabledPolicyTypes": ["SERVICE_CONTROL_POLICY"]}


@pytest.fixture
def empty_twin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTwin]:
    """Start a twin whose management account has no organisation."""
    run_file = tmp_path_factory.mktemp("organisation") / "twin.json"
    with start_twin(TwinOptions(management_account_id=MANAGEMENT, run_file=run_file, warm_up=False)) as twin:
        yield RunningTwin(twin.run, run_file)


def driver(twin: RunningTwin) -> Driver:
    """Return a provider for the twin's management account."""
    administrator = twin.run.administrator
    keys = Keys(administrator.access_key_id, administrator.secret_access_key)
    return Driver(AwsProvider(twin.environment(keys)), region="eu-west-1").configure()


def test_an_organisation_lives_and_ends(empty_twin: RunningTwin) -> None:
    """An organisation is made with its trusted services and policy types, read, changed, imported, and deleted."""
    hand = driver(empty_twin)
    made = hand.create(KIND, "org", INPUTS)
    assert made.outputs["masterAccountId"] == MANAGEMENT
    assert [account["id"] for account in made.outputs["accounts"]] == [MANAGEMENT]
    assert made.outputs["roots"][0]["policyTypes"] == [{"type": "SERVICE_CONTROL_POLICY", "status": "ENABLED"}]
    assert hand.refresh(made) == made

    other = {"awsServiceAccessPrincipals": ["ram.amazonaws.com"], "enabledPolicyTypes": ["TAG_POLICY"]}
    assert hand.diff(made, other).properties == {"awsServiceAccessPrincipals", "enabledPolicyTypes"}
    now = hand.update(made, other)
    assert hand.diff(now, other).paths == {}

    assert hand.diff(now, {**other, "featureSet": "CONSOLIDATED_BILLING"}).replaces == {"featureSet"}
    found = hand.import_(KIND, "org", made.id)
    assert found is not None
    assert hand.diff(found, other).paths == {}

    hand.delete(now)
    assert hand.refresh(now) is None
    hand.delete(now)


def test_a_second_organisation_is_refused(empty_twin: RunningTwin) -> None:
    """A management account that has an organisation gets AWS's refusal, not the one that is there."""
    hand = driver(empty_twin)
    hand.create(KIND, "org", {})
    with pytest.raises(AbortedError, match="CreateOrganization, AlreadyInOrganizationException"):
        driver(empty_twin).create(KIND, "another", {})


def test_an_organisation_made_before_a_crash_is_found_again(empty_twin: RunningTwin) -> None:
    """The run after a crash completes the organisation that the one before began to make."""
    made = driver(empty_twin).create(KIND, "org", {})
    again = driver(empty_twin).create(KIND, "org", {})
    assert again.id == made.id
