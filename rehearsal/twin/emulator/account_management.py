"""AWS Account Management: an account's name, primary email, contact information and regions. moto has contacts only.

Whose account a caller may name is decided in the gate. Source: AWS Account Management Reference Guide, the API
reference of each operation.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from rehearsal.twin.emulator import account_regions
from rehearsal.twin.emulator.account_regions import Switched
from rehearsal.twin.emulator.organization import Answer, AwsError, Model, Params, Rules
from rehearsal.twin.emulator.organization_membership import outside_accounts

_PATHS = {
    "get_account_information": "getAccountInformation",
    "put_account_name": "putAccountName",
    "get_contact_information": "getContactInformation",
    "put_contact_information": "putContactInformation",
    "get_primary_email": "getPrimaryEmail",
    "start_primary_email_update": "startPrimaryEmailUpdate",
    "accept_primary_email_update": "acceptPrimaryEmailUpdate",
    "list_regions": "listRegions",
    "get_region_opt_status": "getRegionOptStatus",
    "enable_region": "enableRegion",
    "disable_region": "disableRegion",
}

_STATUSES = {"ConflictException": 409, "ResourceNotFoundException": 404}
"""HTTP statuses of errors; others are 400. Source: botocore's model of the service."""


@dataclass(slots=True)
class EmailUpdate:
    """A change of the primary email that has been asked for."""

    email: str
    code: str
    status: str


@dataclass(slots=True)
class Settings:
    """What an account has set."""

    contact: dict[str, Any] | None = None
    email_update: EmailUpdate | None = None
    switched: Switched = field(default_factory=dict)


def answer_account_management(account: Model, organizations: Model, errors: Model, rules: Rules) -> None:
    """Change moto's package `account`; `organizations` and `errors` are moto's modules of those names."""
    from moto.core.responses import ActionResult

    response = account.responses.AccountResponse

    def method(name: str) -> Callable[[Any], Any]:
        def answer(self: Any) -> Any:
            params = json.loads(self.body or "{}")
            whose = str(params.get("AccountId") or self.current_account)
            try:
                return ActionResult(getattr(_Account(whose, account, organizations, rules), name)(params))
            except AwsError as error:
                raise _told(error, errors) from error

        return answer

    for name, path in _PATHS.items():
        setattr(response, name, method(name))
        account.urls.url_paths[f"{{0}}/{path}$"] = response.dispatch


def _told(error: AwsError, errors: Model) -> Exception:
    told: Any = errors.JsonRESTError(error.code, error.words)
    told.code = _STATUSES.get(error.code, 400)
    more = {"reason": error.reason} if error.reason else {}
    told.description = json.dumps({"message": error.words, **more})
    refusal: Exception = told
    return refusal


def settings_of(account: Model, account_id: str) -> Settings:
    """Return what an account has set, to be changed where it is."""
    backend = account.models.account_backends[account_id]["aws"]
    found: Settings = backend.__dict__.setdefault("settings", Settings())
    return found


class _Account:
    """The operations on one account."""

    def __init__(self, account_id: str, account: Model, organizations: Model, rules: Rules) -> None:
        self._id = account_id
        self._organizations = organizations
        self._rules = rules
        self._settings = settings_of(account, account_id)
        self._management = organizations.organizations_backends.master_accounts.get(account_id, (account_id, ""))[0]
        self._contact_above = settings_of(account, self._management).contact

    def get_account_information(self, _params: Params) -> Answer:
        """GetAccountInformation."""
        member = self._member()
        if member is None:
            return {"AccountId": self._id, "AccountName": self._outside()[0], "AccountState": "ACTIVE"}
        created = datetime.fromtimestamp(self._organizations.unix_time(member.create_time), UTC)
        return {
            "AccountId": self._id,
            "AccountName": member.name,
            "AccountCreatedDate": created,
            "AccountState": member.state if member.state != "PENDING_CLOSURE" else "ACTIVE",
        }

    def put_account_name(self, params: Params) -> Answer:
        """PutAccountName."""
        name = str(params.get("AccountName", ""))
        if not 1 <= len(name) <= 50:
            raise AwsError("ValidationException", "The account name must have 1 to 50 characters.")
        member = self._member()
        if member is not None:
            member.name = name
        else:
            outside_accounts(self._organizations)[self._id] = (name, self._outside()[1])
        return {}

    def get_contact_information(self, _params: Params) -> Answer:
        """GetContactInformation: a member's is its management account's until it has its own."""
        found = self._settings.contact or self._contact_above
        if found is None:
            raise AwsError("ResourceNotFoundException", "No contact information was found for this account.")
        return {"ContactInformation": found}

    def put_contact_information(self, params: Params) -> Answer:
        """PutContactInformation."""
        self._settings.contact = dict(params["ContactInformation"])
        return {}

    def get_primary_email(self, _params: Params) -> Answer:
        """GetPrimaryEmail, of a member."""
        return {"PrimaryEmail": self._some_member().email}

    def start_primary_email_update(self, params: Params) -> Answer:
        """StartPrimaryEmailUpdate, of a member; a code goes to the new address."""
        email = str(params["PrimaryEmail"])
        self._some_member()
        if self._is_taken(email):
            raise AwsError("ConflictException", "The email address is already in use.")
        code = "".join(secrets.choice("0123456789") for _ in range(6))
        self._settings.email_update = EmailUpdate(email, code, "PENDING")
        mail_sent(self._organizations).append({"to": email, "account_id": self._id, "code": code})
        return {"Status": "PENDING"}

    def accept_primary_email_update(self, params: Params) -> Answer:
        """AcceptPrimaryEmailUpdate, with the code that was sent."""
        update = self._settings.email_update
        if update is None or update.status != "PENDING" or update.email != params.get("PrimaryEmail"):
            raise AwsError("ResourceNotFoundException", "There is no update of this email address to accept.")
        if params.get("Otp") != update.code:
            raise AwsError("ValidationException", "The one-time password is not valid.", "fieldValidationFailed")
        if self._is_taken(update.email):
            raise AwsError("ConflictException", "The email address is already in use.")
        self._some_member().email = update.email
        update.status = "COMPLETED"
        return {"Status": "COMPLETED"}

    def list_regions(self, params: Params) -> Answer:
        """ListRegions."""
        return account_regions.list_regions(self._settings.switched, params, self._rules)

    def get_region_opt_status(self, params: Params) -> Answer:
        """GetRegionOptStatus."""
        return account_regions.get_region_opt_status(self._settings.switched, params, self._rules)

    def enable_region(self, params: Params) -> Answer:
        """EnableRegion."""
        return account_regions.enable_region(self._settings.switched, params, self._rules)

    def disable_region(self, params: Params) -> Answer:
        """DisableRegion."""
        return account_regions.disable_region(self._settings.switched, params, self._rules)

    def _members(self) -> list[Model]:
        backends = self._organizations.organizations_backends
        found: list[Model] = backends[self._management]["aws"].accounts if self._management in backends else []
        return found

    def _member(self) -> Model | None:
        return next((each for each in self._members() if each.id == self._id), None)

    def _some_member(self) -> Model:
        member = self._member()
        if member is None:
            raise AwsError("ResourceNotFoundException", f"Account {self._id} is in no organization.")
        return member

    def _outside(self) -> tuple[str, str]:
        return outside_accounts(self._organizations).get(self._id, ("", ""))

    def _is_taken(self, email: str) -> bool:
        outside = [each for _, each in outside_accounts(self._organizations).values()]
        return email.lower() in {each.lower() for each in (*outside, *(member.email for member in self._members()))}


def mail_sent(organizations: Model) -> list[dict[str, str]]:
    """Return the mails with one-time passwords that AWS would have sent, the earliest first."""
    found: list[dict[str, str]] = organizations.organizations_backends.__dict__.setdefault("mail", [])
    return found
