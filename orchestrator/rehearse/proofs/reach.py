"""Proves who reaches what, by really asking STS for every pair.

Every management role x every member account x every role name is tried; the set that STS allows must be exactly the
set that the manifest grants. The management account itself must refuse all, and so must everything asked by the IAM
user without MFA or directly into a member account.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from landing_zone.fleet import Pair as GrantedPair
from landing_zone.probes import Expect
from orchestrator.rehearse.access import Access, Credentials
from orchestrator.rehearse.people import Person, sign_in
from orchestrator.rehearse.proofs.proof import Proof, listed, not_tried
from orchestrator.verify.answers import Answer, Found, Outcome, Pair, Row
from orchestrator.verify.calls import ask_pair
from orchestrator.verify.matrix import ask_pairs

DENIED = "AccessDenied"


@dataclass(frozen=True, slots=True)
class ReachQuestion:
    """What to try: `accounts` maps member account names to ids; `granted` is what the manifest says."""

    management_roles: Mapping[str, Credentials]
    accounts: Mapping[str, str]
    role_names: Sequence[str]
    granted: frozenset[GrantedPair]
    management_account: tuple[str, str]
    """Name and id."""
    untried: tuple[str, ...] = ()
    """Management roles that nobody can become yet, their groups being empty; named in the answer."""
    nobody_left: str = ""
    """Why there is no member account to try; empty where there is one."""

    def pairs(self) -> tuple[Pair, ...]:
        """Return every pair to try, with what the manifest says of it."""
        home, _ = self.management_account
        return tuple(
            Pair(caller, home, account, role, Expect.ALLOW if (caller, account, role) in self.granted else Expect.DENY)
            for caller in self.management_roles
            for account in self.accounts
            for role in self.role_names
        )


def prove_reach(access: Access, question: ReachQuestion) -> Proof:
    """Try every pair and compare with the manifest's grants."""
    if question.nobody_left:
        return not_tried("reach matrix", question.nobody_left)
    rows = ask_pairs(access, question.management_roles, question.pairs(), question.accounts)
    allowed = sum(row.answer.found is Found.ALLOW for row in rows)
    wrong = [_differing(row, question) for row in rows if row.outcome is not Outcome.OK]
    summary = f"{len(rows)} pairs asked of STS: {allowed} allowed, {len(rows) - allowed} refused"
    if question.untried:
        summary += f"; not tried, as nobody is in a group that may become it: {', '.join(question.untried)}"
    return Proof("reach matrix", bool(rows) and not wrong, f"{summary}; wrong: {listed(wrong)}" if wrong else summary)


def _differing(row: Row, question: ReachQuestion) -> str:
    pair = row.asked
    assert isinstance(pair, Pair)  # noqa: S101  (the matrix has nothing else)
    expected = "allowed" if pair.expect is Expect.ALLOW else DENIED
    where = f"{pair.role} in {pair.account} ({question.accounts[pair.account]})"
    return f"{pair.caller} to {where}: {_told(row.answer)}, not {expected}"


def prove_management_refused(access: Access, question: ReachQuestion) -> Proof:
    """Try every role name in the management account from every management role: all must be refused."""
    name, account_id = question.management_account
    wrong = [
        f"{management_role} to {role} in {name} ({account_id}): {answer}"
        for management_role, credentials in question.management_roles.items()
        for role, answer in _ask(access, credentials, account_id, question.role_names)
        if answer != DENIED
    ]
    tried = len(question.management_roles) * len(question.role_names)
    detail = f"not refused: {listed(wrong)}" if wrong else f"{tried} of {tried} refused in {name}"
    return Proof("management account refused throughout", tried > 0 and not wrong, detail)


def prove_user_alone_refused(access: Access, question: ReachQuestion, people: Sequence[Person]) -> Proof:
    """Try the IAM users without MFA into the management roles, and with MFA directly into member accounts."""
    if people and not any(person.is_user for person in people):
        return not_tried("user alone refused", "the fleet trusts no IAM user")
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
                if answer != DENIED:
                    wrong.append(f"{who} to {role} in {account_id}: {answer}")
    detail = f"not refused: {listed(wrong)}" if wrong else f"{tried} of {tried} refused"
    return Proof("user alone refused", tried > 0 and not wrong, detail)


def _ask(access: Access, credentials: Credentials, account_id: str, roles: Sequence[str]) -> Iterator[tuple[str, str]]:
    sts = access.client("sts", credentials)
    return ((role, _assume(sts, account_id, role)) for role in roles)


def _assume(sts: Any, account_id: str, role: str) -> str:
    """Return `allowed`, AccessDenied, or AWS's words."""
    return _told(ask_pair(sts, account_id, role))


def _told(answer: Answer) -> str:
    if answer.found is Found.UNKNOWN:
        return answer.words
    return "allowed" if answer.found is Found.ALLOW else DENIED
