"""Which policies count: of users, groups and roles, boundaries, SCPs; and how their denials are worded."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.support.twin_fixtures import EVERYTHING, MANAGEMENT, Keys, TwinAws, document, refused, trusting

NewUser = Callable[..., tuple[str, Keys]]
NewRole = Callable[..., str]
ROOT = f"arn:aws:iam::{MANAGEMENT}:root"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def _allow(action: str, resource: str = "*", **more: object) -> dict[str, object]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


@pytest.fixture
def scps(aws: TwinAws, organization: str) -> Iterator[None]:
    """Switch service control policies on for one test."""
    assert organization
    organizations = aws.client("organizations")
    root = organizations.list_roots()["Roots"][0]["Id"]
    organizations.enable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")
    yield
    organizations.disable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")


def test_a_user_without_policies_may_nothing(aws: TwinAws, new_user: NewUser) -> None:
    """A user without policies is denied, and told which policy is missing."""
    name, keys = new_user()
    with refused("AccessDenied") as denial:
        aws.client("iam", keys).list_roles()
    assert denial.message == (
        f"User: arn:aws:iam::{MANAGEMENT}:user/{name} is not authorized to perform: iam:ListRoles "
        "on resource: * because no identity-based policy allows the iam:ListRoles action"
    )


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("iam", "list_roles", "AccessDenied"),
        ("organizations", "list_roots", "AccessDeniedException"),
        ("ec2", "describe_vpcs", "UnauthorizedOperation"),
        ("s3", "list_buckets", "AccessDenied"),
        ("lambda", "list_functions", "AccessDeniedException"),
        ("cloudwatch", "list_metrics", "AccessDenied"),
        ("ssm", "describe_parameters", "AccessDeniedException"),
    ],
)
def test_a_denial_has_its_protocols_code(
    aws: TwinAws, new_user: NewUser, service: str, operation: str, code: str
) -> None:
    """Each protocol has its own code for a denial, in its own shape."""
    _, keys = new_user()
    with refused(code) as denial:
        getattr(aws.client(service, keys), operation)()
    assert "is not authorized to perform" in denial.message


def test_a_group_policy_counts(aws: TwinAws, new_user: NewUser) -> None:
    """A user has the rights of its groups."""
    name, keys = new_user()
    iam = aws.client("iam")
    iam.create_group(GroupName=f"group-of-{name}")
    iam.put_group_policy(GroupName=f"group-of-{name}", PolicyName="p", PolicyDocument=document(_allow("iam:ListRoles")))
    with refused("AccessDenied"):
        aws.client("iam", keys).list_roles()
    iam.add_user_to_group(GroupName=f"group-of-{name}", UserName=name)
    aws.client("iam", keys).list_roles()


def test_an_aws_managed_policy_counts(aws: TwinAws, new_user: NewUser) -> None:
    """An attached AWS managed policy gives its rights and no others."""
    name, keys = new_user()
    aws.client("iam").attach_user_policy(UserName=name, PolicyArn=READ_ONLY)
    aws.client("iam", keys).list_roles()
    with refused("AccessDenied"):
        aws.client("iam", keys).create_user(UserName="never")


@pytest.mark.parametrize(
    "name",
    [
        "AdministratorAccess",
        "job-function/Billing",
        "ReadOnlyAccess",
        "IAMUserChangePassword",
        "SecurityAudit",
        "job-function/ViewOnlyAccess",
        "PowerUserAccess",
        "AmazonSSMManagedInstanceCore",
    ],
)
def test_aws_managed_policies_are_there(aws: TwinAws, account: str, new_role: NewRole, name: str) -> None:
    """The AWS managed policies a landing zone uses can be attached in a member account and are readable there."""
    arn = f"arn:aws:iam::aws:policy/{name}"
    role = new_role(account, trusting(ROOT)).rpartition("/")[2]
    iam = aws.client("iam", aws.into(account))
    iam.attach_role_policy(RoleName=role, PolicyArn=arn)
    assert iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"][0]["PolicyArn"] == arn
    aws.client("sts", aws.into(account, role)).get_caller_identity()
    assert iam.get_policy(PolicyArn=arn)["Policy"]["Arn"] == arn


def test_a_managed_policy_aws_does_not_have_is_missing(aws: TwinAws, new_user: NewUser) -> None:
    """An AWS managed policy that does not exist cannot be attached, even by a name that does at another path."""
    name, _ = new_user()
    for arn in ("arn:aws:iam::aws:policy/NoSuchThing", "arn:aws:iam::aws:policy/Billing"):
        with refused("NoSuchEntity"):
            aws.client("iam").attach_user_policy(UserName=name, PolicyArn=arn)
        with refused("NoSuchEntity"):
            aws.client("iam").get_policy(PolicyArn=arn)


def test_the_default_version_counts(aws: TwinAws, new_user: NewUser) -> None:
    """Of a managed policy's versions the default one counts."""
    name, keys = new_user()
    iam = aws.client("iam")
    arn = iam.create_policy(PolicyName=f"p-{name}", PolicyDocument=document(_allow("iam:ListRoles")))["Policy"]["Arn"]
    iam.attach_user_policy(UserName=name, PolicyArn=arn)
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=document(_allow("iam:ListUsers")))
    aws.client("iam", keys).list_roles()
    iam.set_default_policy_version(PolicyArn=arn, VersionId="v2")
    with refused("AccessDenied"):
        aws.client("iam", keys).list_roles()


def test_an_explicit_deny_wins(aws: TwinAws, new_user: NewUser) -> None:
    """A Deny wins over an Allow, and the message says so."""
    deny = {"Effect": "Deny", "Action": "iam:ListRoles", "Resource": "*"}
    _, keys = new_user(document(_allow("*"), deny))
    with refused("AccessDenied") as denial:
        aws.client("iam", keys).list_roles()
    assert denial.message.endswith("with an explicit deny in an identity-based policy")


def test_rights_are_by_resource(aws: TwinAws, account: str, new_user: NewUser, new_role: NewRole) -> None:
    """A right on one role, path included, is none on another."""
    admin = aws.into(account)
    mine = new_role(account, trusting(ROOT), Path="/mine/")
    other = new_role(account, trusting(ROOT))
    _, keys = new_user(document(_allow("iam:GetRole", f"arn:aws:iam::{account}:role/mine/*")), admin)
    aws.client("iam", keys).get_role(RoleName=mine.rpartition("/")[2])
    with refused("AccessDenied"):
        aws.client("iam", keys).get_role(RoleName=other.rpartition("/")[2])


def test_the_region_of_global_services_is_us_east_1(aws: TwinAws, new_user: NewUser) -> None:
    """A region lock sees IAM in us-east-1 and EC2 where it was called."""
    lock = {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}
    _, keys = new_user(document(_allow("*", Condition=lock)))
    aws.client("iam", keys, region="eu-west-1").list_roles()
    aws.client("ec2", keys, region="us-east-1").describe_vpcs()
    with refused("UnauthorizedOperation"):
        aws.client("ec2", keys, region="eu-west-1").describe_vpcs()


def test_a_boundary_limits(aws: TwinAws, account: str, new_role: NewRole) -> None:
    """A permissions boundary takes away what it does not allow."""
    iam = aws.client("iam", aws.into(account))
    boundary = iam.create_policy(PolicyName="boundary", PolicyDocument=document(_allow("iam:List*")))["Policy"]["Arn"]
    arn = new_role(account, trusting(ROOT), document(_allow("*")), PermissionsBoundary=boundary)
    keys = aws.assume(arn)
    aws.client("iam", keys).list_roles()
    with refused("AccessDenied") as denial:
        aws.client("iam", keys).create_user(UserName="x")
    assert denial.message.endswith("because no permissions boundary allows the iam:CreateUser action")


@pytest.mark.usefixtures("scps")
def test_an_scp_limits_member_accounts_only(aws: TwinAws, new_account: Callable[[], str]) -> None:
    """An SCP that denies binds its account, not its neighbour nor the management account."""
    bound, free = new_account(), new_account()
    organizations = aws.client("organizations")
    content = document({"Effect": "Deny", "Action": "iam:ListRoles", "Resource": "*"})
    policy = organizations.create_policy(
        Name=f"deny-{bound}", Description="", Type="SERVICE_CONTROL_POLICY", Content=content
    )["Policy"]["PolicySummary"]["Id"]
    organizations.attach_policy(PolicyId=policy, TargetId=bound)
    with refused("AccessDenied") as denial:
        aws.client("iam", aws.into(bound)).list_roles()
    assert "with an explicit deny in a service control policy: arn:aws:organizations::" in denial.message
    aws.client("iam", aws.into(free)).list_roles()
    aws.client("iam").list_roles()


def test_passing_a_role_is_a_right_of_its_own(aws: TwinAws, account: str, new_role: NewRole, new_user: NewUser) -> None:
    """CreateFlowLogs that hands over a role needs iam:PassRole on it."""
    admin = aws.into(account)
    role = new_role(account, trusting(ROOT))
    ec2 = aws.client("ec2", admin)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    aws.client("logs", admin).create_log_group(logGroupName="flow")
    name, keys = new_user(document(_allow("ec2:*")), admin)
    wanted = {
        "ResourceIds": [vpc],
        "ResourceType": "VPC",
        "TrafficType": "ALL",
        "LogGroupName": "flow",
        "DeliverLogsPermissionArn": role,
    }
    with refused("UnauthorizedOperation") as denial:
        aws.client("ec2", keys).create_flow_logs(**wanted)
    assert "iam:PassRole" in denial.message
    aws.client("iam", admin).put_user_policy(
        UserName=name, PolicyName="pass", PolicyDocument=document(_allow("iam:PassRole", role))
    )
    assert aws.client("ec2", keys).create_flow_logs(**wanted)["Unsuccessful"] == []


def test_organization_keys_are_known(aws: TwinAws, organization: str, account: str) -> None:
    """aws:ResourceOrgID tells a role of the organisation from one outside."""
    condition = {"StringEquals": {"aws:ResourceOrgID": organization}}
    name, keys = _user_allowed(aws, document(_allow("sts:AssumeRole", Condition=condition)), f"org-user-{account}")
    assert name
    aws.assume(f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole", keys)
    _, foreign = _user_allowed(
        aws,
        document(_allow("sts:AssumeRole", Condition={"StringEquals": {"aws:ResourceOrgID": "o-another00"}})),
        f"foreign-user-{account}",
    )
    with refused("AccessDenied"):
        aws.assume(f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole", foreign)


def test_the_account_of_the_resource_is_known(aws: TwinAws, new_account: Callable[[], str]) -> None:
    """aws:ResourceAccount is the account the role is in, not the caller's."""
    right, wrong = new_account(), new_account()
    condition = {"StringEquals": {"aws:ResourceAccount": right}}
    _, keys = _user_allowed(aws, document(_allow("sts:AssumeRole", Condition=condition)), f"resource-user-{right}")
    aws.assume(f"arn:aws:iam::{right}:role/OrganizationAccountAccessRole", keys)
    with refused("AccessDenied"):
        aws.assume(f"arn:aws:iam::{wrong}:role/OrganizationAccountAccessRole", keys)


def test_tags_of_the_principal_are_known(aws: TwinAws, account: str, new_role: NewRole) -> None:
    """A role's tags are its session's aws:PrincipalTag."""
    condition = {"StringEquals": {"aws:PrincipalTag/team": "red"}}
    allowed = new_role(
        account, trusting(ROOT), document(_allow("*", Condition=condition)), Tags=[{"Key": "team", "Value": "red"}]
    )
    untagged = new_role(account, trusting(ROOT), document(_allow("*", Condition=condition)))
    aws.client("iam", aws.assume(allowed)).list_roles()
    with refused("AccessDenied"):
        aws.client("iam", aws.assume(untagged)).list_roles()


def test_a_user_speaks_of_itself_without_a_name(aws: TwinAws, new_user: NewUser) -> None:
    """GetUser without a name means the caller; a role's session has to give one."""
    name, keys = new_user(document(*EVERYTHING["Statement"]))
    assert aws.client("iam", keys).get_user()["User"]["UserName"] == name


def test_a_role_has_no_user_to_speak_of(aws: TwinAws, account: str) -> None:
    """GetUser without a name is refused to a role's session."""
    with refused("ValidationError"):
        aws.client("iam", aws.into(account)).get_user()


def _user_allowed(aws: TwinAws, policy: str, name: str) -> tuple[str, Keys]:
    iam = aws.client("iam")
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="inline", PolicyDocument=policy)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return name, Keys(key["AccessKeyId"], key["SecretAccessKey"])
