"""The cases of a security baseline: what records, watches and finds in each account."""

from __future__ import annotations

from rehearsal.aws.services import alarms, config, finding_services
from tests.rehearsed.aws_provider.cases import Case
from tests.rehearsed.aws_provider.world import World


def _role(world: World) -> str:
    return f"arn:aws:iam::{world.account_id}:role/{world.role()}"


def _topic(world: World) -> str:
    return str(world.client("sns").create_topic(Name=world.name("topic"))["TopicArn"])


def _recorder(world: World) -> str:
    """Make sure of the account's recorder and return its name."""
    recorder = {"name": "default", "roleARN": _role(world)}
    world.client("config").put_configuration_recorder(ConfigurationRecorder=recorder)
    return "default"


def _delivered_recorder(world: World) -> str:
    name = _recorder(world)
    channel = {"name": "default", "s3BucketName": world.bucket()}
    world.client("config").put_delivery_channel(DeliveryChannel=channel)
    return name


def _bucket_for_channel(world: World) -> str:
    _recorder(world)
    return world.bucket()


def _nobody_administers(world: World, service: str) -> str:
    """Take away who administers a service for the organisation, and return an account that may."""
    client = world.aws.client(service, region=world.region)
    for known in client.list_organization_admin_accounts()["AdminAccounts"]:
        account_id = known.get("AdminAccountId") or known["AccountId"]
        client.disable_organization_admin_account(AdminAccountId=account_id)
    return world.account_id


BASELINE = [
    Case(
        kind=config.RECORDER,
        inputs=lambda w: {"roleArn": _role(w), "recordingGroup": {"allSupported": True}},
        updates=lambda w, _: [
            {"roleArn": _role(w)},
            {"recordingGroup": {"includeGlobalResourceTypes": True}},
            {"recordingGroup": {"allSupported": False, "resourceTypes": ["AWS::S3::Bucket", "AWS::IAM::Role"]}},
        ],
        replacements=lambda w: {"name": w.name(), "region": "us-east-1"},
        drift=lambda w, r: w.client("config").put_configuration_recorder(
            ConfigurationRecorder={
                "name": r.id,
                "roleARN": r.outputs["roleArn"],
                "recordingGroup": {"allSupported": True, "includeGlobalResourceTypes": True},
            }
        ),
        drifted=frozenset({"recordingGroup"}),
        own_account=True,
    ),
    Case(
        kind=config.DELIVERY_CHANNEL,
        inputs=lambda w: {"s3BucketName": _bucket_for_channel(w), "s3KeyPrefix": "config"},
        updates=lambda w, _: [
            {"s3BucketName": w.bucket()},
            {"s3KeyPrefix": "other"},
            {"s3KeyPrefix": None},
            {"s3KmsKeyArn": w.key()},
            {"snsTopicArn": _topic(w)},
            {"snapshotDeliveryProperties": {"deliveryFrequency": "Six_Hours"}},
        ],
        replacements=lambda w: {"name": w.name(), "region": "us-east-1"},
        drift=lambda w, r: w.client("config").put_delivery_channel(
            DeliveryChannel={"name": r.id, "s3BucketName": r.outputs["s3BucketName"], "s3KeyPrefix": "theirs"}
        ),
        drifted=frozenset({"s3KeyPrefix"}),
        own_account=True,
    ),
    Case(
        kind=config.RECORDER_STATUS,
        inputs=lambda w: {"name": _delivered_recorder(w), "isEnabled": True},
        updates=lambda *_: [{"isEnabled": False}, {"isEnabled": True}],
        replacements=lambda _: {"region": "us-east-1"},
        drift=lambda w, r: w.client("config").stop_configuration_recorder(ConfigurationRecorderName=r.id),
        drifted=frozenset({"isEnabled"}),
        not_tried={"name": "an account has one recorder"},
        own_account=True,
        stays=True,
    ),
    Case(
        kind=alarms.METRIC_ALARM,
        inputs=lambda w: {
            "alarmDescription": "first",
            "comparisonOperator": "GreaterThanOrEqualToThreshold",
            "evaluationPeriods": 1,
            "metricName": "RootSignIns",
            "namespace": "Baseline",
            "period": 300,
            "statistic": "Sum",
            "threshold": 1,
            "alarmActions": [_topic(w)],
            "dimensions": {"Account": w.account_id},
            "tags": {"a": "1"},
        },
        updates=lambda w, _: [
            {"alarmDescription": "second"},
            {"alarmDescription": None},
            {"comparisonOperator": "LessThanThreshold"},
            {"evaluationPeriods": 3},
            {"datapointsToAlarm": 2},
            {"metricName": "Errors", "namespace": "Other"},
            {"period": 60, "threshold": 2.5},
            {"statistic": None, "extendedStatistic": "p90"},
            {"statistic": "Average", "extendedStatistic": None},
            {"unit": "Count"},
            {"treatMissingData": "notBreaching"},
            {"dimensions": {"Account": w.account_id, "Other": "x"}},
            {"dimensions": None},
            {"actionsEnabled": False},
            {"alarmActions": [_topic(w), _topic(w)], "okActions": [_topic(w)]},
            {"insufficientDataActions": [_topic(w)]},
            {"okActions": None},
            {"tags": {"b": "2"}},
        ],
        replacements=lambda w: {"name": w.name(), "region": "us-east-1"},
        drift=lambda w, r: w.client("cloudwatch").delete_alarms(AlarmNames=[r.id]),
        drifted=frozenset({"gone"}),
    ),
    Case(
        kind=finding_services.DETECTOR,
        inputs=lambda _: {"tags": {"a": "1"}},
        updates=lambda *_: [
            {"enable": False},
            {"enable": True},
            {"findingPublishingFrequency": "ONE_HOUR"},
            {"tags": {"b": "2"}},
        ],
        replacements=lambda _: {"region": "us-east-1"},
        drift=lambda w, r: w.client("guardduty").update_detector(DetectorId=r.id, Enable=False),
        drifted=frozenset({"enable"}),
        own_account=True,
    ),
    Case(
        kind=finding_services.GUARDDUTY_ADMINISTRATOR,
        inputs=lambda w: {"adminAccountId": _nobody_administers(w, "guardduty")},
        updates=lambda *_: [],
        replacements=lambda _: {"adminAccountId": "111122223333", "region": "us-east-1"},
        drift=lambda w, _: _nobody_administers(w, "guardduty"),
        drifted=frozenset({"gone"}),
        in_management=True,
        one_in_organization=True,
    ),
    Case(
        kind=finding_services.SECURITY_HUB,
        inputs=lambda _: {"enableDefaultStandards": False},
        updates=lambda *_: [
            {"autoEnableControls": False},
            {"controlFindingGenerator": "STANDARD_CONTROL"},
            {"autoEnableControls": True},
        ],
        replacements=lambda _: {"enableDefaultStandards": True, "region": "us-east-1"},
        drift=lambda w, _: w.client("securityhub").update_security_hub_configuration(AutoEnableControls=False),
        drifted=frozenset({"autoEnableControls"}),
        own_account=True,
    ),
    Case(
        kind=finding_services.HUB_ADMINISTRATOR,
        inputs=lambda w: {"adminAccountId": _nobody_administers(w, "securityhub")},
        updates=lambda *_: [],
        replacements=lambda _: {"adminAccountId": "111122223333", "region": "us-east-1"},
        drift=lambda w, _: _nobody_administers(w, "securityhub"),
        drifted=frozenset({"gone"}),
        in_management=True,
        one_in_organization=True,
    ),
]
