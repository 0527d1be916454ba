"""getPolicyDocument: an IAM document from statements.

Source: pulumi_aws 7.51.1 (`iam/get_policy_document.py`), terraform-provider-aws `policy_document_data_source.go`.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping

from rehearsal.aws.call import Call
from rehearsal.aws.function import Function
from rehearsal.aws.kinds import TEXT_LIST, list_of
from rehearsal.aws.properties import Property
from rehearsal.aws.wire import Properties, Value

_VERSION = "2012-10-17"
_SETS = {
    "actions": "Action",
    "notActions": "NotAction",
    "resources": "Resource",
    "notResources": "NotResource",
}
_PRINCIPALS = {"principals": "Principal", "notPrincipals": "NotPrincipal"}


def _policy_document(call: Call) -> Properties:
    document = {
        "Version": call["version"] or _VERSION,
        **({"Id": call["policyId"]} if call["policyId"] else {}),
        "Statement": [_statement(item) for item in call["statements"] or ()],
    }
    pretty = json.dumps(document, indent=2)
    return {
        **call.asked,
        "id": str(zlib.crc32(pretty.encode())),
        "json": pretty,
        "minifiedJson": json.dumps(document, separators=(",", ":")),
    }


def _statement(given: Mapping[str, Value]) -> dict[str, Value]:
    sets = {aws: _one_or_many(given[name]) for name, aws in _SETS.items() if given.get(name)}
    people = {aws: _people(given[name]) for name, aws in _PRINCIPALS.items() if given.get(name)}
    conditions = {"Condition": _conditions(given["conditions"])} if given.get("conditions") else {}
    sid = {"Sid": given["sid"]} if given.get("sid") else {}
    return {**sid, "Effect": given.get("effect", "Allow"), **sets, **people, **conditions}


def _people(given: Iterable[Mapping[str, Value]]) -> Value:
    found: dict[str, list[str]] = {}
    for item in given:
        found.setdefault(item["type"], []).extend(item["identifiers"])
    if found == {"*": ["*"]}:
        return "*"
    return {kind: _one_or_many(names) for kind, names in found.items()}


def _conditions(given: Iterable[Mapping[str, Value]]) -> dict[str, dict[str, Value]]:
    found: dict[str, dict[str, list[str]]] = {}
    for item in given:
        found.setdefault(item["test"], {}).setdefault(item["variable"], []).extend(item["values"])
    return {
        test: {
            name: [_variables(v) for v in values] if len(values) > 1 else _variables(values[0])
            for name, values in tests.items()
        }
        for test, tests in found.items()
    }


def _one_or_many(values: Iterable[str]) -> str | list[str]:
    found = sorted({_variables(value) for value in values}, reverse=True)
    return found[0] if len(found) == 1 else found


def _variables(text: str) -> str:
    """Return the text with `&{...}`, by which Terraform's own `${...}` is avoided, as IAM's policy variables."""
    return text.replace("&{", "${")


_PEOPLE = list_of(Property("type", required=True), Property("identifiers", TEXT_LIST, required=True))

FUNCTIONS = (
    Function(
        "aws:iam/getPolicyDocument:getPolicyDocument",
        "iam",
        (
            Property("policyId"),
            Property("version", one_of=("2008-10-17", _VERSION)),
            Property(
                "statements",
                list_of(
                    Property("sid"),
                    Property("effect", one_of=("Allow", "Deny")),
                    *(Property(name, TEXT_LIST) for name in _SETS),
                    *(Property(name, _PEOPLE) for name in _PRINCIPALS),
                    Property(
                        "conditions",
                        list_of(
                            Property("test", required=True),
                            Property("variable", required=True),
                            Property("values", TEXT_LIST, required=True),
                        ),
                    ),
                ),
            ),
        ),
        _policy_document,
    ),
)
