"""Which actions and resources a statement is about: wildcards, Not... elements and policy variables."""

from __future__ import annotations

import pytest

from iam_decision import Policies, decide
from tests.unit.iam_decision.policy_builders import (
    HOME,
    OBJECT,
    Body,
    allow,
    deny,
    identity,
    request,
    session,
    user,
    without,
)


def is_allowed(statement: Body, action: str = "s3:GetObject", resource: str = OBJECT, **context: str) -> bool:
    """Tell whether one identity statement allows alice the action; context names use _ for : and ."""
    keys = {name.replace("__", "/").replace("_", ":", 1): value for name, value in context.items()}
    return decide(request(user(), action, resource, keys), Policies(identity=(identity(statement),))).allowed


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("*", True),
        ("s3:*", True),
        ("s3:GetObject", True),
        ("S3:getobject", True),
        ("s3:Get*", True),
        ("s3:*Object", True),
        ("s3:G?tObject", True),
        ("s3:GetObject?", False),
        ("s3:Get", False),
        ("s3:GetObjectAcl", False),
        ("s3.:GetObject", False),
        ("iam:*", False),
    ],
)
def test_action_patterns(pattern: str, matches: bool) -> None:
    """Actions match in any case, `*` any and `?` one character ("IAM JSON policy elements: Action")."""
    assert is_allowed(allow(pattern)) is matches


def test_not_action_is_every_other_action() -> None:
    """NotAction is about all actions but those listed ("IAM JSON policy elements: NotAction")."""
    statement = without({**allow(), "NotAction": ["iam:*", "sts:*"]}, "Action")
    assert is_allowed(statement, "s3:GetObject")
    assert not is_allowed(statement, "iam:CreateUser")


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("*", True),
        (OBJECT, True),
        ("arn:aws:s3:::acme-data/*", True),
        ("arn:aws:s3:::acme-*", True),
        ("arn:*:s3:::acme-data/report.csv", True),
        ("arn:aws:s3:::acme-data/report.?sv", True),
        ("arn:aws:s3:::acme-data/*.c*v", True),
        ("arn:aws:s3", True),
        ("arn:aws:s3:::acme-data", False),
        ("arn:aws:s3:::ACME-data/report.csv", False),
        ("arn:aws:s3:::acme-data/report.cs", False),
        ("arn:aws:s3:::acme-data/report.csv?", False),
        ("arn:aws:s3:::acme-data/[a-z]*", False),
        ("arn:aws:sqs", False),
    ],
)
def test_resource_patterns(pattern: str, matches: bool) -> None:
    """Resources match in exact case, wildcards span slashes, missing fields are * ("... elements: Resource")."""
    assert is_allowed(allow(Resource=pattern)) is matches


def test_resource_wildcards_span_colons() -> None:
    """A wildcard in Resource also takes colons, as in a log group and its streams ("... elements: Resource")."""
    statement = allow("logs:PutLogEvents", Resource="arn:aws:logs:*:log-stream:a")
    assert is_allowed(statement, "logs:PutLogEvents", f"arn:aws:logs:eu-west-1:{HOME}:log-group:x:log-stream:a")


def test_an_action_without_resource_needs_the_star() -> None:
    """An action that has no resource type is asked on `*` and no ARN pattern matches that."""
    assert is_allowed(allow("s3:ListAllMyBuckets"), "s3:ListAllMyBuckets", "*")
    assert not is_allowed(allow("s3:ListAllMyBuckets", Resource="arn:aws:s3:::*"), "s3:ListAllMyBuckets", "*")


def test_not_resource_is_every_other_resource() -> None:
    """NotResource is about all resources but those listed ("IAM JSON policy elements: NotResource")."""
    statement = without({**allow(), "NotResource": "arn:aws:s3:::secret/*"}, "Resource")
    assert is_allowed(statement)
    assert not is_allowed(statement, resource="arn:aws:s3:::secret/x")


def test_deny_with_not_resource_denies_the_others() -> None:
    """Deny with NotResource denies everything outside the list ("IAM JSON policy elements: NotResource")."""
    fence = without({**deny(), "NotResource": "arn:aws:s3:::acme-data/*"}, "Resource")
    policies = Policies(identity=(identity(allow(), fence),))
    assert decide(request(), policies).allowed
    assert not decide(request(resource="arn:aws:s3:::other/x"), policies).allowed


HOME_FOLDER = "arn:aws:s3:::homes/${aws:username}/*"


def test_a_variable_takes_the_value_of_the_request() -> None:
    """`${aws:username}` in Resource is the caller's user name ("Variables and tags")."""
    assert is_allowed(allow(Resource=HOME_FOLDER), resource="arn:aws:s3:::homes/alice/notes")
    assert not is_allowed(allow(Resource=HOME_FOLDER), resource="arn:aws:s3:::homes/bob/notes")


def test_variable_names_ignore_case() -> None:
    """Key names in variables are case-insensitive ("Variables and tags")."""
    assert is_allowed(allow(Resource="arn:aws:s3:::homes/${AWS:UserName}"), resource="arn:aws:s3:::homes/alice")


def test_a_tag_is_a_variable() -> None:
    """`${aws:PrincipalTag/team}` is the principal's tag ("Tags as policy variables")."""
    statement = allow(Resource="arn:aws:s3:::teams/${aws:PrincipalTag/team}/*")
    assert is_allowed(statement, resource="arn:aws:s3:::teams/net/x", aws_PrincipalTag__team="net")
    assert not is_allowed(statement, resource="arn:aws:s3:::teams/ops/x", aws_PrincipalTag__team="net")


@pytest.mark.parametrize("resource", ["arn:aws:s3:::teams//x", "arn:aws:s3:::teams/${aws:PrincipalTag/team}/x"])
def test_a_resource_with_a_variable_without_value_matches_nothing(resource: str) -> None:
    """A Resource whose variable has no value matches no resource ("Policy variables with no value")."""
    assert not is_allowed(allow(Resource="arn:aws:s3:::teams/${aws:PrincipalTag/team}/*"), resource=resource)


@pytest.mark.parametrize(("tags", "folder"), [({}, "common"), ({"aws_PrincipalTag__team": "net"}, "net")])
def test_a_variable_may_have_a_default(tags: dict[str, str], folder: str) -> None:
    """`${key, 'default'}` is the default when the key is absent ("Specifying default values")."""
    statement = allow(Resource="arn:aws:s3:::teams/${aws:PrincipalTag/team, 'common'}/*")
    assert is_allowed(statement, resource=f"arn:aws:s3:::teams/{folder}/x", **tags)
    assert not is_allowed(statement, resource="arn:aws:s3:::teams/other/x", **tags)


def test_wildcards_in_a_variables_value_are_plain_characters() -> None:
    """A `*` that comes with a variable's value stands for itself ("Variables and tags")."""
    statement = allow(Resource="arn:aws:s3:::teams/${aws:PrincipalTag/team}")
    assert not is_allowed(statement, resource="arn:aws:s3:::teams/any", aws_PrincipalTag__team="*")
    assert is_allowed(statement, resource="arn:aws:s3:::teams/*", aws_PrincipalTag__team="*")


@pytest.mark.parametrize(
    ("written", "character"), [("${*}", "*"), ("${?}", "?"), ("${$}", "$")], ids=["star", "question mark", "dollar"]
)
def test_special_characters_have_their_own_variables(written: str, character: str) -> None:
    """`${*}`, `${?}` and `${$}` are the characters themselves ("Special characters")."""
    statement = allow(Resource=f"arn:aws:s3:::odd/a{written}b")
    assert is_allowed(statement, resource=f"arn:aws:s3:::odd/a{character}b")
    assert not is_allowed(statement, resource="arn:aws:s3:::odd/aXb")


def test_a_key_with_several_values_is_no_variable() -> None:
    """A multivalued context key cannot be used as a variable ("Using variables in policies")."""
    policies = Policies(identity=(identity(allow(Resource="arn:aws:s3:::tags/${aws:TagKeys}")),))
    asked = request(resource="arn:aws:s3:::tags/a", context={"aws:TagKeys": ["a", "b"]})
    assert not decide(asked, policies).allowed


@pytest.mark.parametrize(("name", "matches"), [("alice", True), ("bob", False)])
def test_a_value_with_variable_and_wildcard_keeps_both(name: str, matches: bool) -> None:
    """Variables and wildcards work together in StringLike values ("Variables and tags")."""
    statement = allow(Condition={"StringLike": {"s3:prefix": "home/${aws:username}/*"}})
    assert is_allowed(statement, s3_prefix=f"home/{name}/2026") is matches


def test_aws_username_is_absent_for_role_sessions() -> None:
    """A role session has no `aws:username` (table "Principal key values")."""
    policies = Policies(identity=(identity(allow(Resource=HOME_FOLDER)),))
    assert not decide(request(session(), resource="arn:aws:s3:::homes/run/x"), policies).allowed


def test_long_runs_of_wildcards_match_quickly() -> None:
    """A pattern of many wildcards against a long text that does not fit is decided at once, not in hours."""
    statement = allow(Resource="arn:aws:s3:::" + "*a" * 40 + "b")
    assert not is_allowed(statement, resource="arn:aws:s3:::" + "a" * 2_000)
