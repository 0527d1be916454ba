"""Calls that are ready to be made for an action, on the twin alone: what to call, on what, and with which parameters.

Each is one that does no harm where it is allowed: it reads, it is a dry run, or it speaks of something that is not
there or of a document that AWS refuses. Those of which that cannot be said are made only where the documents say that
they are denied.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from orchestrator.verify.resources import NAME

_NO_POLICY = "{}"
"""What IAM and S3 refuse as malformed, once the call is allowed."""


def _nothing(_arn: str) -> dict[str, Any]:
    return {}


@dataclass(frozen=True, slots=True)
class ReadyCall:
    """A method of one of AWS's SDK's clients. `parameters` takes the resource's ARN.

    A `drastic` one does harm where it is allowed; one that `harms_named` does where the probe names a resource that is
    there.
    """

    client: str
    method: str
    parameters: Callable[[str], dict[str, Any]] = _nothing
    drastic: bool = False
    harms_named: bool = False

    def does_harm(self, resource: str) -> bool:
        """Tell whether the call would really make or change something where it is allowed."""
        return self.drastic or (self.harms_named and NAME not in resource)


def _name(arn: str) -> str:
    return arn.rpartition("/")[2].rpartition(":")[2]


def _bucket(arn: str) -> str:
    return arn.rpartition(":")[2].partition("/")[0]


def _recorder(arn: str) -> dict[str, Any]:
    return {"ConfigurationRecorderName": arn.partition("/")[2].partition("/")[0]}


def _group(arn: str) -> dict[str, Any]:
    return {"logGroupName": arn.partition(":log-group:")[2].partition(":")[0]}


# A twin does not know of dry runs everywhere: CreateVpc makes one all the same, and is drastic.
def _dry_run(**more: Any) -> Callable[[str], dict[str, Any]]:
    return lambda _arn: {"DryRun": True, **more}


def _named(key: str, **more: Any) -> Callable[[str], dict[str, Any]]:
    return lambda arn: {key: _name(arn), **more}


def _whole(key: str, **more: Any) -> Callable[[str], dict[str, Any]]:
    return lambda arn: {key: arn, **more}


def _in_bucket(**more: Any) -> Callable[[str], dict[str, Any]]:
    return lambda arn: {"Bucket": _bucket(arn), **more}


_NO_SUCH_POLICY = f"arn:aws:iam::aws:policy/{NAME}"
_ALL_BLOCKED = dict.fromkeys(
    ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
)
_MACHINE = {"ImageId": "ami-12345678", "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1}


def ready_calls() -> Mapping[str, ReadyCall]:
    """Return the calls by action, in lower case."""
    return {
        "cloudtrail:deletetrail": ReadyCall("cloudtrail", "delete_trail", _whole("Name"), harms_named=True),
        "cloudtrail:describetrails": ReadyCall("cloudtrail", "describe_trails"),
        "cloudtrail:stoplogging": ReadyCall("cloudtrail", "stop_logging", _whole("Name"), harms_named=True),
        "cloudtrail:updatetrail": ReadyCall("cloudtrail", "update_trail", _whole("Name"), harms_named=True),
        "config:deleteconfigurationrecorder": ReadyCall(
            "config", "delete_configuration_recorder", _recorder, harms_named=True
        ),
        "config:stopconfigurationrecorder": ReadyCall(
            "config", "stop_configuration_recorder", _recorder, harms_named=True
        ),
        "dynamodb:listtables": ReadyCall("dynamodb", "list_tables"),
        "ec2:createinternetgateway": ReadyCall("ec2", "create_internet_gateway", _dry_run()),
        "ec2:createvpc": ReadyCall("ec2", "create_vpc", _dry_run(CidrBlock="10.0.0.0/16"), drastic=True),
        "ec2:describeinstances": ReadyCall("ec2", "describe_instances"),
        "ec2:describeregions": ReadyCall("ec2", "describe_regions"),
        "ec2:describevpcs": ReadyCall("ec2", "describe_vpcs"),
        "ec2:disableebsencryptionbydefault": ReadyCall("ec2", "disable_ebs_encryption_by_default", _dry_run()),
        "ec2:runinstances": ReadyCall("ec2", "run_instances", _dry_run(**_MACHINE)),
        "guardduty:deletedetector": ReadyCall("guardduty", "delete_detector", _named("DetectorId"), harms_named=True),
        "iam:attachrolepolicy": ReadyCall("iam", "attach_role_policy", _named("RoleName", PolicyArn=_NO_SUCH_POLICY)),
        "iam:createaccesskey": ReadyCall("iam", "create_access_key", _named("UserName"), drastic=True),
        "iam:createrole": ReadyCall("iam", "create_role", _named("RoleName", AssumeRolePolicyDocument=_NO_POLICY)),
        "iam:createuser": ReadyCall("iam", "create_user", _named("UserName"), drastic=True),
        "iam:deleterole": ReadyCall("iam", "delete_role", _named("RoleName"), drastic=True),
        "iam:detachrolepolicy": ReadyCall("iam", "detach_role_policy", _named("RoleName", PolicyArn=_NO_SUCH_POLICY)),
        "iam:getrole": ReadyCall("iam", "get_role", _named("RoleName")),
        "iam:listroles": ReadyCall("iam", "list_roles"),
        "iam:listusers": ReadyCall("iam", "list_users"),
        "iam:putrolepolicy": ReadyCall(
            "iam", "put_role_policy", _named("RoleName", PolicyName=NAME, PolicyDocument=_NO_POLICY)
        ),
        "iam:updateassumerolepolicy": ReadyCall(
            "iam", "update_assume_role_policy", _named("RoleName", PolicyDocument=_NO_POLICY)
        ),
        "kms:createkey": ReadyCall("kms", "create_key", drastic=True),
        "kms:disablekey": ReadyCall("kms", "disable_key", _whole("KeyId"), harms_named=True),
        "kms:listkeys": ReadyCall("kms", "list_keys"),
        "kms:schedulekeydeletion": ReadyCall("kms", "schedule_key_deletion", _whole("KeyId"), harms_named=True),
        "lambda:listfunctions": ReadyCall("lambda", "list_functions"),
        "logs:deleteloggroup": ReadyCall("logs", "delete_log_group", _group, harms_named=True),
        "logs:describeloggroups": ReadyCall("logs", "describe_log_groups"),
        "organizations:leaveorganization": ReadyCall("organizations", "leave_organization", drastic=True),
        "s3:createbucket": ReadyCall("s3", "create_bucket", _in_bucket(), drastic=True),
        "rds:describedbinstances": ReadyCall("rds", "describe_db_instances"),
        "s3:deletebucket": ReadyCall("s3", "delete_bucket", _in_bucket(), harms_named=True),
        "s3:deletebucketpolicy": ReadyCall("s3", "delete_bucket_policy", _in_bucket(), harms_named=True),
        "s3:listallmybuckets": ReadyCall("s3", "list_buckets"),
        "s3:putbucketpolicy": ReadyCall("s3", "put_bucket_policy", _in_bucket(Policy=_NO_POLICY)),
        "s3:putbucketpublicaccessblock": ReadyCall(
            "s3",
            "put_public_access_block",
            _in_bucket(PublicAccessBlockConfiguration=_ALL_BLOCKED),
            harms_named=True,
        ),
        "secretsmanager:listsecrets": ReadyCall("secretsmanager", "list_secrets"),
        "sns:listtopics": ReadyCall("sns", "list_topics"),
        "sqs:listqueues": ReadyCall("sqs", "list_queues"),
        "ssm:deleteparameter": ReadyCall("ssm", "delete_parameter", _parameter(), drastic=True),
        "ssm:putparameter": ReadyCall("ssm", "put_parameter", _parameter(Value=NAME, Type="String"), drastic=True),
        "sts:getcalleridentity": ReadyCall("sts", "get_caller_identity"),
    }


def _parameter(**more: Any) -> Callable[[str], dict[str, Any]]:
    return lambda arn: {"Name": "/" + arn.partition(":parameter/")[2], **more}
