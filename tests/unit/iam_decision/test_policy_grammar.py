"""What a policy document may look like. AWS page: "Grammar of the IAM JSON policy language"."""

from __future__ import annotations

import json

import pytest

from iam_decision import PolicyError, PolicyKind, parse_policy
from tests.unit.iam_decision.policy_builders import Body, allow, deny, document, without

EVERYONE: Body = {"Principal": "*"}


def problem_of(text: object, kind: PolicyKind = PolicyKind.IDENTITY) -> str:
    """Return what parsing complains about."""
    with pytest.raises(PolicyError) as caught:
        parse_policy(text, "checked", kind=kind)  # type: ignore[arg-type]
    return caught.value.problem


def test_a_document_is_json_text_or_an_object() -> None:
    """JSON text and the object that it stands for give the same policy."""
    body = document(allow("s3:*", Sid="One"), deny("iam:*"))
    assert parse_policy(json.dumps(body), "p") == parse_policy(body, "p")


def test_one_statement_needs_no_list() -> None:
    """Statement may be a single object instead of a list (grammar: statement_block)."""
    assert len(parse_policy({"Version": "2012-10-17", "Statement": allow()}, "p").statements) == 1


def test_statements_are_known_by_sid_or_number() -> None:
    """A statement is called by its Sid, or by its number from 1."""
    policy = parse_policy(document(allow(Sid="First"), allow()), "p")
    assert [statement.label for statement in policy.statements] == ["First", "statement 2"]


def test_an_error_names_policy_statement_and_problem() -> None:
    """A PolicyError carries the policy's name, the statement and the problem, in its message too."""
    with pytest.raises(PolicyError) as caught:
        parse_policy(document(allow(), without(allow(Sid="Second"), "Effect")), "ops")
    assert (caught.value.name, caught.value.statement) == ("ops", "Second")
    assert str(caught.value) == "policy ops, Second: Missing required field Effect"


def test_an_error_of_the_whole_document_names_no_statement() -> None:
    """A problem outside any statement names the policy alone."""
    with pytest.raises(PolicyError) as caught:
        parse_policy("{", "ops")
    assert str(caught.value).startswith("policy ops: Syntax errors in policy. Not JSON")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[]", "not a JSON object"),
        ("nonsense", "Not JSON"),
        ("[" * 100_000, "Not JSON"),
        ('{"Version": NaN}', "NaN is not JSON"),
        ('{"Version":"2012-10-17","Version":"2012-10-17"}', "'Version' is there twice"),
        (document(), "Statement must be"),
        ({"Version": "2012-10-17"}, "Statement must be"),
        ({"Version": "2012-10-17", "Statement": "x"}, "Statement must be"),
        ({"Version": "2012-10-17", "Statement": ["x"]}, "A statement must be an object"),
        ({**document(allow()), "Extra": 1}, "Unknown element 'Extra'"),
        ({**document(allow()), "Id": 1}, "Id must be a string"),
        (document(allow(Sid=1)), "Sid must be a string"),
        (document(allow(Resources="*")), "Unknown element 'Resources'"),
        (document({**allow(), "Effect": "allow"}), "Invalid effect: allow"),
        (document({**allow(), "Effect": ["Allow"]}), "Invalid effect"),
        (document(allow(NotAction="s3:*")), "Action and NotAction exclude each other"),
        (document(allow(NotResource="*")), "Resource and NotResource exclude each other"),
        (document(allow(Action=7)), "Action must be a string or a list of strings"),
        (document(allow(Condition=[])), "Condition must be an object"),
        (document(allow(Condition={"Bool": "true"})), "must be an object of keys and values"),
        (document(allow(Condition={"Bool": {"aws:SecureTransport": None}})), "needs strings, numbers or booleans"),
    ],
)
def test_syntax_errors(text: object, words: str) -> None:
    """What the grammar does not know is refused, with the element named."""
    assert words in problem_of(text)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (without(allow(), "Action"), "Policy statement must contain actions."),
        (allow([]), "Policy statement must contain actions."),
        (allow("GetObject"), "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."),
        (allow("s3:Get:Object"), "Actions/Condition can contain only one colon."),
        (allow("s 3:Get"), "Vendor s 3 is not valid"),
        (without(allow(), "Resource"), "Policy statement must contain resources."),
        (allow(Resource=[]), "Policy statement must contain resources."),
        (allow(Resource="acme-data"), 'Resource acme-data must be in ARN format or "*".'),
        (allow(Resource="arn:mars:s3:::x"), 'Partition "mars" is not valid for resource "arn:mars:s3:::x".'),
        (allow(Resource="arn:aws:s*:::x"), "Resource vendor must be fully qualified and cannot contain regexes."),
        (allow(Resource="arn:aws:iam:eu-west-1:1:role/x"), "cannot contain region information."),
        (allow(Resource="arn:aws:s3:::x/${aws:username"), "has no closing brace"),
        (allow(Resource="arn:aws:s3:::x/${username}"), "policy variable ${username} is not valid"),
        (allow(Resource="arn:aws:iam::${aws:PrincipalAccount}:role/x"), "before the fifth colon"),
        (allow(Principal="*"), "Policy document should not specify a principal."),
        (allow(NotPrincipal="*"), "Policy document should not specify a principal."),
        (allow(Sid="not ok"), "Statement IDs (SID) must be alpha-numeric."),
        (allow(Condition={"Bool": {"SecureTransport": "true"}}), "must be prefaced by a vendor"),
    ],
)
def test_identity_policies_are_refused_in_aws_words(statement: Body, words: str) -> None:
    """An identity policy needs actions, resources that are ARNs, and no principal ("IAM JSON policy elements")."""
    assert words in problem_of(document(statement))


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (allow("sts:AssumeRole", **EVERYONE), "Has prohibited field Resource"),
        (without(allow("sts:AssumeRole"), "Resource"), "Missing required field Principal"),
        (
            without(allow("s3:GetObject", **EVERYONE), "Resource"),
            "AssumeRole policy may only specify STS AssumeRole actions.",
        ),
        (
            without({**allow(**EVERYONE), "NotAction": "iam:*"}, "Resource", "Action"),
            "AssumeRole policy may only specify STS AssumeRole actions.",
        ),
        (without(deny("sts:AssumeRole", NotPrincipal="*"), "Resource"), "Has prohibited field NotPrincipal"),
    ],
)
def test_trust_policies_are_refused_in_aws_words(statement: Body, words: str) -> None:
    """A trust policy names principals and STS actions, and no resource ("AWS JSON policy elements: Principal")."""
    assert problem_of(document(statement), PolicyKind.TRUST) == words


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (allow("s3:*"), "Missing required field Principal"),
        (without(allow("s3:*", **EVERYONE), "Resource"), "Missing required field Resource"),
        (allow("s3:*", NotPrincipal={"AWS": "111111111111"}), "Allow with NotPrincipal is not allowed."),
        (allow("s3:*", Principal={}), 'Invalid principal in policy: Principal must be "*" or an object.'),
        (allow("s3:*", Principal={"Aws": "*"}), "Invalid principal in policy: 'Aws' is not a principal type."),
        (allow("s3:*", Principal={"AWS": []}), "Invalid principal in policy: AWS names nobody."),
    ],
)
def test_resource_policies_are_refused_in_aws_words(statement: Body, words: str) -> None:
    """A resource policy names principals and resources ("Identity-based policies and resource-based policies")."""
    assert problem_of(document(statement), PolicyKind.RESOURCE) == words


def test_canonical_users_are_refused_by_name() -> None:
    """A CanonicalUser principal cannot be decided here and is refused rather than ignored."""
    statement = allow("s3:*", Principal={"CanonicalUser": "0" * 64})
    assert "CanonicalUser are not supported" in problem_of(document(statement), PolicyKind.RESOURCE)


def test_service_control_policies_name_no_principal() -> None:
    """An SCP has no Principal (AWS Organizations, "SCP syntax")."""
    assert (
        problem_of(document(allow(Principal="*")), PolicyKind.SCP) == "Policy document should not specify a principal."
    )


@pytest.mark.parametrize("kind", [PolicyKind.IDENTITY, PolicyKind.SCP])
@pytest.mark.parametrize("version", ["2008-10-17", None])
def test_identity_policies_and_scps_need_the_newest_version(kind: PolicyKind, version: str | None) -> None:
    """Identity policies and SCPs are written in version 2012-10-17 ("IAM JSON policy elements: Version")."""
    body = {**document(allow()), "Version": version}
    text = json.dumps({key: value for key, value in body.items() if value is not None})
    assert problem_of(text, kind) == "Policy document must be version 2012-10-17 or greater."


def test_an_unknown_version_is_refused() -> None:
    """Only 2012-10-17 and 2008-10-17 are versions of the language ("IAM JSON policy elements: Version")."""
    assert "Version must be 2012-10-17 or 2008-10-17" in problem_of(document(allow(), version="2026-01-01"))


@pytest.mark.parametrize("kind", [PolicyKind.RESOURCE, PolicyKind.TRUST])
def test_resource_and_trust_policies_may_leave_the_version_out(kind: PolicyKind) -> None:
    """Without Version a resource policy is of version 2008-10-17 ("IAM JSON policy elements: Version")."""
    resource = {} if kind is PolicyKind.TRUST else {"Resource": "*"}
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole", **resource}
    assert parse_policy({"Statement": statement}, "p", kind=kind).statements


def test_sids_are_unique_in_identity_policies() -> None:
    """Two statements of an identity policy cannot share a Sid ("IAM JSON policy elements: Sid")."""
    twice = document(allow(Sid="Same"), deny(Sid="Same"))
    assert problem_of(twice) == "Statement IDs (SID) in a single policy must be unique."


def test_empty_sids_do_not_count_as_repeated() -> None:
    """An empty Sid is as good as none."""
    assert len(parse_policy(document(allow(Sid=""), deny(Sid="")), "p").statements) == 2


def test_resource_policies_may_have_free_and_repeated_sids() -> None:
    """Services other than IAM allow spaces in Sids ("IAM JSON policy elements: Sid")."""
    statement = allow("kms:*", Sid="Enable IAM policies", Principal="*")
    assert parse_policy(document(statement, statement), "p", kind=PolicyKind.RESOURCE).statements


@pytest.mark.parametrize(
    "operator",
    [
        "StringMatches",
        "stringequals",
        "NumericLike",
        "DateLike",
        "BoolIfExist",
        "ForEachValue:StringEquals",
        "IpAddressNot",
        "IfExists",
        "",
    ],
)
def test_an_unknown_operator_is_refused(operator: str) -> None:
    """An operator outside AWS's list is an error, never taken as met ("Condition operators")."""
    found = problem_of(document(allow(Condition={operator: {"aws:SourceIp": "10.0.0.1"}})))
    assert found.startswith(f"Invalid Condition type : {operator} ")


@pytest.mark.parametrize("operator", ["NullIfExists", "ForAllValues:Null", "ForAnyValue:Null"])
def test_null_stands_alone(operator: str) -> None:
    """Null takes neither IfExists nor a set operator ("Null with if exists")."""
    assert "takes neither" in problem_of(document(allow(Condition={operator: {"aws:TokenIssueTime": "true"}})))


@pytest.mark.parametrize(
    ("operator", "value"),
    [
        ("Bool", "yes"),
        ("Null", "absent"),
        ("NumericLessThan", "ten"),
        ("NumericEquals", "NaN"),
        ("DateGreaterThan", "tomorrow"),
        ("IpAddress", "10.0.0.0/33"),
        ("BinaryEquals", "***"),
    ],
)
def test_a_condition_value_not_of_its_type_is_refused(operator: str, value: str) -> None:
    """Values in a policy have to be of the operator's type ("Condition operators")."""
    assert f'"{value}"' in problem_of(document(allow(Condition={operator: {"aws:Key": value}})))
