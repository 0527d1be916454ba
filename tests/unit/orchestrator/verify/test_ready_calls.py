"""The calls that are ready for probes are calls that AWS has."""

from __future__ import annotations

import botocore.session
import pytest
from botocore.validate import ParamValidator

from orchestrator.validation.aws_actions import aws_actions
from orchestrator.verify.ready_calls import ready_calls
from orchestrator.verify.resources import resource_of


@pytest.fixture(scope="module")
def session() -> botocore.session.Session:
    """Return a session that reads the SDK's models."""
    return botocore.session.Session()


@pytest.mark.parametrize("action", sorted(ready_calls()))
def test_a_ready_call_is_one_of_the_sdks(session: botocore.session.Session, action: str) -> None:
    """Its action is AWS's, its method the SDK's, and the SDK takes its parameters for the resource that it means."""
    service, _, name = action.partition(":")
    ready = ready_calls()[action]
    model = session.get_service_model(ready.client)
    methods = {botocore.xform_name(each): each for each in model.operation_names}
    assert name in aws_actions().names(service)
    shape = model.operation_model(methods[ready.method]).input_shape
    parameters = ready.parameters(resource_of(action, "200000000002", "eu-west-1"))
    report = ParamValidator().validate(parameters, shape) if shape else None
    assert report is None or not report.has_errors(), report.generate_report()
    assert shape is not None or parameters == {}


def test_what_would_harm_is_known_as_such() -> None:
    """Calls that make, delete or leave something in earnest are drastic, and reading ones are not."""
    drastic = {action for action, ready in ready_calls().items() if ready.drastic}
    assert {"organizations:leaveorganization", "iam:createuser", "iam:deleterole", "kms:createkey"} <= drastic
    assert not {action for action in drastic if action.partition(":")[2].startswith(("list", "describe", "get"))}


def test_what_harms_only_what_is_there() -> None:
    """Stopping a trail that is named is as drastic as it sounds; of one that nothing has, it is none."""
    stop = ready_calls()["cloudtrail:stoplogging"]
    assert stop.does_harm("arn:aws:cloudtrail:eu-west-1:200000000002:trail/organization")
    assert not stop.does_harm(resource_of("cloudtrail:StopLogging", "200000000002", "eu-west-1"))
