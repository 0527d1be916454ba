"""From a request to what it asks for."""

from __future__ import annotations

from rehearsal.twin.actions.account import account_demands
from rehearsal.twin.actions.budgets import budgets_demands
from rehearsal.twin.actions.cloudfront import cloudfront_demands
from rehearsal.twin.actions.cloudtrail import cloudtrail_demands
from rehearsal.twin.actions.demand import Asked, Demand, DemandsOf
from rehearsal.twin.actions.ec2 import ec2_demands
from rehearsal.twin.actions.ecr import ecr_demands
from rehearsal.twin.actions.iam import iam_demands
from rehearsal.twin.actions.kms import kms_demands
from rehearsal.twin.actions.named import named_demands
from rehearsal.twin.actions.organizations import organizations_demands
from rehearsal.twin.actions.route53 import route53_demands
from rehearsal.twin.actions.s3 import s3_demands, s3control_demands
from rehearsal.twin.actions.service_quotas import service_quotas_demands
from rehearsal.twin.actions.sqs import sqs_demands
from rehearsal.twin.actions.ssm import ssm_demands

_SERVICES: dict[str, DemandsOf] = {
    "account": account_demands,
    "budgets": budgets_demands,
    "cloudfront": cloudfront_demands,
    "cloudtrail": cloudtrail_demands,
    "ec2": ec2_demands,
    "ecr": ecr_demands,
    "iam": iam_demands,
    "kms": kms_demands,
    "organizations": organizations_demands,
    "route53": route53_demands,
    "s3": s3_demands,
    "s3control": s3control_demands,
    "servicequotas": service_quotas_demands,
    "sqs": sqs_demands,
    "ssm": ssm_demands,
}


def demands_of(asked: Asked) -> tuple[Demand, ...]:
    """Return every right the request needs; a service without a file of its own asks for its operation's name on "*".

    STS is not here: who may assume what is decided in `sts.py`.
    """
    return _SERVICES.get(asked.operation.service, named_demands)(asked)
