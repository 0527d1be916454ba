"""Proves who reaches what, by really asking STS for every pair.

Every management role x every member account x every role name is tried; the set that STS allows must be exactly the
set that the manifest grants. The management account itself must refuse all, and so must everything asked by the IAM
user without MFA or directly into a member account.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from orchestrator.rehearse.access import Access, Credentials, error_code
from orchestrator.rehearse.people import Person, sign_in
from orchestrator.rehearse.proofs.proof import Proof, listed

SESSION = "fleetyard-proof"
Pair = tuple[str, str, str]
"""Management role, account name, role name."""


@dataclass(frozen=True, slots=True)
class ReachQuestion:
    """What to try: `accounts` maps member account names to ids; `granted` is what the manifest says."""

    management_roles: Mapping[str, Credentials]
    accounts: Mapping[str, str]
    role_names: Sequence[str]
    granted: frozenset[Pair]
    management_account: tuple[str, str]
    """Name and id."""
    untried: tuple[str, ...] = ()
    """Management roles that nobody of the rehearsal can become; named in the answer."""


def prove_reach(access: Access, question: ReachQuestion) -> Proof:
    """Try every pair and compare with the manifest's grants."""
    tried = allowed = 0
    wrong: list[str] = []
    for management_role, credentials in question.management_roles.items():
        sts = access.client("sts", credentials)
        for account, account_id in question.accounts.items():
            for role in question.role_names:
                tried += 1
                answer = _assume(sts, account_id, role)
                allowed += answer == "allowed"
                expected = "allowed" if (management_role, account, role) in question.granted else "AccessDenied"
                if answer != expected:
                    wrong.append(f"{management_role} to {role} in {account} ({account_id}): {answer}, not {expected}")
    summary = f"{tried} pairs asked of STS: {allowed} allowed, {tried - allowed} refused"
    if question.untried:
        summary += f"; not tried, as a twin has neither SAML nor your own issuers: {', '.join(question.untried)}"
    return Proof("reach matrix", tried > 0 and not wrong, f"{summary}; wrong: {listed(wrong)}" if wrong else summary)


def prove_management_refused(access: Access, question: ReachQuestion) -> Proof:
    """Try every role name in the management account from every management role: all must be refused."""
    name, account_id = question.management_account
    wrong = [
        f"{management_role} to {role} in {name} ({account_id}): {answer}"
        for management_role, credentials in question.management_roles.items()
        for role, answer in _ask(access, credentials, account_id, question.role_names)
        if answer != "AccessDenied"
    ]
    tried = len(question.management_roles) * len(question.role_names)
    detail = f"not refused: {listed(wrong)}" if wrong else f"{tried} of {tried} refused in {name}"
    return Proof("management account refused throughout", tried > 0 and not wrong, detail)


def prove_user_alone_refused(access: Access, question: ReachQuestion, people: Sequence[Person]) -> Proof:
    """Try the IAM users without MFA into the management roles, and with MFA directly into member accounts."""
    if people and not any(person.is_user for person in people):
        return Proof("user alone refused", passed=True, detail="the fleet trusts no IAM user", tried=False)
    wrong: list[str] = []
    tried = 0
    _, management_id = question.management_account
    for person in people:
        if not person.is_user:  # what Identity Center or a pipeline's issuer lets in, the manifest may let further
            continue
        attempts = [
            (f"{person.user} without MFA", person.key, management_id, list(question.management_roles)),
            *(
                (f"{person.user} {how} directly", credentials, account_id, list(question.role_names))
                for how, credentials in (("without MFA", person.key), ("with MFA", sign_in(access, person)))
                for account_id in question.accounts.values()
            ),
        ]
        for who, credentials, account_id, roles in attempts:
            for role, answer in _ask(access, credentials, account_id, roles):
                tried += 1
                if answer != "AccessDenied":
                    wrong.append(f"{who} to {role} in {account_id}: {answer}")
    detail = f"not refused: {listed(wrong)}" if wrong else f"{tried} of {tried} refused"
    return Proof("user alone refused", tried > 0 and not wrong, detail)


def _ask(access: Access, credentials: Credentials, account_id: str, roles: Sequence[str]) -> Iterator[tuple[str, str]]:
    sts = access.client("sts", credentials)
    return ((role, _assume(sts, account_id, role)) for role in roles)


def _assume(sts: Any, account_id: str, role: str) -> str:  # noqa: ANN401  (botocore ships no types)
    """Return `allowed`, or AWS's error code."""
    arn = f"arn:aws:iam::{account_id}:role/{role}"
    try:
        answer = sts.assume_role(RoleArn=arn, RoleSessionName=SESSION)
    except ClientError as refused:
        return error_code(refused)
    reached = str(answer["AssumedRoleUser"]["Arn"])
    return "allowed" if reached == f"arn:aws:sts::{account_id}:assumed-role/{role}/{SESSION}" else f"reached {reached}"
