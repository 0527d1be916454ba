"""IAM's calls about centralised root access: an organisation's features, switched on and off.

Source: IAM API Reference, "EnableOrganizationsRootSessions" and its like (their errors); IAM User Guide, "Centralize
root access for member accounts".
"""

from __future__ import annotations

from rehearsal.twin.actions.demand import Asked
from rehearsal.twin.callers.sts_answers import result
from rehearsal.twin.emulator.root_features import CREDENTIALS, SESSIONS, root_features
from rehearsal.twin.gate.root_credentials import NAMESPACE
from rehearsal.twin.requests.refusals import Answer, Refusal

_SERVICE = "iam.amazonaws.com"
_SWITCHES = {
    "DisableOrganizationsRootCredentialsManagement": (CREDENTIALS, False),
    "DisableOrganizationsRootSessions": (SESSIONS, False),
    "EnableOrganizationsRootCredentialsManagement": (CREDENTIALS, True),
    "EnableOrganizationsRootSessions": (SESSIONS, True),
}
_LIST = "ListOrganizationsFeatures"
_REFUSED = "The request was rejected because "


def is_about_root_access(asked: Asked) -> bool:
    """Tell whether a request is about an organisation's access to the root users of its members."""
    return asked.operation.service == "iam" and (asked.operation.name in _SWITCHES or asked.operation.name == _LIST)


def root_access_answer(asked: Asked) -> Answer:
    """Answer such a request, which has been allowed. Raises: Refusal."""
    state, account_id, name = asked.state, asked.caller.account_id, asked.operation.name
    organization = state.organization(account_id)
    if organization is None:
        raise _refused("OrganizationNotFoundException", "no organization is associated with your account.", 404)
    if not state.manages_root_users(account_id):
        words = (
            "the account making the request is not the management account or delegated administrator account for "
            "centralized root access."
        )
        raise _refused("AccountNotManagementOrDelegatedAdministratorException", words)
    if organization.org.feature_set != "ALL":
        words = "your organization does not have All features enabled."
        raise _refused("OrganizationNotInAllFeaturesModeException", words)
    if not state.trusts_service(account_id, _SERVICE):
        words = "trusted access is not enabled for IAM in Organizations."
        raise _refused("ServiceAccessNotEnabledException", words)
    features = root_features(organization)
    if name in _SWITCHES:
        feature, wanted = _SWITCHES[name]
        (features.add if wanted else features.discard)(feature)
    members = "".join(f"<member>{feature}</member>" for feature in sorted(features))
    inner = f"<OrganizationId>{organization.org.id}</OrganizationId><EnabledFeatures>{members}</EnabledFeatures>"
    return result(name, inner, NAMESPACE)


def _refused(code: str, why: str, status: int = 400) -> Refusal:
    return Refusal.of(code, f"{_REFUSED}{why}", status)
