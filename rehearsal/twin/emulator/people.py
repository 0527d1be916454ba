"""What moto does otherwise than IAM to users and groups that are renamed, moved or deleted.

Source: IAM API Reference, "UpdateUser", "UpdateGroup" and "DeleteUser" (what has to be gone first).
"""

from __future__ import annotations

from functools import wraps
from typing import Any

_Module = Any
"""A module of moto, which has no types."""


def make_people_like_aws(iam: _Module) -> None:
    """Let a user keep its tags, which moto keeps by ARN, and its life, as long as it holds anything.

    A group may be moved without another name.
    """
    _refuse_to_delete_what_is_held(iam)
    backend = iam.IAMBackend
    update_user, update_group = backend.update_user, backend.update_group

    @wraps(update_user)
    def with_tags(
        self: Any,
        user_name: str,
        new_path: str | None = None,
        new_user_name: str | None = None,
    ) -> None:
        user = self.users.get(user_name)
        tags = self.tagger.list_tags_for_resource(user.arn)["Tags"] if user else []
        before = user.arn if user else ""
        update_user(self, user_name, new_path, new_user_name)
        if user is not None:
            for key in user.access_keys:
                key.user_name = user.name  # moto finds a key's user by it
        if before and before != user.arn:
            self.tagger.delete_all_tags_for_resource(before)
            self.tagger.tag_resource(user.arn, tags)

    @wraps(update_group)
    def without_another_name(
        self: Any,
        group_name: str,
        new_group_name: str | None,
        new_path: str | None,
    ) -> None:
        group = self.groups.get(group_name)
        if group is None or new_group_name not in (None, group_name):
            update_group(self, group_name, new_group_name, new_path)
        elif new_path:
            group.path = new_path

    backend.update_user = with_tags
    backend.update_group = without_another_name


def _refuse_to_delete_what_is_held(iam: _Module) -> None:
    backend = iam.IAMBackend
    plain = backend.delete_user

    @wraps(plain)
    def delete_user(self: Any, user_name: str) -> None:
        user = self.users.get(user_name)
        held = _held(user, self.get_groups_for_user(user_name)) if user is not None else ""
        if held:
            raise iam.DeleteConflictException(f"Cannot delete entity, must {held} first.")
        plain(self, user_name)

    backend.delete_user = delete_user


def _held(user: Any, groups: list[Any]) -> str:
    """Return what has to be done before a user can be deleted, empty when nothing has."""
    first = {
        "remove users from group": groups,
        "delete access keys": user.access_keys,
        "delete login profile": user.password,
        "delete MFA device": user.mfa_devices,
        "delete signing certificates": user.signing_certificates,
    }
    return next((words for words, found in first.items() if found), "")
