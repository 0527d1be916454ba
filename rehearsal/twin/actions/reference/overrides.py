"""What neither data set nor model says: operations whose action has another name, roles passed, rights to tag.

Each table names the page of AWS's documentation that it is read from.
"""

from __future__ import annotations

# Prefixes of a service's actions where they are not its signing name, endpoint or name in the SDK.
# Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS services".
PREFIXES = {
    "tagging": "tag",
    "iotdata": "iot",
    "email": "ses",
    "monitoring": "cloudwatch",
    "s3control": "s3",
    "sso-admin": "sso",
}

# Source: the API reference page of each operation, "required permissions", or the service's guide named behind it.
ACTIONS: dict[tuple[str, str], tuple[str, ...]] = {
    ("bedrock", "Converse"): ("bedrock:InvokeModel",),
    ("bedrock", "ConverseStream"): ("bedrock:InvokeModelWithResponseStream",),
    ("cloudfront", "CreateDistributionWithTags"): ("cloudfront:CreateDistribution", "cloudfront:TagResource"),
    ("cloudfront", "CreateStreamingDistributionWithTags"): (
        "cloudfront:CreateStreamingDistribution",
        "cloudfront:TagResource",
    ),
    ("dynamodb", "BatchExecuteStatement"): ("dynamodb:PartiQLSelect",),
    ("dynamodb", "ExecuteStatement"): ("dynamodb:PartiQLSelect",),
    ("dynamodb", "ExecuteTransaction"): ("dynamodb:PartiQLSelect",),
    ("dynamodb", "TransactGetItems"): ("dynamodb:GetItem",),
    ("dynamodb", "TransactWriteItems"): (
        "dynamodb:ConditionCheckItem",
        "dynamodb:DeleteItem",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
    ),
    ("execute-api", "DeleteConnection"): ("execute-api:ManageConnections",),
    ("execute-api", "GetConnection"): ("execute-api:ManageConnections",),
    ("execute-api", "PostToConnection"): ("execute-api:ManageConnections",),
    ("kms", "ReEncrypt"): ("kms:ReEncryptFrom", "kms:ReEncryptTo"),
    ("lambda", "Invoke"): ("lambda:InvokeFunction",),
    ("lambda", "InvokeWithResponseStream"): ("lambda:InvokeFunction",),
    ("lambda", "GetLayerVersionByArn"): ("lambda:GetLayerVersion",),
    ("sns", "PublishBatch"): ("sns:Publish",),
    ("sqs", "ChangeMessageVisibilityBatch"): ("sqs:ChangeMessageVisibility",),
    ("sqs", "DeleteMessageBatch"): ("sqs:DeleteMessage",),
    ("sqs", "SendMessageBatch"): ("sqs:SendMessage",),
}

# Parameters that hand a role on though their names do not say so. Source: the API reference of each operation.
PASSES: dict[tuple[str, str], tuple[str, ...]] = {
    ("cloudformation", "CreateChangeSet"): ("RoleARN",),
    ("cloudformation", "CreateStack"): ("RoleARN",),
    ("cloudformation", "CreateStackSet"): ("AdministrationRoleARN",),
    ("cloudformation", "DeleteStack"): ("RoleARN",),
    ("cloudformation", "UpdateStack"): ("RoleARN",),
    ("cloudformation", "UpdateStackSet"): ("AdministrationRoleARN",),
    ("config", "PutRemediationConfigurations"): ("RemediationConfigurations.*.Parameters.AutomationAssumeRole",),
    ("ec2", "CreateFlowLogs"): ("DeliverLogsPermissionArn", "DeliverCrossAccountRole"),
    ("ecs", "RegisterTaskDefinition"): ("taskRoleArn", "executionRoleArn"),
    ("events", "PutTargets"): ("Targets.*.RoleArn",),
    ("lambda", "UpdateFunctionConfiguration"): ("Role",),
    ("scheduler", "CreateSchedule"): ("Target.RoleArn",),
    ("scheduler", "UpdateSchedule"): ("Target.RoleArn",),
    ("sns", "CreateTopic"): (
        "Attributes.HTTPSuccessFeedbackRoleArn",
        "Attributes.LambdaSuccessFeedbackRoleArn",
        "Attributes.SQSSuccessFeedbackRoleArn",
    ),
}

# Kinds of resource that an action takes though the data set lists none.
# Source: CloudWatch Logs User Guide, "Using identity-based policies": DescribeLogGroups is asked for on log groups.
KINDS: dict[str, tuple[str, ...]] = {"logs:DescribeLogGroups": ("log-group",)}

# Forms of ARN as policies have to write them. Source: CloudWatch Logs User Guide, "CloudWatch Logs resources and
# operations": a log group's ARN ends in `:*`, except where it is tagged.
# A task definition is named with its revision, or as a family whose newest it is; a new secret by its name.
FORMS = {
    ("secretsmanager", "Secret"): "arn:${Partition}:secretsmanager:${Region}:${Account}:secret:${SecretName}",
    ("ecs", "task-definition"): "arn:${Partition}:ecs:${Region}:${Account}:task-definition/${TaskDefinition}",
    ("logs", "log-group"): "arn:${Partition}:logs:${Region}:${Account}:log-group:${LogGroupName}:*",
}

# What a parameter stands for where a request leaves it out. Source: the API reference of each operation.
DEFAULTS = {
    ("athena", "WorkGroup"): "primary",
    ("ecs", "cluster"): "default",
    ("events", "Entries.*.EventBusName"): "default",
    ("scheduler", "GroupName"): "default",
    ("scheduler", "groupName"): "default",
}

# Which operations need the right to tag as well when they bring tags, where the data set does not list it as dependent.
# Source: the pages on tagging of each service, "tagging resources during creation".
TAGGING = {
    "events": "events:TagResource",
    "lambda": "lambda:TagResource",
    "logs": "logs:TagResource",
    "secretsmanager": "secretsmanager:TagResource",
    "sns": "sns:TagResource",
}

# Whom a service names as the one a role is passed to, where it is not `<prefix>.amazonaws.com`.
# Source: IAM User Guide, "AWS services that work with IAM", and each service's page on its service roles.
PASSED_TO: dict[str, str] = {
    "autoscaling": "autoscaling.amazonaws.com",
    "cloudwatch": "monitoring.amazonaws.com",
    "databrew": "databrew.amazonaws.com",
    "ecs": "ecs-tasks.amazonaws.com",
    "ecs:CreateService": "ecs.amazonaws.com",
    "ec2": "ec2.amazonaws.com",
    "ec2:CreateFlowLogs": "vpc-flow-logs.amazonaws.com",
    "emr-serverless": "emr-serverless.amazonaws.com",
    "rds": "rds.amazonaws.com",
    "rds:CreateDBInstance": "monitoring.rds.amazonaws.com",
    "rds:ModifyDBInstance": "monitoring.rds.amazonaws.com",
    "states": "states.amazonaws.com",
}
