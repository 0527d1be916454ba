"""Lambda: functions of code in a ZIP file, and who may call them. Images, layers, aliases are not offered.

Source: pulumi_aws 7.51.1 (`lambda_/*.py`), terraform-provider-aws `internal/service/lambda`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from rehearsal.aws.archives import as_zip
from rehearsal.aws.call import Call
from rehearsal.aws.kinds import ARCHIVE, FLAG, TAG_MAP, TEXT_LIST, TEXT_SET, WHOLE, AlikeRecord, Problem, record
from rehearsal.aws.properties import AutoName, Property, output
from rehearsal.aws.resource_type import Change, ResourceType, Tagging, TagShape
from rehearsal.aws.wire import Value

_RUNTIMES = (
    *("dotnet6", "dotnet8", "dotnet10"),
    *("java8.al2", "java11", "java17", "java21", "java25"),
    *("nodejs18.x", "nodejs20.x", "nodejs22.x", "nodejs24.x"),
    *("provided.al2", "provided.al2023"),
    *("python3.9", "python3.10", "python3.11", "python3.12", "python3.13", "python3.14"),
    *("ruby3.2", "ruby3.3", "ruby3.4"),
)
"""Those of pulumi_aws 7.51.1 that are not deprecated there; Lambda makes no function of one that is."""
_NO_LIMIT = -1
_MISSING = ("ResourceNotFoundException",)


def _logging(values: Mapping[str, Value]) -> dict[str, Value]:
    # Lambda names the function's own group, where the program names none.
    return {name: value for name, value in values.items() if name != "logGroup" or not value.startswith("/aws/lambda/")}


def _network(values: Mapping[str, Value]) -> dict[str, Value]:
    return {name: value for name, value in values.items() if name != "vpcId"}


_NETWORK = AlikeRecord(
    (
        Property("subnetIds", TEXT_SET, required=True),
        Property("securityGroupIds", TEXT_SET, required=True),
        Property("ipv6AllowedForDualStack", FLAG),
        Property("vpcId"),
    ),
    spelling=_network,
)
_LOGGING = AlikeRecord(
    (
        Property("logFormat", required=True, one_of=("JSON", "Text")),
        Property("logGroup"),
        Property("applicationLogLevel"),
        Property("systemLogLevel"),
    ),
    spelling=_logging,
)
_CONFIGURATION = (
    Property("role", required=True),
    Property("handler"),
    Property("runtime", one_of=_RUNTIMES),
    Property("description"),
    Property("memorySize", WHOLE, default=128),
    Property("timeout", WHOLE, default=3),
    Property("environment", record(Property("variables", TAG_MAP))),
    Property("ephemeralStorage", record(Property("size", WHOLE)), computed=True),
    Property("tracingConfig", record(Property("mode", required=True, one_of=("Active", "PassThrough"))), computed=True),
    Property("deadLetterConfig", record(Property("targetArn", required=True))),
    Property("kmsKeyArn", aws="KMSKeyArn"),
    Property("loggingConfig", _LOGGING, computed=True),
    Property("vpcConfig", _NETWORK),
)
_WHEN_TAKEN_AWAY: Mapping[str, Any] = {
    "DeadLetterConfig": {"TargetArn": ""},
    "Description": "",
    "Environment": {"Variables": {}},
    "KMSKeyArn": "",
    "VpcConfig": {"SubnetIds": [], "SecurityGroupIds": [], "Ipv6AllowedForDualStack": False},
}
_CODE = (
    Property("code", ARCHIVE, unread=True),
    Property("s3Bucket", unread=True),
    Property("s3Key", unread=True),
    Property("s3ObjectVersion", unread=True),
    Property("sourceCodeHash", unread=True),
    Property("architectures", TEXT_LIST, computed=True),
)


def _wrong_together(values: Mapping[str, Value]) -> Iterator[Problem]:
    """Yield what the real provider refuses before it asks Lambda. Source: `checkHandlerRuntimeForZipFunction`."""
    for name in ("handler", "runtime"):
        if values.get(name) is None:
            yield Problem(name, "is required for code in a ZIP file")
    if (values.get("s3Bucket") is None) != (values.get("s3Key") is None):
        yield Problem("s3Key", "goes with s3Bucket, and s3Bucket with it")


def _asked_configuration(call: Call) -> dict[str, Any]:
    """Return the configuration's parameters by AWS's names; what is not asked for is left out."""
    values = {item.aws: item.kind.to_aws(call[item.name]) for item in _CONFIGURATION if call[item.name] is not None}
    if "VpcConfig" in values:
        values["VpcConfig"].pop("VpcId", None)
    return values


def _asked_code(call: Call) -> dict[str, Any]:
    if call["code"] is not None:
        return {"ZipFile": as_zip(call["code"])}
    named = {"S3Bucket": call["s3Bucket"], "S3Key": call["s3Key"], "S3ObjectVersion": call["s3ObjectVersion"]}
    return {name: value for name, value in named.items() if value is not None}


def _create_function(call: Call) -> None:
    more: dict[str, Any] = {"Architectures": call["architectures"]} if call["architectures"] else {}
    if call.tags:
        more["Tags"] = dict(call.tags)
    call.aws.create_function(
        FunctionName=call["name"],
        Code=_asked_code(call),
        PackageType=call["packageType"],
        Publish=bool(call["publish"]),
        **_asked_configuration(call),
        **more,
    )


def _read_function(call: Call) -> Any:
    told = call.aws.get_function(FunctionName=call.id)
    found = told["Configuration"]
    latest = list(call.pages("list_versions_by_function", "Versions", FunctionName=call.id))[-1]
    signing = call.aws.get_function_code_signing_config(FunctionName=call.id)
    arn, qualified = found["FunctionArn"], latest["FunctionArn"]
    return {
        **found,
        "Arn": arn,
        "CodeSigningConfigArn": signing.get("CodeSigningConfigArn"),
        "InvokeArn": _invocations(call, "2015-03-31", arn, "invocations"),
        "Name": found["FunctionName"],
        "QualifiedArn": qualified,
        "QualifiedInvokeArn": _invocations(call, "2015-03-31", qualified, "invocations"),
        "ReservedConcurrentExecutions": told.get("Concurrency", {}).get("ReservedConcurrentExecutions", _NO_LIMIT),
        "ResponseStreamingInvokeArn": _invocations(call, "2021-11-15", arn, "response-streaming-invocations"),
        "SourceCodeSize": found["CodeSize"],
        "Tags": told.get("Tags"),
        "Version": latest["Version"],
    }


def _invocations(call: Call, version: str, arn: str, what: str) -> str:
    """Return the ARN by which API Gateway calls a function. Source: `invokeARN`, `responseStreamingInvokeARN`."""
    return f"arn:{call.account.partition}:apigateway:{call.region}:lambda:path/{version}/functions/{arn}/{what}"


def _change_function(call: Call) -> None:
    """Change configuration, then code, then concurrency; publish what has changed if that is asked for."""
    asked = _asked_configuration(call)
    differing = [item for item in _CONFIGURATION if _differs(call, item)]
    if differing:
        changed = {item.aws: asked.get(item.aws, _WHEN_TAKEN_AWAY.get(item.aws)) for item in differing}
        if "KMSKeyArn" in changed or "Environment" in changed:
            changed["Environment"] = asked.get("Environment", _WHEN_TAKEN_AWAY["Environment"])
        known = {name: value for name, value in changed.items() if value is not None}
        call.aws.update_function_configuration(FunctionName=call.id, **known)
    new_code = any(_differs(call, item) for item in _CODE)
    if new_code:
        chips = {"Architectures": call["architectures"]} if call["architectures"] else {}
        call.aws.update_function_code(FunctionName=call.id, **_asked_code(call), **chips)
    if _differs(call, _CONCURRENCY):
        _set_concurrency(call)
    if call["publish"] and (differing or new_code or not call.state.get("publish")):
        call.aws.publish_version(FunctionName=call.id)


def _differs(call: Call, item: Property) -> bool:
    if call[item.name] is None and item.computed:
        return False
    return not item.same(call.state.get(item.name), call[item.name])


def _set_concurrency(call: Call) -> None:
    limit = call["reservedConcurrentExecutions"]
    if limit is None or limit < 0:
        call.aws.delete_function_concurrency(FunctionName=call.id)
        return
    call.aws.put_function_concurrency(FunctionName=call.id, ReservedConcurrentExecutions=limit)


def _delete_function(call: Call) -> None:
    if not call["skipDestroy"]:
        call.aws.delete_function(FunctionName=call.id)


def _function_arn(call: Call) -> str:
    return call.arn("lambda", f"function:{call.id}")


_CONCURRENCY = Property("reservedConcurrentExecutions", WHOLE, default=_NO_LIMIT)

FUNCTION = ResourceType(
    type="aws:lambda/function:Function",
    title="Lambda Function",
    service="lambda",
    properties=(
        Property("name", replaces=True, auto_name=AutoName(longest=64)),
        Property("packageType", replaces=True, default="Zip", one_of=("Zip",)),
        *_CONFIGURATION,
        *_CODE,
        _CONCURRENCY,
        Property("publish", FLAG, default=False, unread=True),
        Property("skipDestroy", FLAG, default=False, unread=True),
        output("arn"),
        output("codeSha256"),
        output("codeSigningConfigArn"),
        output("invokeArn"),
        output("lastModified"),
        output("qualifiedArn"),
        output("qualifiedInvokeArn"),
        output("responseStreamingInvokeArn"),
        output("sourceCodeSize", WHOLE),
        output("version"),
    ),
    id="{name}",
    create=_create_function,
    read=_read_function,
    changes=(
        Change(
            (*(item.name for item in (*_CONFIGURATION, *_CODE)), _CONCURRENCY.name, "publish"),
            _change_function,
        ),
    ),
    delete=_delete_function,
    tagging=Tagging(
        add=lambda call: call.aws.tag_resource(Resource=_function_arn(call), Tags=dict(call.tags)),
        remove=lambda call: call.aws.untag_resource(Resource=_function_arn(call), TagKeys=sorted(call.tags)),
        shape=TagShape.MAP,
    ),
    exactly_one_of=(("code", "s3Bucket"),),
    wrong_together=_wrong_together,
    not_found=_MISSING,
    already_exists=("ResourceConflictException",),
)

_GIVEN = {
    "action": "Action",
    "eventSourceToken": "EventSourceToken",
    "function": "FunctionName",
    "functionUrlAuthType": "FunctionUrlAuthType",
    "invokedViaFunctionUrl": "InvokedViaFunctionUrl",
    "principal": "Principal",
    "principalOrgId": "PrincipalOrgID",
    "sourceAccount": "SourceAccount",
    "sourceArn": "SourceArn",
    "statementId": "StatementId",
}


def _add_permission(call: Call) -> None:
    asked = {parameter: call[name] for name, parameter in _GIVEN.items() if call[name] is not None}
    call.aws.add_permission(**asked)


def _read_permission(call: Call) -> Any:
    function, statement = call["function"], call["statementId"]
    policy = json.loads(call.aws.get_policy(FunctionName=function)["Policy"])
    found = next((each for each in policy["Statement"] if each.get("Sid") == statement), None)
    if found is None:
        return None
    principal, conditions = found["Principal"], found.get("Condition", {})
    equal = conditions.get("StringEquals", {})
    by_url = conditions.get("Bool", {}).get("lambda:InvokedViaFunctionUrl")
    return {
        "Action": found["Action"],
        "EventSourceToken": equal.get("lambda:EventSourceToken"),
        # The name stays in the form the program gave it.
        "Function": found["Resource"] if function.startswith("arn:") else found["Resource"].split(":")[6],
        "FunctionUrlAuthType": equal.get("lambda:FunctionUrlAuthType"),
        "InvokedViaFunctionUrl": None if by_url is None else by_url == "true",
        "Principal": principal if isinstance(principal, str) else principal.get("AWS", principal.get("Service")),
        "PrincipalOrgId": equal.get("aws:PrincipalOrgID"),
        "SourceAccount": equal.get("AWS:SourceAccount"),
        "SourceArn": conditions.get("ArnLike", {}).get("AWS:SourceArn"),
        "StatementId": found["Sid"],
    }


def _remove_permission(call: Call) -> None:
    call.aws.remove_permission(FunctionName=call["function"], StatementId=call["statementId"])


PERMISSION = ResourceType(
    type="aws:lambda/permission:Permission",
    title="Lambda Permission",
    service="lambda",
    properties=(
        Property("action", required=True, replaces=True),
        Property("function", required=True, replaces=True),
        Property("principal", required=True, replaces=True),
        Property("eventSourceToken", replaces=True),
        Property("functionUrlAuthType", replaces=True, one_of=("AWS_IAM", "NONE")),
        Property("invokedViaFunctionUrl", FLAG, replaces=True),
        Property("principalOrgId", replaces=True),
        Property("sourceAccount", replaces=True),
        Property("sourceArn", replaces=True),
        Property("statementId", replaces=True, auto_name=AutoName(longest=100)),
    ),
    id="{statementId}",
    id_in_answer="StatementId",
    import_id="{function}/{statementId}",
    create=_add_permission,
    read=_read_permission,
    delete=_remove_permission,
    not_found=_MISSING,
    already_exists=("ResourceConflictException",),
)

TYPES = (FUNCTION, PERMISSION)
