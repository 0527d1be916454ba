"""Users and groups on the twin: what has to be gone before a user can be deleted, what a new name leaves as it is."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.twin_fixtures import Keys, TwinAws, refused


@pytest.fixture
def iam(aws: TwinAws, account: str) -> Any:
    """Return IAM of a member account of this test's own, with the user `ana`."""
    client = aws.client("iam", aws.into(account))
    client.create_user(UserName="ana", Tags=[{"Key": "a", "Value": "1"}])
    return client


def _key(iam: Any) -> Callable[[], object]:
    made = iam.create_access_key(UserName="ana")["AccessKey"]
    return lambda: iam.delete_access_key(UserName="ana", AccessKeyId=made["AccessKeyId"])


def _password(iam: Any) -> Callable[[], object]:
    iam.create_login_profile(UserName="ana", Password="Xk3-long-enough-9")
    return lambda: iam.delete_login_profile(UserName="ana")


def _membership(iam: Any) -> Callable[[], object]:
    iam.create_group(GroupName="g")
    iam.add_user_to_group(GroupName="g", UserName="ana")
    return lambda: iam.remove_user_from_group(GroupName="g", UserName="ana")


@pytest.mark.parametrize(
    ("give", "words"),
    [(_key, "delete access keys"), (_password, "delete login profile"), (_membership, "remove users from group")],
    ids=["a key", "a password", "a group"],
)
def test_a_user_who_holds_something_is_not_deleted(
    iam: Any,
    give: Callable[[Any], Callable[[], object]],
    words: str,
) -> None:
    """DeleteUser is refused, saying what has to be taken first; once it is, the user goes."""
    take = give(iam)
    with refused("DeleteConflict") as said:
        iam.delete_user(UserName="ana")
    assert said.message == f"Cannot delete entity, must {words} first."
    take()
    iam.delete_user(UserName="ana")
    with refused("NoSuchEntity"):
        iam.get_user(UserName="ana")


def test_a_renamed_user_keeps_its_tags(iam: Any) -> None:
    """Tags belong to the user, not to its name."""
    iam.update_user(UserName="ana", NewUserName="anna", NewPath="/people/")
    found = iam.get_user(UserName="anna")["User"]
    assert (found["Path"], found["Tags"]) == ("/people/", [{"Key": "a", "Value": "1"}])


def test_events_fit_patterns(aws: TwinAws) -> None:
    """TestEventPattern says whether an event fits, as EventBridge does."""
    events = aws.client("events")
    event = {
        "id": "1",
        "account": "111122223333",
        "source": "aws.sts",
        "time": "2026-01-01T00:00:00Z",
        "region": "eu-west-1",
        "resources": [],
        "detail-type": "AWS API Call via CloudTrail",
        "detail": {"userIdentity": {"userName": "ana"}},
    }
    for user, fits in (("ana", True), ("bob", False)):
        pattern = json.dumps({"detail": {"userIdentity": {"userName": [user]}}})
        assert events.test_event_pattern(EventPattern=pattern, Event=json.dumps(event))["Result"] is fits


def test_a_groups_tag_is_the_users_own(aws: TwinAws, account: str, new_user: Callable[..., tuple[str, Keys]]) -> None:
    """A user may not tag itself unless a policy lets it: the tag that says which groups it is in is safe."""
    name, keys = new_user("", aws.into(account))
    with refused("AccessDenied"):
        aws.client("iam", keys).tag_user(UserName=name, Tags=[{"Key": "fleetyard:groups", "Value": ":Operators:"}])
