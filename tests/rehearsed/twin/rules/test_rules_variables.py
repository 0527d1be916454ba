"""Policy variables, one rule each. Source: IAM User Guide, "IAM policy elements: Variables and tags"."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.rehearsed.twin.rules.rule_scene import Subject, allow, allowed, as_json, deny
from tests.support.twin_fixtures import Keys, document, refused

NewUser = Callable[..., tuple[str, Keys]]


def _objects(subject: Subject, name: str) -> str:
    return f"arn:aws:s3:::{subject.bucket}/{name}"


@pytest.fixture
def bucket_policy(subject: Subject) -> Iterator[Callable[[str], None]]:
    """Return what sets the policy of the subject's bucket until the test ends; the subject has no rights of its own."""
    s3 = subject.aws.client("s3", subject.admin)
    subject.holds(allow("iam:GetUser"))
    yield lambda policy: s3.put_bucket_policy(Bucket=subject.bucket, Policy=policy)
    s3.delete_bucket_policy(Bucket=subject.bucket)


def test_a_variable_stands_for_the_requests_value_in_a_resource(subject: Subject) -> None:
    """A variable in Resource is replaced by the key's value in the request ("Resource element")."""
    subject.holds(allow("s3:GetObject", _objects(subject, "${aws:PrincipalTag/text}/*")))
    assert subject.may_get("Team-A/x")
    assert not subject.may_get("Team-B/x")


def test_the_value_of_a_variable_has_case(subject: Subject) -> None:
    """What stands for a variable in Resource is compared with its case ("AWS JSON policy elements: Resource")."""
    subject.holds(allow("s3:GetObject", _objects(subject, "${aws:PrincipalTag/text}/*")))
    assert not subject.may_get("team-a/x")


def test_a_variables_key_has_no_case(subject: Subject) -> None:
    """Key names in variables are not case-sensitive ("Information available in all requests", Important)."""
    subject.holds(allow("s3:GetObject", _objects(subject, "${AWS:principaltag/TEXT}/*")))
    assert subject.may_get("Team-A/x")


@pytest.mark.parametrize(
    ("operator", "prefix", "value", "expected"),
    [
        ("StringLike", "Team-A/x", "${aws:PrincipalTag/text}/*", True),
        ("StringLike", "Team-B/x", "${aws:PrincipalTag/text}/*", False),
        ("StringEquals", "Team-A", "${aws:PrincipalTag/text}", True),
        ("StringEquals", "Team-B", "${aws:PrincipalTag/text}", False),
        ("StringNotEquals", "Team-A", "${aws:PrincipalTag/text}", False),
        ("StringNotEquals", "Team-B", "${aws:PrincipalTag/text}", True),
        ("StringEqualsIgnoreCase", "TEAM-A", "${aws:PrincipalTag/text}", True),
    ],
)
def test_a_variable_in_a_string_condition(
    subject: Subject, operator: str, prefix: str, value: str, expected: bool
) -> None:
    """A variable may stand in values of string operators ("Condition element")."""
    assert subject.under({operator: {"s3:prefix": value}}).may_browse(prefix) is expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [("arn:aws:iam::${aws:PrincipalAccount}:role/subject", True), ("arn:aws:iam::${aws:userid}:role/subject", False)],
)
def test_a_variable_in_an_arn_condition(subject: Subject, pattern: str, expected: bool) -> None:
    """A variable may stand in values of ARN operators ("Condition element")."""
    assert subject.under({"ArnEquals": {"aws:PrincipalArn": pattern}}).may_list() is expected


def test_a_variable_without_value_matches_no_resource(subject: Subject) -> None:
    """A variable whose key the request lacks makes the Resource match nothing ("Policy variables with no value")."""
    subject.holds(allow("s3:GetObject", _objects(subject, "${aws:PrincipalTag/absent}*")))
    assert not subject.may_get("none/x")


@pytest.mark.parametrize(
    ("operator", "expected"),
    [("StringEquals", False), ("StringLike", False), ("StringNotEquals", True), ("StringNotLike", True)],
)
def test_a_variable_without_value_is_like_nothing(subject: Subject, operator: str, expected: bool) -> None:
    """Nothing is equal to or like a variable without value, so negated operators hold ("... with no value")."""
    condition = {operator: {"aws:PrincipalTag/text": "${aws:PrincipalTag/absent}"}}
    assert subject.under(condition).may_list() is expected


def test_a_default_stands_where_the_key_is_missing(subject: Subject) -> None:
    """`${key, 'default'}` is the default when the request lacks the key ("Specifying default values")."""
    subject.holds(allow("s3:GetObject", _objects(subject, "${aws:PrincipalTag/absent, 'none'}/*")))
    assert subject.may_get("none/x")
    assert not subject.may_get("Team-A/x")


def test_a_value_goes_before_the_default(subject: Subject) -> None:
    """The default does not count where the request has the key ("Specifying default values")."""
    subject.holds(allow("s3:GetObject", _objects(subject, "${aws:PrincipalTag/text, 'none'}/*")))
    assert subject.may_get("Team-A/x")
    assert not subject.may_get("none/x")


@pytest.mark.parametrize("character", ["*", "?", "$"])
def test_special_characters_can_be_meant(subject: Subject, character: str) -> None:
    """`${*}`, `${?}` and `${$}` are the characters themselves ("Request information that you can use")."""
    subject.holds(allow("s3:GetObject", _objects(subject, f"${{{character}}}")))
    assert subject.may_get(character)
    other = "?" if character != "?" else "*"
    assert not subject.may_get(other)


def test_the_value_of_a_variable_is_no_pattern(subject: Subject) -> None:
    """A star in the request's value stands for itself, unlike one in the policy ("Variables and tags")."""
    condition = {"StringLike": {"aws:PrincipalTag/text": "${s3:prefix}"}}
    assert not subject.under(condition).may_browse("*")
    assert subject.under(condition).may_browse("Team-A")


def test_the_user_name_is_a_variable(subject: Subject, new_user: NewUser) -> None:
    """`${aws:username}` is a user's name, path left out ("Principal key values")."""
    name, keys = new_user("", subject.admin)
    right = allow("iam:ListAccessKeys", f"arn:aws:iam::{subject.account}:user/${{aws:username}}")
    iam = subject.aws.client("iam", subject.admin)
    iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=document(right))
    own = subject.aws.client("iam", keys)
    assert allowed(own.list_access_keys, UserName=name)
    other, _ = new_user("", subject.admin)
    assert not allowed(own.list_access_keys, UserName=other)


def test_a_role_session_has_no_user_name(subject: Subject) -> None:
    """`aws:username` is not present for assumed roles ("Principal key values")."""
    assert not subject.under({"StringLike": {"aws:username": "*"}}).may_list()
    assert subject.under({"Null": {"aws:username": "true"}}).may_list()


def test_the_user_id_of_a_session_is_role_id_and_session_name(subject: Subject) -> None:
    """`aws:userid` of an assumed role is role-id:session-name ("Principal key values")."""
    role = subject.aws.client("iam", subject.admin).get_role(RoleName="subject")["Role"]
    assert subject.under({"StringEquals": {"aws:userid": f"{role['RoleId']}:test"}}).may_list()
    assert not subject.under({"StringEquals": {"aws:userid": role["RoleId"]}}).may_list()


def test_old_documents_have_no_variables(subject: Subject, bucket_policy: Callable[[str], None]) -> None:
    """Before version 2012-10-17 `${...}` is plain text ("AWS JSON policy elements: Version")."""
    grant = allow("s3:GetObject", _objects(subject, "${aws:PrincipalTag/text}*"), Principal={"AWS": subject.role_arn})
    bucket_policy(as_json(grant, version="2008-10-17"))
    assert subject.may_get("${aws:PrincipalTag/text}")
    assert not subject.may_get("Team-A/x")
    bucket_policy(as_json(grant, version="2012-10-17"))
    assert not subject.may_get("${aws:PrincipalTag/text}")
    assert subject.may_get("Team-A/x")


def test_variables_stand_in_denies_as_well(subject: Subject) -> None:
    """A Deny with a variable reaches what the variable stands for ("Resource element")."""
    subject.holds(allow("s3:*"), deny("s3:GetObject", _objects(subject, "${aws:PrincipalTag/text}/*")))
    assert not subject.may_get("Team-A/x")
    assert subject.may_get("Team-B/x")


def _put_role_policy(subject: Subject, statement: dict[str, Any]) -> None:
    subject.aws.client("iam", subject.admin).put_role_policy(
        RoleName="subject", PolicyName="refused", PolicyDocument=document(statement)
    )


def test_a_variable_before_the_fifth_colon_is_refused(subject: Subject) -> None:
    """A variable may not stand for the service or account of an ARN ("Resource element")."""
    with refused("MalformedPolicyDocument"):
        _put_role_policy(subject, allow("s3:GetObject", "arn:aws:sqs:*:${aws:PrincipalAccount}:x"))


def test_actions_have_no_variables(subject: Subject) -> None:
    """Variables are for Resource and Condition alone; in Action they are no action ("Where you can use ...")."""
    with refused("MalformedPolicyDocument"):
        _put_role_policy(subject, allow("s3:${aws:PrincipalTag/text}"))


def test_principals_have_no_variables(subject: Subject, bucket_policy: Callable[[str], None]) -> None:
    """Variables are for Resource and Condition alone; in Principal they name nobody ("Where you can use ...")."""
    named = {"AWS": f"arn:aws:iam::{subject.account}:role/${{aws:PrincipalTag/text}}"}
    with refused("MalformedPolicy"):
        bucket_policy(document(allow("s3:GetObject", _objects(subject, "*"), Principal=named)))
    bucket_policy(document(allow("s3:GetObject", _objects(subject, "*"), Principal={"AWS": subject.role_arn})))
    assert subject.may_get("none/x")
