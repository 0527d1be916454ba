"""What a provider type makes in a service shows in the inventory of its account, and is gone when it is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from orchestrator.rehearse.access import Access, Credentials
from orchestrator.rehearse.proofs.inventory_readers import READERS, READERS_BY_ACCOUNT
from tests.rehearsed.aws_provider.cases import Case
from tests.rehearsed.aws_provider.test_provider_types_on_the_twin import CASES
from tests.rehearsed.aws_provider.world import World

# One type of each service, of EC2 and IAM some more.
SEEN = (
    "aws:account/alternativeContact:AlternativeContact",
    "aws:budgets/budget:Budget",
    "aws:cfg/recorder:Recorder",
    "aws:cloudfront/distribution:Distribution",
    "aws:cloudtrail/trail:Trail",
    "aws:cloudwatch/eventRule:EventRule",
    "aws:cloudwatch/logGroup:LogGroup",
    "aws:cloudwatch/metricAlarm:MetricAlarm",
    "aws:dynamodb/table:Table",
    "aws:ec2/flowLog:FlowLog",
    "aws:ec2/natGateway:NatGateway",
    "aws:ec2/securityGroup:SecurityGroup",
    "aws:ec2/vpcEndpoint:VpcEndpoint",
    "aws:ecr/repository:Repository",
    "aws:guardduty/detector:Detector",
    "aws:iam/instanceProfile:InstanceProfile",
    "aws:iam/role:Role",
    "aws:kms/key:Key",
    "aws:lambda/function:Function",
    "aws:ram/resourceShare:ResourceShare",
    "aws:route53/zone:Zone",
    "aws:s3/bucket:Bucket",
    "aws:secretsmanager/secret:Secret",
    "aws:securityhub/account:Account",
    "aws:sns/topic:Topic",
    "aws:sqs/queue:Queue",
    "aws:ssm/parameter:Parameter",
    "aws:ssoadmin/permissionSet:PermissionSet",
)
FIRST = {case.kind.type: case for case in reversed(CASES)}


def test_every_reader_is_tried() -> None:
    """At least one type of each service that is read is tried here."""
    assert {FIRST[token].kind.service for token in SEEN} == READERS.keys() | READERS_BY_ACCOUNT.keys()


@pytest.fixture(scope="module")
def access(world: World) -> Access:
    """Return what makes the clients: services' models are read once."""
    return Access(world.aws.run.endpoint, world.region)


def _lines(access: Access, world: World, case: Case) -> frozenset[str]:
    keys, service = world.aws.administrator if case.in_management else world.keys, case.kind.service
    client = access.client(service, Credentials(keys.access_key_id, keys.secret_access_key, keys.session_token))
    by_account = READERS_BY_ACCOUNT.get(service)
    return frozenset(by_account(client, world.account_id) if by_account else READERS[service](client))


@pytest.mark.parametrize("token", SEEN)
def test_what_is_made_is_seen(access: Access, token: str, world: World, new_world: Callable[[], World]) -> None:
    """Making one resource of a type adds to what its service's reader tells; deleting it takes that away again."""
    case = FIRST[token]
    home = new_world() if case.own_account else world
    inputs = case.inputs(home)
    before = _lines(access, home, case)
    made = case.driver(home).create(token, home.name("seen"), inputs)
    assert _lines(access, home, case) > before
    case.driver(home).delete(made)
    assert _lines(access, home, case) == before
