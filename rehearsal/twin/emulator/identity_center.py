"""What moto's IAM Identity Center lacks: tags of permission sets, how a provisioning went, changes of groups.

moto's modules have no types and are changed here, hence `Any` for them. Each is done when its service is first asked
for (`late_fixes`).
Source: IAM Identity Center API Reference, "TagResource", "DescribePermissionSetProvisioningStatus",
"DeletePermissionSet"; Identity Store API Reference, "UpdateGroup".
"""

from __future__ import annotations

import json
from functools import wraps
from typing import Any

from rehearsal.twin.emulator.baseline_services import keep_permission_sets_apart
from rehearsal.twin.emulator.checks import Call, check_first

_ATTRIBUTES = {"displayname": "DisplayName", "description": "Description"}


def make_identity_center_like_aws() -> None:
    """Change moto's SSO Admin: names taken once, tags, provisioning, and sets that are assigned stay."""
    from moto.ssoadmin import exceptions, responses

    keep_permission_sets_apart()
    _keep_assigned_sets(responses.SSOAdminResponse, exceptions)
    _tell_provisioning(responses.SSOAdminResponse, exceptions)
    _tag_permission_sets(responses.SSOAdminResponse)


def _keep_assigned_sets(response: Any, exceptions: Any) -> None:
    """Refuse to delete a permission set that is assigned to somebody."""

    def check(call: Call) -> None:
        arn = call.text("PermissionSetArn")
        if any(one.permission_set_arn == arn for one in call.response.ssoadmin_backend.account_assignments):
            raise exceptions.ConflictException(f"Permission set with id {arn.rsplit('/', 1)[-1]} has been provisioned.")

    check_first(response, "delete_permission_set", check)


def _tell_provisioning(response: Any, exceptions: Any) -> None:
    """Answer how a provisioning went; it has always been carried out."""
    plain = response.provision_permission_set

    def known(self: Any) -> dict[str, Any]:
        kept: dict[str, Any] = vars(self.ssoadmin_backend).setdefault("provisionings", {})
        return kept

    @wraps(plain)
    def provision_permission_set(self: Any) -> str:
        answer: str = plain(self)
        status = json.loads(answer)["PermissionSetProvisioningStatus"]
        known(self)[status["RequestId"]] = status
        return answer

    def describe_permission_set_provisioning_status(self: Any) -> str:
        request_id = self._get_param("ProvisionPermissionSetRequestId")
        if request_id not in known(self):
            raise exceptions.ResourceNotFoundException(f"Could not find provisioning status with id {request_id}")
        return json.dumps({"PermissionSetProvisioningStatus": known(self)[request_id]})

    response.provision_permission_set = provision_permission_set
    response.describe_permission_set_provisioning_status = describe_permission_set_provisioning_status


def _tag_permission_sets(response: Any) -> None:
    """Tag permission sets, which keep their tags in moto and never tell them."""

    def found(self: Any) -> Any:
        backend = self.ssoadmin_backend
        return backend._find_permission_set(self._get_param("InstanceArn"), self._get_param("ResourceArn"))

    def without(tags: Any, keys: set[str]) -> list[dict[str, str]]:
        return [tag for tag in tags or [] if tag["Key"] not in keys]

    def list_tags_for_resource(self: Any) -> str:
        return json.dumps({"Tags": found(self).tags or []})

    def tag_resource(self: Any) -> str:
        one, new = found(self), self._get_param("Tags")
        one.tags = [*without(one.tags, {tag["Key"] for tag in new}), *new]
        return "{}"

    def untag_resource(self: Any) -> str:
        one = found(self)
        one.tags = without(one.tags, set(self._get_param("TagKeys")))
        return "{}"

    for operation in (list_tags_for_resource, tag_resource, untag_resource):
        setattr(response, operation.__name__, operation)


def change_groups() -> None:
    """Change groups of an identity store; moto makes and deletes them only."""
    from moto.identitystore import exceptions, responses

    def update_group(self: Any) -> str:
        backend = self.identitystore_backend
        store = backend.identity_stores.get(self._get_param("IdentityStoreId"))
        group_id = self._get_param("GroupId")
        if store is None or group_id not in store.groups:
            raise exceptions.ResourceNotFoundException(message="GROUP not found.", resource_type="GROUP")
        new = {
            _ATTRIBUTES[change["AttributePath"].lower()]: change.get("AttributeValue")
            for change in self._get_param("Operations")
            if change["AttributePath"].lower() in _ATTRIBUTES
        }
        store.groups[group_id] = store.groups[group_id]._replace(**new)
        return "{}"

    response: Any = responses.IdentityStoreResponse
    response.update_group = update_group
