"""Which actions have to stay possible: those of the programs' own resource types, and ordinary ones of AWS's services.

The first are what `rehearsal.aws.api_calls` finds for the types; a test compares them.
"""

from __future__ import annotations

ROLE_ACTIONS = (
    "iam:CreateRole",
    "iam:DeleteRole",
    "iam:GetRole",
    "iam:ListAttachedRolePolicies",
    "iam:ListInstanceProfilesForRole",
    "iam:ListRolePolicies",
    "iam:TagRole",
    "iam:UntagRole",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateRole",
    "iam:UpdateRoleDescription",
)
"""What bootstrap-subaccount does with every role."""

ATTACHING_ACTIONS = ("iam:AttachRolePolicy", "iam:DetachRolePolicy")
"""What it does with each policy that a role has."""

INLINE_ACTIONS = ("iam:DeleteRolePolicy", "iam:GetRolePolicy", "iam:PutRolePolicy")
"""What it does with a policy inside a role, which the hub's alone has."""

BOUNDARY_ACTIONS = ("iam:PutRolePermissionsBoundary",)
"""What it does with a role that is given a boundary later."""

POLICY_ACTIONS = (
    "iam:CreatePolicy",
    "iam:CreatePolicyVersion",
    "iam:DeletePolicy",
    "iam:DeletePolicyVersion",
    "iam:GetPolicy",
    "iam:GetPolicyVersion",
    "iam:ListPolicyVersions",
    "iam:TagPolicy",
    "iam:UntagPolicy",
)
"""What it does with the policies and boundaries that are made for them."""

PARAMETER_ACTIONS = (
    "ssm:AddTagsToResource",
    "ssm:DeleteParameter",
    "ssm:GetParameter",
    "ssm:ListTagsForResource",
    "ssm:PutParameter",
    "ssm:RemoveTagsFromResource",
)
"""What it does with the parameter that says which account this is."""

PARAMETERS_ACTIONS = ("ssm:DescribeParameters",)
"""What it asks of all parameters together."""

ALIAS_ACTIONS = ("iam:CreateAccountAlias", "iam:ListAccountAliases")
PASSWORD_ACTIONS = ("iam:GetAccountPasswordPolicy", "iam:UpdateAccountPasswordPolicy")
PUBLIC_ACCESS_ACTIONS = ("s3:GetAccountPublicAccessBlock", "s3:PutAccountPublicAccessBlock")
EBS_ACTIONS = ("ec2:EnableEbsEncryptionByDefault", "ec2:GetEbsEncryptionByDefault")
METADATA_ACTIONS = ("ec2:GetInstanceMetadataDefaults", "ec2:ModifyInstanceMetadataDefaults")
BUDGET_ACTIONS = (
    "budgets:ListTagsForResource",
    "budgets:ModifyBudget",
    "budgets:TagResource",
    "budgets:UntagResource",
    "budgets:ViewBudget",
)
CONTACT_ACTIONS = ("account:GetAlternateContact", "account:PutAlternateContact")
QUOTA_ACTIONS = (
    "servicequotas:GetAWSDefaultServiceQuota",
    "servicequotas:GetRequestedServiceQuotaChange",
    "servicequotas:GetServiceQuota",
    "servicequotas:ListRequestedServiceQuotaChangeHistoryByQuota",
)
QUOTA_REQUEST_ACTIONS = ("servicequotas:RequestServiceQuotaIncrease",)
"""What it does with the settings and quotas that the manifest gives an account, as IAM names it."""

NEVER_NEEDED = frozenset(
    {
        # Only where a manifest gives up a setting, which many forbid on purpose, or an account is emptied.
        "account:DeleteAlternateContact",
        "ec2:DisableEbsEncryptionByDefault",
        "iam:DeleteAccountAlias",
        "iam:DeleteAccountPasswordPolicy",
        "iam:DeleteRolePermissionsBoundary",  # only where a manifest gives up a boundary, which many forbid on purpose
        "iam:RemoveRoleFromInstanceProfile",  # the fleet's roles are in no instance profile
    }
)
"""What the types can do and a deployment as the manifest has it does not."""

ORDINARY = (
    "apigateway:POST",
    "athena:StartQueryExecution",
    "autoscaling:CreateAutoScalingGroup",
    "backup:CreateBackupVault",
    "batch:SubmitJob",
    "cloudformation:CreateStack",
    "cloudtrail:CreateTrail",
    "cloudwatch:PutMetricAlarm",
    "codebuild:CreateProject",
    "dynamodb:CreateTable",
    "ec2:CreateVpc",
    "ec2:RunInstances",
    "ecr:CreateRepository",
    "ecs:CreateCluster",
    "eks:CreateCluster",
    "elasticache:CreateCacheCluster",
    "elasticfilesystem:CreateFileSystem",
    "elasticloadbalancing:CreateLoadBalancer",
    "es:CreateDomain",
    "events:PutRule",
    "firehose:CreateDeliveryStream",
    "glue:CreateJob",
    "guardduty:CreateDetector",
    "kinesis:CreateStream",
    "lambda:CreateFunction",
    "logs:CreateLogGroup",
    "rds:CreateDBInstance",
    "redshift:CreateCluster",
    "s3:CreateBucket",
    "sagemaker:CreateTrainingJob",
    "secretsmanager:CreateSecret",
    "sns:CreateTopic",
    "sqs:CreateQueue",
    "ssm:PutParameter",
    "states:CreateStateMachine",
)
"""What workloads do: something of each common service.

Services that AWS sees in us-east-1 alone are not among them, nor those that AWS's example of a lock to regions exempts
(acm, config, kms), nor IAM and STS: a role that is left these alone could not run a workload in a region.
Source: AWS Organizations User Guide, "Deny access to AWS based on the requested AWS Region".
"""
