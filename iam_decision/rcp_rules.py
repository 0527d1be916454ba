"""What sets resource control policies apart: what their statements may say, and what they don't reach.

Sources: AWS Organizations User Guide, "RCP syntax" and "Resource control policies (RCPs)", sections "List of AWS
services that support RCPs" (as of 2026-09) and "Resources and entities not restricted by RCPs".
"""

from __future__ import annotations

from collections.abc import Mapping

NOT_RESTRICTED = frozenset({"kms:retiregrant"})
"""Actions, in lower case, that no RCP denies."""

# fmt: off
SERVICES = frozenset(
    {
        "aoss", "appconfig", "appstream", "autoscaling", "autoscaling-plans", "budgets", "clouddirectory",
        "cloudfront", "cloudsearch", "cloudtrail-data", "codeartifact", "codebuild", "codecommit",
        "codepipeline", "cognito-identity", "cognito-idp", "comprehend", "comprehendmedical",
        "compute-optimizer", "cost-optimization-hub", "dax", "dsql", "dynamodb", "ecr", "ecr-public", "events",
        "firehose", "fis", "fms", "gamelift", "health", "inspector-scan", "kendra", "kinesisvideo", "kms",
        "logs", "memorydb", "networkmonitor", "notifications", "opensearch", "pca-connector-ad", "personalize",
        "polly", "pricing", "resource-groups", "rolesanywhere", "s3", "secretsmanager", "servicediscovery",
        "signin", "sqs", "sts", "support", "swf", "textract", "timestream-influxdb", "transcribe", "transfer",
        "translate", "wafv2", "workspaces", "xray",
    }
)
# fmt: on
"""Prefixes of the services whose actions an RCP may name."""


def rcp_problem(statement: Mapping[str, object]) -> str:
    """Return what a statement says that an RCP may not say, or nothing; its other grammar is checked elsewhere."""
    if statement.get("Effect") == "Allow":
        return "Effect Allow is for AWS's own RCPFullAWSAccess alone; an RCP denies."
    for element in ("NotPrincipal", "NotAction"):
        if element in statement:
            return f"RCPs do not support the element {element}."
    if statement.get("Principal") not in ("*", None):
        return 'Principal must be "*" in an RCP; say in Condition whom it means.'
    actions = statement.get("Action")
    for action in [actions] if isinstance(actions, str) else actions if isinstance(actions, list | tuple) else []:
        prefix = str(action).partition(":")[0].lower()
        if prefix not in SERVICES:
            return (
                f"RCPs do not support the action {action}: name actions of a service that supports RCPs, such as s3:*."
            )
    return ""
