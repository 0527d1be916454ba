"""The case of Systems Manager's parameters."""

from __future__ import annotations

from rehearsal.aws.services import ssm
from tests.rehearsed.aws_provider.cases import Case

SSM = [
    Case(
        kind=ssm.PARAMETER,
        inputs=lambda w: {
            "name": f"/fleetyard/{w.name('parameter')}",
            "type": "String",
            "value": "first",
            "description": "what it is",
            "tier": "Advanced",
            "tags": {"a": "1"},
        },
        updates=lambda *_: [
            {"value": "second"},
            {"description": "other"},
            {"description": None},
            {"allowedPattern": "[a-z]+"},
            {"type": "SecureString", "keyId": "alias/aws/ssm"},
            {"type": "String", "keyId": None},
            {"value": None, "insecureValue": "open"},
            {"insecureValue": "open as well"},
            {"tags": {"b": "2"}},
            {"tags": None},
        ],
        replacements=lambda w: {
            "name": f"/{w.name()}",
            "dataType": "aws:ec2:image",
            "tier": "Standard",
            "region": "us-east-1",
        },
        drift=lambda w, r: w.client("ssm").put_parameter(Name=r.id, Value="theirs", Overwrite=True),
        drifted=frozenset({"value"}),
        not_tried={"tier": "an Advanced parameter can only be made anew; test_provider_parameters has the other way"},
    )
]
