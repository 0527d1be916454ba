"""How parameters of a request are found, and which of them fill which ARN."""

from __future__ import annotations

import botocore
import pytest

from rehearsal.twin.actions.reference.matching import Kind, resources_of
from rehearsal.twin.actions.reference.models import Form, Input, OperationModel
from rehearsal.twin.actions.reference.table import TABLE
from rehearsal.twin.requests.operation import Operation
from rehearsal.twin.requests.refusals import Protocol

FUNCTION = "arn:${Partition}:lambda:${Region}:${Account}:function:${FunctionName}"
STACK = "arn:${Partition}:cloudformation:${Region}:${Account}:stack/${StackName}/${Id}"
PLAN = "arn:${Partition}:backup:${Region}:${Account}:backup-plan:${BackupPlanId}"


def operation(name: str, *parameters: str) -> OperationModel:
    """Return an operation that takes these texts."""
    inputs = tuple(Input(each, each, each, Form.TEXT, 0, required=False) for each in parameters)
    return OperationModel(name, "POST", "/", inputs, ())


def kind(name: str, form: str, *, required: bool = True) -> Kind:
    """Return a kind of resource of the action's own service."""
    return Kind(name, form, required, foreign=False)


@pytest.mark.parametrize(
    ("model", "of", "arn"),
    [
        pytest.param(
            operation("GetFunction", "FunctionName"),
            kind("function", FUNCTION),
            "arn:aws:lambda:{region}:{account}:function:{FunctionName}",
            id="the-same-name",
        ),
        pytest.param(
            operation("GetFunction", "Name"),
            kind("function", FUNCTION),
            "arn:aws:lambda:{region}:{account}:function:{Name}",
            id="the-name-of-the-only-kind",
        ),
        pytest.param(
            operation("GetFunction", "FunctionArn"),
            kind("function", FUNCTION),
            "arn:aws:lambda:{region}:{account}:function:{FunctionArn}",
            id="its-ARN",
        ),
        pytest.param(
            operation("TagResource", "ResourceArn"), kind("function", FUNCTION), "{ResourceArn}", id="any-ARN"
        ),
        pytest.param(
            operation("DescribeStacks", "StackName"),
            kind("stack", STACK),
            "arn:aws:cloudformation:{region}:{account}:stack/{StackName}/*",
            id="one-parameter-for-one-variable",
        ),
        pytest.param(
            operation("CreateBackupPlan", "BackupPlanName"),
            kind("backupPlan", PLAN),
            "arn:aws:backup:{region}:{account}:backup-plan:*",
            id="ids-of-new-things-are-AWS-s-to-give",
        ),
        pytest.param(
            operation("ListFunctions", "Marker"),
            kind("function", FUNCTION),
            "arn:aws:lambda:{region}:{account}:function:*",
            id="what-is-required-and-not-named",
        ),
    ],
)
def test_a_variable_is_the_parameter_of_its_name(model: OperationModel, of: Kind, arn: str) -> None:
    """A variable of an ARN is the parameter named like it, with or without the name of the kind of resource."""
    assert [found.arn for found in resources_of(model, [of])] == [arn]


def test_what_is_not_required_and_not_named_is_left_out() -> None:
    """A kind of resource that an operation may take, and no parameter names, is not asked for."""
    assert resources_of(operation("GetFunction", "Marker"), [kind("function", FUNCTION, required=False)]) == ()


def test_what_is_made_is_asked_for_beside_what_is_named() -> None:
    """Making something in something asks for both: what is named, and any of what is made."""
    vpc = kind("vpc", "arn:${Partition}:ec2:${Region}:${Account}:vpc/${VpcId}")
    subnet = kind("subnet", "arn:${Partition}:ec2:${Region}:${Account}:subnet/${SubnetId}")
    found = {each.arn for each in resources_of(operation("CreateSubnet", "VpcId"), [vpc, subnet])}
    assert found == {"arn:aws:ec2:{region}:{account}:vpc/{VpcId}", "arn:aws:ec2:{region}:{account}:subnet/*"}


def requested(protocol: Protocol, **params: object) -> Operation:
    """Return a request with these parameters."""
    return Operation("s", "O", protocol, "us-east-1", params)


@pytest.mark.parametrize(
    ("request_", "path", "values"),
    [
        pytest.param(requested(Protocol.JSON, Name="n"), "Name", ["n"], id="text"),
        pytest.param(requested(Protocol.JSON, Names=["a", "b"]), "Names.*", ["a", "b"], id="list"),
        pytest.param(requested(Protocol.JSON, Outer={"Inner": "n"}), "Outer.Inner", ["n"], id="within"),
        pytest.param(requested(Protocol.JSON, Items=[{"Id": "a"}, {}]), "Items.*.Id", ["a"], id="in-a-list"),
        pytest.param(requested(Protocol.JSON, Name=3), "Name", [], id="no-text"),
        pytest.param(
            requested(Protocol.QUERY, **{"Names.member.1": "a", "Names.member.2": "b"}),
            "Names.*",
            ["a", "b"],
            id="query",
        ),
        pytest.param(requested(Protocol.EC2, **{"VpcId.1": "a"}), "VpcId.*", ["a"], id="EC2"),
        pytest.param(requested(Protocol.EC2, **{"Outer.Inner": "a"}), "Outer.Inner", ["a"], id="EC2-within"),
        pytest.param(
            requested(Protocol.QUERY, **{"Items.entry.1.Id": "a", "ItemsX.1.Id": "b"}), "Items.*.Id", ["a"], id="entry"
        ),
    ],
)
def test_a_path_leads_to_the_same_in_every_protocol(request_: Operation, path: str, values: list[str]) -> None:
    """A path finds its texts in a JSON document and in a form, whatever the service calls the items of a list."""
    assert request_.values(path) == values


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(requested(Protocol.JSON, Tags=[{"Key": "a", "Value": "b"}, {"Key": "c"}]), id="JSON"),
        pytest.param(
            requested(
                Protocol.QUERY, **{"Tags.member.1.Key": "a", "Tags.member.1.Value": "b", "Tags.member.2.Key": "c"}
            ),
            id="query",
        ),
    ],
)
def test_tags_are_pairs(request_: Operation) -> None:
    """A list of tags is read as pairs, a tag without a value as one with an empty value."""
    assert request_.pairs("Tags.*", "Key", "Value") == [("a", "b"), ("c", "")]


def test_the_table_is_of_the_botocore_that_is_installed() -> None:
    """A new botocore wants a new table: `make service-authorization`."""
    header = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    assert any(f"{botocore.__version__} (" in line for line in header), header
