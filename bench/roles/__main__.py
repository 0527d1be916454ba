"""A stack of any size: roles and attachments below one component, by a provider that assumes a role."""

import json

import pulumi
import pulumi_aws as aws

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
FIXED = 3
"""The stack itself, its provider and its component."""

config = pulumi.Config()
size, role_arn = config.require_int("size"), config.require("role_arn")
account = role_arn.split(":")[4]
statement = {
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
    "Action": "sts:AssumeRole",
}
trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
assumed = aws.ProviderAssumeRoleArgs(role_arn=role_arn, session_name="bench")
provider = aws.Provider("account", region="eu-west-1", assume_roles=[assumed], allowed_account_ids=[account])
component = pulumi.ComponentResource("bench:index:Roles", "roles")
child = pulumi.ResourceOptions(parent=component, provider=provider)
roles: list[aws.iam.Role] = []
for number in range(size - FIXED):
    name = f"role-{number // 2}"
    if number % 2 == 0:
        roles.append(aws.iam.Role(name, name=name, assume_role_policy=trust, opts=child))
    else:
        aws.iam.RolePolicyAttachment(name, role=roles[-1].name, policy_arn=READ_ONLY, opts=child)
pulumi.export("arns", [role.arn for role in roles])
