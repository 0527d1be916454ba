"""What moto's Resource Access Manager lacks: resources and principals that come and go, who has to be invited, tags.

moto's modules have no types and are changed here, hence `Any` for them. Done when the service is first asked for.
Source: AWS RAM API Reference, "AssociateResourceShare", "DisassociateResourceShare", "GetResourceShares",
"GetResourceShareAssociations", "GetResourceShareInvitations", "ListResourceSharePermissions"; AWS RAM User Guide,
"Enable resource sharing within AWS Organizations", "Considerations when using resource sharing".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rehearsal.twin.emulator.checks import Call

_SERVICE = "ram.amazonaws.com"
_ACCOUNT = re.compile(r"\d{12}")
_OF_ORGANIZATION = re.compile(r"arn:aws:organizations::\d{12}:(organization/o-\w+|ou/o-\w+/ou-[\w-]+)")
_TYPE_IN_ARN = re.compile(r"arn:aws:([a-z0-9-]+):[a-z0-9-]*:\d{12}:([a-z-]+)[/:].*")
_NOT_OURS = (
    "The resource you are attempting to share can only be shared within your AWS Organization. This error may also "
    "occur if you have not enabled sharing with your AWS organization, or that onboarding process is still in progress."
)
_PATHS = (
    "acceptresourceshareinvitation",
    "associateresourceshare",
    "disassociateresourceshare",
    "getresourceshareinvitations",
    "listresourcesharepermissions",
    "rejectresourceshareinvitation",
    "tagresource",
    "untagresource",
)
_UNKNOWN = "UnknownResourceException"
_NOT_MANAGEMENT = (
    "Unable to enable sharing with AWS Organizations. Received AccessDeniedException from AWSOrganizations with the "
    "following error message: You don't have permissions to access this resource."
)
_LOST, _ASKED, _THERE = "DISASSOCIATED", "ASSOCIATING", "ASSOCIATED"

_Json = dict[str, Any]


def make_shares_like_aws() -> None:
    """Change moto's Resource Access Manager."""
    from moto.core.exceptions import JsonRESTError
    from moto.ram import models, responses, urls

    response: Any = responses.ResourceAccessManagerResponse
    for path in _PATHS:
        urls.url_paths[f"{{0}}/{path}$"] = response.dispatch
    shares = _Shares(models, JsonRESTError)
    for operation in (
        shares.create_resource_share,
        shares.update_resource_share,
        shares.delete_resource_share,
        shares.get_resource_shares,
        shares.associate_resource_share,
        shares.disassociate_resource_share,
        shares.get_resource_share_associations,
        shares.list_resource_share_permissions,
        shares.enable_sharing_with_aws_organization,
        shares.get_resource_share_invitations,
        shares.accept_resource_share_invitation,
        shares.reject_resource_share_invitation,
        shares.tag_resource,
        shares.untag_resource,
    ):
        setattr(response, operation.__name__, _answering(operation))


def _answering(operation: Any) -> Any:
    def answer(self: Any) -> str:
        return json.dumps(operation(Call(self)))

    return answer


class _Shares:
    """The operations on shares. A share keeps its associations by entity, also those that have ended, as RAM does."""

    def __init__(self, models: Any, error: Any) -> None:
        self._models, self._error = models, error

    def create_resource_share(self, call: Call) -> _Json:
        asked = call.response.request_params
        plain = {"name": asked["name"], "allowExternalPrincipals": asked.get("allowExternalPrincipals", True)}
        backend = call.response.ram_backend
        share = self._models.ResourceShare(backend.account_id, backend.region_name, **plain)
        share.tags = {tag["key"]: tag["value"] for tag in asked.get("tags") or ()}
        share.permissions, share.associations = list(asked.get("permissionArns") or ()), {}
        self._associate(share, asked)
        backend.resource_shares.append(share)
        return {"resourceShare": _told(share)}

    def update_resource_share(self, call: Call) -> _Json:
        share, external = self._owned(call), call.param("allowExternalPrincipals")
        if call.param("name"):
            share.name = call.text("name")
        if external is not None:
            share.allow_external_principals = external
        return {"resourceShare": _told(share)}

    def delete_resource_share(self, call: Call) -> _Json:
        share = self._owned(call)
        share.delete()
        for association in share.associations.values():
            association["status"] = _LOST
        return {"returnValue": True}

    def get_resource_shares(self, call: Call) -> _Json:
        owner, named = call.text("resourceOwner"), call.param("resourceShareArns")
        if owner not in ("SELF", "OTHER-ACCOUNTS"):
            words = f"{owner} is not a valid resource owner. Specify either SELF or OTHER-ACCOUNTS and try again."
            raise self._error("InvalidParameterException", words)
        own = call.response.ram_backend.resource_shares
        found = [share for share in (own if owner == "SELF" else self._of_others(call)) if _fits(share, call)]
        for arn in named or ():
            if not any(share.arn == arn for share in found) and owner == "SELF":
                raise self._unknown(arn)
        return {"resourceShares": [_told(share) for share in found if not named or share.arn in named]}

    def associate_resource_share(self, call: Call) -> _Json:
        made = self._associate(self._owned(call), call.response.request_params)
        return {"resourceShareAssociations": made}

    def disassociate_resource_share(self, call: Call) -> _Json:
        share, ended = self._owned(call), []
        for entity in (*(call.param("resourceArns") or ()), *(call.param("principals") or ())):
            association = share.associations.get(entity)
            if association is None or association["status"] == _LOST:
                raise self._error(_UNKNOWN, f"The association of {entity} with {share.arn} could not be found.")
            association["status"] = _LOST
            ended.append(dict(association))
        return {"resourceShareAssociations": ended}

    def get_resource_share_associations(self, call: Call) -> _Json:
        kind, status = call.text("associationType"), call.text("associationStatus")
        named, entity = call.param("resourceShareArns"), call.text("resourceArn") or call.text("principal")
        if kind not in ("PRINCIPAL", "RESOURCE"):
            words = f"{kind} is not a valid association type. Specify either PRINCIPAL or RESOURCE and try again."
            raise self._error("InvalidParameterException", words)
        own = call.response.ram_backend.resource_shares
        for arn in named or ():
            if not any(share.arn == arn for share in own):
                raise self._unknown(arn)
        found = (
            association
            for share in own
            if not named or share.arn in named
            for association in share.associations.values()
            if association["associationType"] == kind
        )
        told = [each for each in found if entity in ("", each["associatedEntity"]) and status in ("", each["status"])]
        return {"resourceShareAssociations": told}

    def list_resource_share_permissions(self, call: Call) -> _Json:
        share, backend = self._owned(call), call.response.ram_backend
        there = [each for each in share.associations.values() if each["status"] != _LOST]
        kinds = {_kind(each["associatedEntity"]) for each in there if each["associationType"] == "RESOURCE"}
        known = [permission.describe() for permission in backend.managed_permissions]
        chosen = [each for each in known if each["arn"] in share.permissions]
        settled = {each["resourceType"].lower() for each in chosen}
        usual = [
            each for each in known if each["isResourceTypeDefault"] and each["resourceType"].lower() in kinds - settled
        ]
        told = ({**each, "status": _THERE, "creationTime": 0, "lastUpdatedTime": 0} for each in (*chosen, *usual))
        return {"permissions": list(told)}

    def enable_sharing_with_aws_organization(self, call: Call) -> _Json:
        backend = call.response.ram_backend.organizations_backend
        if not backend.org:
            raise self._error("OperationNotPermittedException", _NOT_MANAGEMENT)
        if not _shares_within(backend):
            backend.services.append({"ServicePrincipal": _SERVICE, "DateEnabled": self._models.unix_time()})
        return {"returnValue": True}

    def get_resource_share_invitations(self, call: Call) -> _Json:
        named, shares = call.param("resourceShareInvitationArns"), call.param("resourceShareArns")
        found = [dict(each) for each in self._invitations(call)]
        told = [
            each
            for each in found
            if (not named or each["resourceShareInvitationArn"] in named)
            and (not shares or each["resourceShareArn"] in shares)
        ]
        return {"resourceShareInvitations": told}

    def accept_resource_share_invitation(self, call: Call) -> _Json:
        return self._answer_invitation(call, "ACCEPTED", _THERE)

    def reject_resource_share_invitation(self, call: Call) -> _Json:
        return self._answer_invitation(call, "REJECTED", _LOST)

    def tag_resource(self, call: Call) -> _Json:
        self._owned(call).tags.update({tag["key"]: tag["value"] for tag in call.param("tags")})
        return {}

    def untag_resource(self, call: Call) -> _Json:
        share = self._owned(call)
        share.tags = {key: value for key, value in share.tags.items() if key not in call.param("tagKeys")}
        return {}

    # --- what they share ---

    def _owned(self, call: Call) -> Any:
        arn = call.text("resourceShareArn")
        for share in call.response.ram_backend.resource_shares:
            if share.arn == arn and share.status == "ACTIVE":
                return share
        raise self._unknown(arn)

    def _unknown(self, arn: str) -> Exception:
        error: Exception = self._error(_UNKNOWN, f"ResourceShare {arn} could not be found.")
        return error

    def _associate(self, share: Any, asked: Mapping[str, Any]) -> list[_Json]:
        resources, principals = asked.get("resourceArns") or (), asked.get("principals") or ()
        for resource in resources:
            self._check_resource(share, resource)
        external = {principal: self._is_external(share, principal) for principal in principals}
        made = [_association(share, "RESOURCE", resource, external=False) for resource in resources]
        for principal, outside in external.items():
            association = _association(share, "PRINCIPAL", principal, external=outside)
            if outside and _ACCOUNT.fullmatch(principal):
                association["status"] = _ASKED
                self._invite(share, association)
            made.append(association)
        share.associations |= {each["associatedEntity"]: each for each in made}
        return [dict(each) for each in made]

    def _check_resource(self, share: Any, arn: str) -> None:
        """Refuse what is no ARN, is of a type that can't be shared, or is somebody else's."""
        found = _TYPE_IN_ARN.fullmatch(arn)
        if found is None:
            words = f"The specified resource ARN {arn} is not valid. Verify the ARN and try again."
            raise self._error("MalformedArnException", words)
        if found[2] not in self._models.ResourceShare.SHAREABLE_RESOURCES:
            raise self._error("MalformedArnException", "You cannot share the selected resource type.")
        if arn.split(":")[4] != share.owning_account_id:
            raise self._error(_UNKNOWN, f"Resource {arn} could not be found.")

    def _is_external(self, share: Any, principal: str) -> bool:
        """Tell whether a principal is outside the organisation, or has to be asked as if it were.

        Raises: moto's errors for one that is not there, or may not be shared with.
        """
        organization = self._organization(share.owning_account_id)
        within = _shares_within(organization)
        if _OF_ORGANIZATION.fullmatch(principal):
            if not within:
                raise self._error("OperationNotPermittedException", _NOT_OURS)
            if principal not in {organization.org.arn, *(unit.arn for unit in organization.ou)}:
                named = principal.rpartition("/")[2]
                raise self._error(_UNKNOWN, f"Organization or OrganizationalUnit {named} could not be found.")
            return False
        # moto's own check knows which forms of principals there are.
        self._models.ResourceShare.add_principals(share, [principal])
        account = principal if _ACCOUNT.fullmatch(principal) else "".join(principal.split(":")[4:5])
        known = {share.owning_account_id, ""} | ({each.id for each in organization.accounts} if within else set())
        if account not in known and not share.allow_external_principals:
            raise self._error("OperationNotPermittedException", _NOT_OURS)
        return account not in known

    def _organization(self, account_id: str) -> Any:
        backends = self._models.organizations_backends
        owner = backends.master_accounts.get(account_id, (account_id, ""))[0]
        return backends[owner]["aws"]

    def _all_shares(self) -> Iterator[Any]:
        for regions in list(self._models.ram_backends.values()):
            for backend in list(regions.values()):
                yield from backend.resource_shares

    def _of_others(self, call: Call) -> Iterator[Any]:
        """Yield the shares that the caller's account takes part in."""
        account, region = call.response.current_account, call.response.region
        organization = self._organization(account)
        own = {account, *_above(organization, account)}
        for share in self._all_shares():
            there = {each["associatedEntity"] for each in share.associations.values() if each["status"] == _THERE}
            if share.owning_account_id != account and share.region == region and own & there:
                yield share

    def _invite(self, share: Any, association: Mapping[str, Any]) -> None:
        invitation = {
            "resourceShareInvitationArn": share.arn.replace("resource-share/", "resource-share-invitation/", 1),
            "resourceShareName": share.name,
            "resourceShareArn": share.arn,
            "senderAccountId": share.owning_account_id,
            "receiverAccountId": association["associatedEntity"],
            "invitationTimestamp": association["creationTime"],
            "status": "PENDING",
        }
        invitation["resourceShareInvitationArn"] += f"-{association['associatedEntity']}"
        share.__dict__.setdefault("invitations", {})[association["associatedEntity"]] = invitation

    def _invitations(self, call: Call) -> Iterator[_Json]:
        account = call.response.current_account
        for share in self._all_shares():
            if share.region == call.response.region and account in (found := vars(share).get("invitations", {})):
                yield found[account]

    def _answer_invitation(self, call: Call, status: str, association: str) -> _Json:
        arn, account = call.text("resourceShareInvitationArn"), call.response.current_account
        found = next((each for each in self._invitations(call) if each["resourceShareInvitationArn"] == arn), None)
        if found is None:
            raise self._error(_UNKNOWN, f"ResourceShareInvitation {arn} could not be found.")
        found["status"] = status
        share = next(each for each in self._all_shares() if each.arn == found["resourceShareArn"])
        share.associations[account]["status"] = association
        return {"resourceShareInvitation": dict(found)}


def _told(share: Any) -> _Json:
    told: _Json = share.describe()
    return {**told, "tags": [{"key": key, "value": share.tags[key]} for key in sorted(share.tags)]}


def _fits(share: Any, call: Call) -> bool:
    name, status = call.text("name"), call.text("resourceShareStatus")
    filters: Iterable[Mapping[str, Any]] = call.param("tagFilters") or ()
    tagged = all(_has_tag(share.tags, each["tagKey"], each.get("tagValues") or ()) for each in filters)
    return name in ("", share.name) and status in ("", share.status) and tagged


def _has_tag(tags: Mapping[str, str], key: str, values: Iterable[str]) -> bool:
    wanted = tuple(values)
    return key in tags and (not wanted or tags[key] in wanted)


def _kind(arn: str) -> str:
    """Return the type of a resource in RAM's own words, in small letters: `ec2:subnet`."""
    found = _TYPE_IN_ARN.fullmatch(arn)
    return f"{found[1]}:{found[2].replace('-', '')}" if found else ""


def _association(share: Any, kind: str, entity: str, *, external: bool) -> _Json:
    told = share.describe()
    return {
        "resourceShareArn": share.arn,
        "resourceShareName": share.name,
        "associatedEntity": entity,
        "associationType": kind,
        "status": _THERE,
        "creationTime": told["creationTime"],
        "lastUpdatedTime": told["lastUpdatedTime"],
        "external": external,
    }


def _shares_within(organization: Any) -> bool:
    return bool(organization.org) and any(each["ServicePrincipal"] == _SERVICE for each in organization.services)


def _above(organization: Any, account_id: str) -> Iterator[str]:
    """Yield the ARNs of the units an account is in and of its organisation, as shares name them."""
    if not organization.org:
        return
    yield organization.org.arn
    parents = {one.id: one.parent_id for one in (*organization.accounts, *organization.ou)}
    units = {unit.id: unit.arn for unit in organization.ou}
    at = parents.get(account_id)
    while at:
        yield units.get(at, "")
        at = parents.get(at)
