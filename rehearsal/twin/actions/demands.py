"""From a request to what it asks for."""

from __future__ import annotations

from rehearsal.twin.actions.account import account_demands
from rehearsal.twin.actions.api_gateway import api_gateway_demands
from rehearsal.twin.actions.budgets import budgets_demands
from rehearsal.twin.actions.cloudfront import cloudfront_demands
from rehearsal.twin.actions.cloudtrail import cloudtrail_demands
from rehearsal.twin.actions.demand import Asked, Demand, DemandsOf
from rehearsal.twin.actions.ec2 import ec2_demands
from rehearsal.twin.actions.ecr import ecr_demands
from rehearsal.twin.actions.event_rules import events_demands
from rehearsal.twin.actions.functions import lambda_demands
from rehearsal.twin.actions.generic import generic_demands, unknown_rights
from rehearsal.twin.actions.iam import iam_demands
from rehearsal.twin.actions.invitations import ram_demands
from rehearsal.twin.actions.kms import kms_demands
from rehearsal.twin.actions.named_otherwise import ecs_demands, kinesis_demands, load_balancing_demands
from rehearsal.twin.actions.organizations import organizations_demands
from rehearsal.twin.actions.reference.table import service_rows
from rehearsal.twin.actions.route53 import route53_demands
from rehearsal.twin.actions.s3 import s3_demands, s3control_demands
from rehearsal.twin.actions.secrets_manager import secrets_manager_demands
from rehearsal.twin.actions.service_quotas import service_quotas_demands
from rehearsal.twin.actions.sqs import sqs_demands
from rehearsal.twin.actions.ssm import ssm_demands
from rehearsal.twin.actions.tables import dynamodb_demands

_SERVICES: dict[str, DemandsOf] = {
    "account": account_demands,
    "apigateway": api_gateway_demands,
    "budgets": budgets_demands,
    "cloudfront": cloudfront_demands,
    "cloudtrail": cloudtrail_demands,
    "dynamodb": dynamodb_demands,
    "ec2": ec2_demands,
    "ecr": ecr_demands,
    "ecs": ecs_demands,
    "elasticloadbalancing": load_balancing_demands,
    "events": events_demands,
    "iam": iam_demands,
    "kinesis": kinesis_demands,
    "kms": kms_demands,
    "lambda": lambda_demands,
    "organizations": organizations_demands,
    "ram": ram_demands,
    "route53": route53_demands,
    "s3": s3_demands,
    "s3control": s3control_demands,
    "secretsmanager": secrets_manager_demands,
    "servicequotas": service_quotas_demands,
    "sqs": sqs_demands,
    "ssm": ssm_demands,
}


# Their files name the actions of operations that the reference has under other names.
_NAMED_BY_HAND = frozenset({"budgets", "s3", "s3control"})


def demands_of(asked: Asked) -> tuple[Demand, ...]:
    """Return every right the request needs; a service without a file of its own by the table of the reference.

    STS is not here: who may assume what is decided in `sts.py`.
    Raises: Refusal (UNSUPPORTED) for an operation that the reference does not list: what it needs would be a guess.
    """
    service, name = asked.operation.service, asked.operation.name
    if service not in _NAMED_BY_HAND and name not in service_rows(service):
        raise unknown_rights(asked)
    return _SERVICES.get(service, generic_demands)(asked)
