"""What moto's Lambda forgets: half of a function's settings, the VPC it is in, whom a permission lets in and when.

moto's modules have no types and are changed here, hence `Any` for them. Done when the service is first asked for.
Source: AWS Lambda API Reference, "CreateFunction", "UpdateFunctionConfiguration", "FunctionConfiguration",
"LoggingConfig", "VpcConfigResponse", "AddPermission" (ResourceConflictException), "PutFunctionConcurrency"; AWS Lambda
Developer Guide, "Working with resource-based IAM policies in Lambda".
"""

from __future__ import annotations

import base64
import io
import json
import re
import zipfile
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from rehearsal.twin.emulator.backends import backend_of

_EXTRAS = "fleetyard_settings"
_TAKEN = "The statement id ({}) provided already exists. Please provide a new statement id, or remove the existing one."
_NO_ZIP = "Could not unzip uploaded file. Please check your file, then try to upload again."
_NO_SUBNET = (
    "Error occurred while DescribeSubnets. EC2 Error Code: InvalidSubnetID.NotFound. EC2 Error Message: "
    "The subnet ID '{0}' does not exist"
)
_ACCOUNT = re.compile(r"\d{12}")
_SERVICE = re.compile(r"[a-z0-9.-]+\.(amazonaws|amazon)\.com(\.cn)?")
_EQUALS = {
    "EventSourceToken": "lambda:EventSourceToken",
    "FunctionUrlAuthType": "lambda:FunctionUrlAuthType",
    "PrincipalOrgID": "aws:PrincipalOrgID",
    "SourceAccount": "AWS:SourceAccount",
}


def make_functions_like_aws() -> None:
    """Change moto's Lambda."""
    from moto.awslambda import exceptions, models, policy

    function: Any = models.LambdaFunction
    _keep_settings(function, exceptions)
    _tell_settings(function)
    _change_architecture(function)
    _open_code(function, exceptions)
    _let_in(policy.Policy, models.LambdaFunction, exceptions)


def _extras(function: Any) -> dict[str, Any]:
    kept: dict[str, Any] = vars(function).setdefault(_EXTRAS, {})
    return kept


def _keep_settings(function: Any, exceptions: Any) -> None:
    """Keep what a function is asked to be, when it is made and when it is changed."""
    make, change = function.__init__, function.update_configuration

    @wraps(make)
    def made(self: Any, *args: Any, **kwargs: Any) -> None:
        make(self, *args, **kwargs)
        spec = kwargs["spec"] if "spec" in kwargs else args[1]
        _settle(self, spec, exceptions)

    @wraps(change)
    def changed(self: Any, config_updates: dict[str, Any]) -> Any:
        _settle(self, config_updates, exceptions)
        change(self, config_updates)
        return self.get_configuration()

    function.__init__, function.update_configuration = made, changed


def _settle(function: Any, asked: Mapping[str, Any], exceptions: Any) -> None:
    kept = _extras(function)
    for name in ("DeadLetterConfig", "LoggingConfig"):
        if name in asked:
            kept[name] = asked[name]
    if "KMSKeyArn" in asked:
        function.kms_key_arn = asked["KMSKeyArn"] or None
    if asked.get("TracingConfig"):
        function.tracing_config = asked["TracingConfig"]
    if asked.get("EphemeralStorage"):
        function.ephemeral_storage = asked["EphemeralStorage"]["Size"]
    for subnet in (asked.get("VpcConfig") or {}).get("SubnetIds") or ():
        if _vpc_of(function, subnet) is None:
            raise exceptions.InvalidParameterValueException(_NO_SUBNET.format(subnet))


def _vpc_of(function: Any, subnet: str) -> str | None:
    ec2 = backend_of("ec2", "ec2", function.account_id, function.region)
    zones = ec2.subnets.values() if ec2 is not None else ()
    return next((str(zone[subnet].vpc_id) for zone in zones if subnet in zone), None)


def _tell_settings(function: Any) -> None:
    """Tell all of a function's settings, and a concurrency of none at all."""
    plain, code = function.get_configuration, function.get_code

    @wraps(plain)
    def get_configuration(self: Any, on_create: bool = False) -> Any:
        told, kept = plain(self, on_create), _extras(self)
        logging = kept.get("LoggingConfig") or {}
        told["LoggingConfig"] = {"LogFormat": "Text", "LogGroup": self.logs_group_name, **logging}
        if (kept.get("DeadLetterConfig") or {}).get("TargetArn"):
            told["DeadLetterConfig"] = kept["DeadLetterConfig"]
        told["VpcConfig"] = _vpc(self)
        return told

    @wraps(code)
    def get_code(self: Any) -> Any:
        told = code(self)
        if self.reserved_concurrency is not None:
            told["Concurrency"] = {"ReservedConcurrentExecutions": int(self.reserved_concurrency)}
        return told

    function.get_configuration, function.get_code = get_configuration, get_code


def _vpc(function: Any) -> dict[str, Any] | None:
    asked = function._vpc_config or {}
    subnets = asked.get("SubnetIds") or []
    if not subnets:
        return None
    return {
        "SubnetIds": subnets,
        "SecurityGroupIds": asked.get("SecurityGroupIds") or [],
        "VpcId": _vpc_of(function, subnets[0]) or "",
        "Ipv6AllowedForDualStack": bool(asked.get("Ipv6AllowedForDualStack")),
    }


def _change_architecture(function: Any) -> None:
    """Change the architecture with the code; moto keeps the old one."""
    plain = function.update_function_code

    @wraps(plain)
    def update_function_code(self: Any, updated_spec: dict[str, Any]) -> Any:
        if updated_spec.get("Architectures"):
            self.architectures = updated_spec["Architectures"]
        return plain(self, updated_spec)

    function.update_function_code = update_function_code


def _open_code(function: Any, exceptions: Any) -> None:
    """Refuse code that is no ZIP file, and say of an object that is not there what AWS says."""
    plain = function._set_function_code

    @wraps(plain)
    def _set_function_code(self: Any, updated_spec: dict[str, Any]) -> None:
        packed = updated_spec.get("ZipFile")
        if packed is not None and not zipfile.is_zipfile(io.BytesIO(base64.b64decode(packed))):
            raise exceptions.InvalidParameterValueException(_NO_ZIP)
        try:
            plain(self, updated_spec)
        except ValueError as error:
            words = error.args[-1] if error.args else ""
            raise exceptions.InvalidParameterValueException(str(words)) from error

    function._set_function_code = _set_function_code


def _let_in(policy: Any, function: Any, exceptions: Any) -> None:
    """Write a permission as AWS does, once for each statement id; layers' permissions stay as they are."""
    plain = policy.add_statement

    @wraps(plain)
    def add_statement(self: Any, raw: str, qualifier: str | None = None) -> Any:
        if not isinstance(self.parent, function):
            return plain(self, raw, qualifier)
        asked = json.loads(raw)
        if any(each.get("Sid") == asked["StatementId"] for each in self.statements):
            raise exceptions.LambdaClientError("ResourceConflictException", _TAKEN.format(asked["StatementId"]))
        if asked.get("RevisionId"):
            return _with_revision(plain, self, raw, qualifier)
        self.statements.append(_statement(self.parent.function_arn, asked, qualifier))
        return self.statements[-1], self.revision

    policy.add_statement = add_statement


def _with_revision(plain: Callable[..., Any], policy: Any, raw: str, qualifier: str | None) -> Any:
    """Let moto compare the revision, then write the statement as AWS does."""
    answer = plain(policy, raw, qualifier)
    policy.statements[-1] = _statement(policy.parent.function_arn, json.loads(raw), qualifier)
    return policy.statements[-1], answer[1]


def _statement(arn: str, asked: Mapping[str, Any], qualifier: str | None) -> dict[str, Any]:
    conditions: dict[str, dict[str, str]] = {}
    for name, key in _EQUALS.items():
        if asked.get(name):
            conditions.setdefault("StringEquals", {})[key] = asked[name]
    if asked.get("InvokedViaFunctionUrl") is not None:
        conditions["Bool"] = {"lambda:InvokedViaFunctionUrl": str(asked["InvokedViaFunctionUrl"]).lower()}
    if asked.get("SourceArn"):
        conditions["ArnLike"] = {"AWS:SourceArn": asked["SourceArn"]}
    return {
        "Sid": asked["StatementId"],
        "Effect": "Allow",
        "Principal": _principal(asked["Principal"]),
        "Action": asked["Action"],
        "Resource": f"{arn}:{qualifier}" if qualifier else arn,
        **({"Condition": conditions} if conditions else {}),
    }


def _principal(named: str) -> Any:
    if named == "*":
        return named
    if _ACCOUNT.fullmatch(named):
        return {"AWS": f"arn:aws:iam::{named}:root"}
    return {"Service": named} if _SERVICE.fullmatch(named) else {"AWS": named}
