"""Handshakes: an account outside is invited, and accepts, declines, or is told that the invitation is off.

moto has none. Source: AWS Organizations API Reference, "InviteAccountToOrganization", "Handshake" and the errors of
each operation; User Guide, "Inviting an AWS account to join your organization" (15 days).
"""

from __future__ import annotations

from dataclasses import dataclass

from rehearsal.twin.emulator.organization import Answer, AwsError, Model, Organization, Params, invalid, page
from rehearsal.twin.emulator.organization_access import NO_PERMISSION
from rehearsal.twin.emulator.organization_membership import invited_account, outside_accounts
from rehearsal.twin.emulator.organization_tags import tags_given
from rehearsal.twin.emulator.organization_units import attach_full_access

_DAY = 24 * 3600.0
_LIFETIME = 15 * _DAY
_TRANSITIONS = {"accept": "ACCEPTED", "decline": "DECLINED", "cancel": "CANCELED"}


@dataclass(slots=True)
class Handshake:
    """One invitation, or one request to switch all features on. Times are those of the twin's clock."""

    id: str
    action: str
    sender: Organization
    target: str
    """The id of the account that is to accept."""
    party: Answer
    """The account as it was named: by id or by email."""
    notes: str
    tags: dict[str, str]
    asked: float
    ended: str = ""

    def state(self, now: float) -> str:
        """Return the state in AWS's word."""
        return self.ended or ("EXPIRED" if now >= self.asked + _LIFETIME else "OPEN")

    def shape(self, now: float) -> Answer:
        """Return the handshake as AWS describes it."""
        organization = self.sender
        resources = [
            {
                "Type": "ORGANIZATION",
                "Value": organization.id,
                "Resources": [
                    {"Type": "MASTER_EMAIL", "Value": organization.backend.org.master_account_email},
                    {"Type": "ORGANIZATION_FEATURE_SET", "Value": organization.backend.org.feature_set},
                ],
            },
            {"Type": self.party["Type"], "Value": self.party["Id"]},
            *([{"Type": "NOTES", "Value": self.notes}] if self.notes else []),
        ]
        arn = (
            f"arn:aws:organizations::{organization.management}:handshake/{organization.id}/"
            f"{self.action.lower()}/{self.id}"
        )
        return {
            "Id": self.id,
            "Arn": arn,
            "Parties": [{"Id": organization.id.removeprefix("o-"), "Type": "ORGANIZATION"}, dict(self.party)],
            "State": self.state(now),
            "RequestedTimestamp": self.asked,
            "ExpirationTimestamp": self.asked + _LIFETIME,
            "Action": self.action,
            "Resources": resources,
        }


def _all(models: Model) -> dict[str, Handshake]:
    found: dict[str, Handshake] = models.organizations_backends.__dict__.setdefault("handshakes", {})
    for gone in [each.id for each in found.values() if each.sender.backend.org is None]:
        del found[gone]  # with the organisation that sent it
    return found


def _new_id(organization: Organization) -> str:
    return "h-" + str(organization.models.utils.make_random_policy_id()).removeprefix("p-")


def invite_account_to_organization(organization: Organization, params: Params) -> Answer:
    """InviteAccountToOrganization, by the account's id or its email."""
    party = params["Target"]
    if party["Type"] not in ("ACCOUNT", "EMAIL"):
        words = "You specified the wrong type of entity (account, organization, or email) as a party."
        raise invalid("INVALID_PARTY_TYPE_TARGET", words)
    target = _invited(organization, party)
    models, now = organization.models, organization.now()
    if target in models.organizations_backends.master_accounts or _has_organization(models, target):
        words = "The handshake request is invalid because the invited account is already a member of an organization."
        raise _constraint("ALREADY_IN_AN_ORGANIZATION", words)
    sent = [
        each
        for each in _all(models).values()
        if each.sender.backend is organization.backend and each.action == "INVITE"
    ]
    if any(each.target == target and each.state(now) == "OPEN" for each in sent):
        words = "A handshake with the same action and target already exists."
        raise AwsError("DuplicateHandshakeException", words)
    if sum(now - each.asked < _DAY for each in sent) >= organization.quota("handshakes_a_day"):
        words = "You attempted to exceed the number of handshakes that you can send in one day."
        raise _constraint("HANDSHAKE_RATE_LIMIT_EXCEEDED", words)
    open_ones = sum(each.state(now) == "OPEN" for each in sent)
    if len(organization.backend.accounts) + open_ones >= organization.quota("accounts"):
        raise _constraint("ACCOUNT_NUMBER_LIMIT_EXCEEDED", "You have exceeded the allowed number of AWS Accounts.")
    tags = tags_given(organization, params)
    made = Handshake(
        _new_id(organization), "INVITE", organization, target, dict(party), params.get("Notes", ""), tags, now
    )
    _all(models)[made.id] = made
    return {"Handshake": made.shape(now)}


def _invited(organization: Organization, party: Params) -> str:
    """Return the id of the account that is meant. Raises: AwsError if the twin has none."""
    outside = outside_accounts(organization.models)
    members = {str(each.id): str(each.email) for each in organization.backend.accounts}
    emails = {email.lower(): account_id for account_id, (_, email) in outside.items()}
    emails |= {email.lower(): account_id for account_id, email in members.items()}
    if party["Type"] == "EMAIL":
        found = emails.get(party["Id"].lower())
        if found is None:
            words = "You specified an invalid email address for the invited account owner."
            raise invalid("INVALID_EMAIL_ADDRESS_TARGET", words)
        return found
    if party["Id"] not in {*outside, *members}:
        raise invalid("INVALID_PATTERN", "You provided a value that does not match the required pattern.")
    return str(party["Id"])


def _has_organization(models: Model, account_id: str) -> bool:
    backends = models.organizations_backends
    return account_id in backends and backends[account_id]["aws"].org is not None


def _constraint(reason: str, words: str) -> AwsError:
    return AwsError("HandshakeConstraintViolationException", words, reason)


def accept_handshake(organization: Organization, params: Params) -> Answer:
    """AcceptHandshake, by the account invited."""
    handshake = _found(organization, params)
    _require(handshake.target == organization.caller)
    _end(organization, handshake, "accept")
    if handshake.action == "INVITE":
        _join(organization, handshake)
    else:
        handshake.sender.backend.org.feature_set = "ALL"
    return {"Handshake": handshake.shape(organization.now())}


def _join(organization: Organization, handshake: Handshake) -> None:
    models, joined = organization.models, handshake.sender
    if handshake.target in models.organizations_backends.master_accounts:
        handshake.ended = ""
        words = "The handshake request is invalid because the invited account is already a member of an organization."
        raise _constraint("ALREADY_IN_AN_ORGANIZATION", words)
    name, email = outside_accounts(models).pop(handshake.target)
    account = invited_account(joined, handshake.target, name, email)
    account.tags = dict(handshake.tags)
    joined.backend.accounts.append(account)
    attach_full_access(joined, account)
    models.organizations_backends.master_accounts[account.id] = (joined.management, joined.backend.partition)


def decline_handshake(organization: Organization, params: Params) -> Answer:
    """DeclineHandshake, by the account invited."""
    handshake = _found(organization, params)
    _require(handshake.target == organization.caller)
    _end(organization, handshake, "decline")
    return {"Handshake": handshake.shape(organization.now())}


def cancel_handshake(organization: Organization, params: Params) -> Answer:
    """CancelHandshake, by the management account that sent it."""
    handshake = _found(organization, params)
    _require(handshake.sender.management == organization.caller)
    _end(organization, handshake, "cancel")
    return {"Handshake": handshake.shape(organization.now())}


def describe_handshake(organization: Organization, params: Params) -> Answer:
    """DescribeHandshake, for either side."""
    return {"Handshake": _found(organization, params).shape(organization.now())}


def list_handshakes_for_account(organization: Organization, params: Params) -> Answer:
    """ListHandshakesForAccount: those received."""
    return _listed(organization, params, [each for each in _every(organization) if each.target == organization.caller])


def list_handshakes_for_organization(organization: Organization, params: Params) -> Answer:
    """ListHandshakesForOrganization: those sent."""
    return _listed(
        organization, params, [each for each in _every(organization) if each.sender.backend is organization.backend]
    )


def enable_all_features(organization: Organization, _params: Params) -> Answer:
    """EnableAllFeatures: where all accounts were made in the organisation, the management account has but to confirm.

    Invited members would have to approve first; with any, the twin refuses.
    """
    if organization.backend.org.feature_set == "ALL":
        words = "The handshake request is invalid because the organization has already enabled all features."
        raise _constraint("ORGANIZATION_ALREADY_HAS_ALL_FEATURES", words)
    if any(account.joined_method == "INVITED" for account in organization.backend.accounts):
        raise NotImplementedError("EnableAllFeatures with invited accounts")
    party = {"Id": organization.management, "Type": "ACCOUNT"}
    now = organization.now()
    made = Handshake(
        _new_id(organization), "APPROVE_ALL_FEATURES", organization, organization.management, party, "", {}, now
    )
    _all(organization.models)[made.id] = made
    return {"Handshake": made.shape(now)}


def _every(organization: Organization) -> list[Handshake]:
    return list(_all(organization.models).values())


def _listed(organization: Organization, params: Params, found: list[Handshake]) -> Answer:
    action = (params.get("Filter") or {}).get("ActionType")
    wanted = [each for each in found if action in (None, each.action)]
    now = organization.now()
    return page("Handshakes", wanted, params, lambda each: each.shape(now))


def _found(organization: Organization, params: Params) -> Handshake:
    handshake = _all(organization.models).get(params["HandshakeId"])
    if handshake is None or organization.caller not in (handshake.target, handshake.sender.management):
        raise AwsError("HandshakeNotFoundException", "You specified a handshake that doesn't exist.")
    return handshake


def _require(allowed: bool) -> None:
    if not allowed:
        raise AwsError("AccessDeniedException", NO_PERMISSION)


def _end(organization: Organization, handshake: Handshake, how: str) -> None:
    state, wanted = handshake.state(organization.now()), _TRANSITIONS[how]
    if state == wanted:
        raise AwsError("HandshakeAlreadyInStateException", "The specified handshake is already in the requested state.")
    if state != "OPEN":
        words = f"You can't {how} a handshake that is {state.lower()}."
        raise AwsError("InvalidHandshakeTransitionException", words)
    handshake.ended = wanted
