"""Texts of the manifest that have a form: the pattern for validation and editors, and the words to say it in."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from landing_zone.limits import ACCOUNT_NAME, BUDGET_NAME, EMAIL, ROLE_NAME

_ORGANIZATION = r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"
_ACCOUNT_ID = r"^[0-9]{12}$"
REGION = r"^[a-z]{2}(-[a-z]+)+-[0-9]$"
_EMAIL = r"^[^\s@]+@[^\s@]+\.[^\s@]+$"
_ACCOUNT_NAME = r"^[A-Za-z0-9][A-Za-z0-9_-]*$"
_UNIT_NAME = r"^[^/*?\[\]]+$"
_ROLE_NAME = r"^[A-Za-z0-9_+=,.@-]+$"
_POLICY = r"^(arn:aws:iam::([0-9]{12}|aws):policy/)?[A-Za-z0-9_+=,.@/-]+$"
_USER = r"^[A-Za-z0-9_+=,.@-]+(/[A-Za-z0-9_+=,.@-]+)*$"
_SAML = r"^[A-Za-z0-9_.-]{1,128}$"
_OIDC = r"^[A-Za-z0-9.-]+(/[A-Za-z0-9._~/-]+)?$"
_DESCRIPTION = r"^[\x20-\x7E\xA1-\xFF]*$"
_WORKLOAD = r"^[a-z][a-z0-9-]*$"
_AWS_NAME = r"^[\x20-\x7E]+$"
_POLICY_TYPE = r"^[A-Z][A-Z0-9_]*$"
_BOUNDARY = r"^[A-Za-z0-9_+=,.@*:/-]+$"
_PERMISSION_SET = r"^[A-Za-z0-9_+=,.@-]+$"
_OWN_POLICY = r"^[a-z]([a-z0-9-]*[a-z0-9])?$"
_SERVICE = r"^[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com$"
_BUDGET = r"^[A-Za-z0-9][A-Za-z0-9 _.-]*$"
_PHONE = r"^[0-9()+ -]+$"
_SERVICE_CODE = r"^[A-Za-z][A-Za-z0-9-]+$"
_QUOTA_CODE = r"^L-[0-9A-F]{8}$"
_WORD = r"^\S(.*\S)?$"
_GROUP = r"^[A-Za-z0-9_+=.@-]+$"
_PERSON = r"^[A-Za-z0-9_+=,.@-]+$"
_GITHUB_REPOSITORY = r"^[A-Za-z0-9-]+(@[0-9]+)?/[A-Za-z0-9._-]+(@[0-9]+)?$"
_GITLAB_PROJECT = r"^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)+$"
_BRANCH = r"^[A-Za-z0-9._/-]+$"
_BRANCH_PATTERN = r"^[A-Za-z0-9._/*-]+$"
_ENVIRONMENT = r"^[A-Za-z0-9._-]+$"
_AUDIENCE = r"^\S+$"
ACTION = r"^[A-Za-z0-9-]+:[A-Za-z0-9]+$"
_ROLE_PATTERN = r"^[A-Za-z0-9_+=,.@*?-]*[A-Za-z0-9_+=,.@-][A-Za-z0-9_+=,.@*?-]*$"
CONTEXT_KEY = r"^[A-Za-z0-9-]+:[^\s*?]+$"
ACTION_OR_KEY = r"^[A-Za-z0-9-]+:[^*?\s]+$"

FORMS = {
    _ORGANIZATION: "lower-case letters, digits and hyphens",
    _ACCOUNT_ID: 'an account id of 12 digits in quotes, such as "111122223333"',
    REGION: "an AWS region such as eu-west-1",
    _EMAIL: "an email address",
    _ACCOUNT_NAME: "letters, digits, - and _ (it is part of stack names)",
    _UNIT_NAME: "a name without /, *, ? and brackets",
    _ROLE_NAME: "letters, digits and _+=,.@-",
    _POLICY: "a managed policy's name such as ReadOnlyAccess or job-function/Billing, or its ARN",
    _USER: "a name as IAM has it, with its path if it has one",
    _SAML: "at most 128 letters, digits and the signs . _ -, as IAM names SAML providers",
    _OIDC: "host and path without https://",
    _DESCRIPTION: "one line of Latin letters",
    _WORKLOAD: "lower-case letters, digits and hyphens, a letter first (it is the name of a folder and a project)",
    _AWS_NAME: "a name of plain Latin letters, digits and signs, as AWS shows it",
    _POLICY_TYPE: "a type of policy as AWS writes it, such as SERVICE_CONTROL_POLICY",
    _BOUNDARY: "a managed policy's name, an ARN, or a file such as boundaries/member.yaml",
    _PERMISSION_SET: "a permission set's name: letters, digits and _+=,.@-",
    _OWN_POLICY: "lower-case letters, digits and hyphens, a letter first",
    _SERVICE: "a service's principal, such as guardduty.amazonaws.com",
    _BUDGET: "letters, digits, spaces and _.-, a letter or digit first",
    _PHONE: "digits, spaces and ( ) + -",
    _SERVICE_CODE: "a service's code as Service Quotas has it, such as vpc",
    _QUOTA_CODE: "a quota's code as Service Quotas has it, such as L-F678F1CE",
    _WORD: "text without white space at its ends",
    _GROUP: "letters, digits and _+=.@-",
    _PERSON: "letters, digits and _+=,.@-",
    _GITHUB_REPOSITORY: "one repository, OWNER/NAME or with its ids OWNER@ID/NAME@ID: never a pattern, which would let "
    "other repositories in",
    _GITLAB_PROJECT: "one project, GROUP/NAME: never a pattern, which would let other projects in",
    _BRANCH: "a branch by its whole name (whoever may push a branch that a pattern fits could change everything)",
    _BRANCH_PATTERN: "a branch, in which * stands for any text",
    _ENVIRONMENT: "a deployment environment's name of letters, digits and ._-",
    _AUDIENCE: "the tokens' audience as they have it, without white space",
    ACTION: "one action, such as ec2:RunInstances: a probe is a call, so it has no wildcards",
    _ROLE_PATTERN: "a role's name, in which * stands for any text, though never for the whole name",
    CONTEXT_KEY: "a condition key, such as aws:RequestTag/owner",
    ACTION_OR_KEY: "an action such as ec2:RunInstances, or a condition key such as aws:RequestTag/owner",
}
"""What each pattern asks for, in words."""

OrganizationName = Annotated[str, StringConstraints(pattern=_ORGANIZATION)]
AccountId = Annotated[str, StringConstraints(pattern=_ACCOUNT_ID)]
Region = Annotated[str, StringConstraints(pattern=REGION)]
Email = Annotated[str, StringConstraints(pattern=_EMAIL, min_length=6, max_length=EMAIL)]
AccountName = Annotated[str, StringConstraints(pattern=_ACCOUNT_NAME, max_length=ACCOUNT_NAME)]
UnitName = Annotated[str, StringConstraints(pattern=_UNIT_NAME, max_length=128)]
RolePattern = Annotated[str, StringConstraints(pattern=_ROLE_PATTERN, max_length=ROLE_NAME)]
RoleName = Annotated[str, StringConstraints(pattern=_ROLE_NAME, max_length=ROLE_NAME)]
ManagedPolicy = Annotated[str, StringConstraints(pattern=_POLICY)]
UserName = Annotated[str, StringConstraints(pattern=_USER)]
SamlProviderName = Annotated[str, StringConstraints(pattern=_SAML)]
"""Source: IAM API Reference, CreateSAMLProvider, Name."""
OidcProvider = Annotated[str, StringConstraints(pattern=_OIDC)]
Description = Annotated[str, StringConstraints(pattern=_DESCRIPTION)]
"""How long it may be is said where it is used: a limit here would win over that one."""
IamDescription = Annotated[str, StringConstraints(pattern=_DESCRIPTION, max_length=1000)]
"""Source: IAM API Reference, CreateRole and CreatePolicy, Description."""
AwsAccountName = Annotated[str, StringConstraints(pattern=_AWS_NAME, max_length=ACCOUNT_NAME)]
AwsName = Annotated[str, StringConstraints(pattern=_AWS_NAME, max_length=128)]
"""Source: AWS Organizations API Reference, CreateAccount (AccountName) and CreateOrganizationalUnit (Name)."""
PolicyType = Annotated[str, StringConstraints(pattern=_POLICY_TYPE)]
TagKey = Annotated[str, StringConstraints(pattern=_WORD, max_length=128)]
TagValue = Annotated[str, StringConstraints(max_length=256)]
"""Source: AWS General Reference, "Tag naming limits and requirements"."""
WorkloadName = Annotated[str, StringConstraints(pattern=_WORKLOAD, max_length=100)]
BoundaryName = Annotated[str, StringConstraints(pattern=_BOUNDARY)]
PermissionSet = Annotated[str, StringConstraints(pattern=_PERMISSION_SET, max_length=32)]
"""Source: IAM Identity Center API Reference, CreatePermissionSet, Name."""
StateBucketName = Annotated[str, StringConstraints(pattern=_ORGANIZATION)]
PolicyName = Annotated[str, StringConstraints(pattern=_OWN_POLICY, max_length=64)]
ServicePrincipal = Annotated[str, StringConstraints(pattern=_SERVICE, max_length=128)]
"""Source: AWS Organizations API Reference, EnableAWSServiceAccess, ServicePrincipal."""
BudgetName = Annotated[str, StringConstraints(pattern=_BUDGET, max_length=BUDGET_NAME)]
PersonName = Annotated[str, StringConstraints(pattern=_WORD, max_length=64)]
ContactTitle = Annotated[str, StringConstraints(pattern=_WORD, max_length=50)]
PhoneNumber = Annotated[str, StringConstraints(pattern=_PHONE, max_length=25)]
"""Source: AWS Account Management API Reference, PutAlternateContact."""
ServiceCode = Annotated[str, StringConstraints(pattern=_SERVICE_CODE, max_length=63)]
QuotaCode = Annotated[str, StringConstraints(pattern=_QUOTA_CODE)]
"""Source: Service Quotas API Reference, ServiceQuota; every code it lists has this form."""
Word = Annotated[str, StringConstraints(pattern=_WORD)]
AccountNames = Annotated[list[Word], Field(min_length=1)]
GroupName = Annotated[str, StringConstraints(pattern=_GROUP, max_length=128)]
"""IAM's form without the comma, which a tag's value can't hold. Source: IAM API Reference, CreateGroup."""
PersonUserName = Annotated[str, StringConstraints(pattern=_PERSON, max_length=64)]
"""Source: IAM API Reference, CreateUser, UserName."""
GithubRepository = Annotated[str, StringConstraints(pattern=_GITHUB_REPOSITORY)]
"""Source: GitHub Docs, "OpenID Connect", subject claims with and without immutable ids."""
GitlabProject = Annotated[str, StringConstraints(pattern=_GITLAB_PROJECT)]
BranchName = Annotated[str, StringConstraints(pattern=_BRANCH)]
BranchPattern = Annotated[str, StringConstraints(pattern=_BRANCH_PATTERN)]
EnvironmentName = Annotated[str, StringConstraints(pattern=_ENVIRONMENT)]
Audience = Annotated[str, StringConstraints(pattern=_AUDIENCE, max_length=255)]
"""Source: IAM API Reference, CreateOpenIDConnectProvider, ClientIDList."""
