"""Permissions boundaries of users, which moto keeps for roles alone and passes over when a user is made.

Sources: IAM API Reference, "CreateUser", "PutUserPermissionsBoundary", "DeleteUserPermissionsBoundary".
moto's modules have no types and are changed here, hence `Any` for them.
"""

from __future__ import annotations

from functools import wraps
from typing import Any


def keep_boundaries_of_users(iam: Any) -> None:
    """Let moto's IAM keep the boundary of a user, tell it, and take it away."""
    import moto.iam.responses

    user, response = iam.User, moto.iam.responses.IamResponse
    user.permissions_boundary_arn = None
    user.permissions_boundary = property(_told)
    create_user = response.create_user

    @wraps(create_user)
    def create(self: Any) -> Any:
        boundary = self._get_param("PermissionsBoundary")
        _check(self, iam, boundary)
        answer = create_user(self)
        if boundary:
            self.backend.get_user(self._get_param("UserName")).permissions_boundary_arn = boundary
        return answer

    def put(self: Any) -> Any:
        boundary = self._get_param("PermissionsBoundary")
        _check(self, iam, boundary)
        self.backend.get_user(self._get_param("UserName")).permissions_boundary_arn = boundary
        return moto.iam.responses.EmptyResult()

    def delete(self: Any) -> Any:
        name = self._get_param("UserName")
        found = self.backend.get_user(name)
        if not found.permissions_boundary_arn:
            raise iam.NotFoundException(f"The user with name {name} does not have a permissions boundary.")
        found.permissions_boundary_arn = None
        return moto.iam.responses.EmptyResult()

    response.create_user = create
    response.put_user_permissions_boundary, response.delete_user_permissions_boundary = put, delete


def _told(user: Any) -> dict[str, str] | None:
    arn = user.permissions_boundary_arn
    return {"PermissionsBoundaryType": "PermissionsBoundaryPolicy", "PermissionsBoundaryArn": arn} if arn else None


def _check(response: Any, iam: Any, boundary: str | None) -> None:
    """Refuse a boundary that is no policy's ARN, or no policy's that there is."""
    backend = response.backend
    if boundary and not backend.policy_arn_regex.match(boundary):
        raise iam.ValidationError(
            f"Value ({boundary}) for parameter PermissionsBoundary is invalid.",
        )
    if boundary and boundary not in backend.managed_policies:
        raise iam.NotFoundException(f"Scope ARN: {boundary} does not exist or is not attachable.")
