"""What a verification found out, for people and as JSON; and what it expects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from landing_zone.identifiers import ACCOUNT_ACCESS_ROLE, account_root_arn
from landing_zone.probes import DeniedBy, Expect
from orchestrator.next_steps import LATER
from orchestrator.verify.answers import How, Outcome, Pair, Question, Row, counted
from orchestrator.verify.matrix import SAY_OTHERWISE
from orchestrator.verify.trusts import in_short, says_more
from orchestrator.verify.verification import Verification, Verifier
from orchestrator.verify.ways_in import Looked, WayIn

_LONGEST = 300
_OF_THE_ORGANISATION = (DeniedBy.SCP.value, DeniedBy.RCP.value)
_TOLD = {Outcome.DIFFERS: "DIFFERS", Outcome.UNKNOWN: "unknown", Outcome.OK: "ok"}
_ABOUT_LOCKOUTS = (
    "a policy that was attached by hand: as the administrator, aws organizations detach-policy; one of the manifest: "
    "mend its file, then fleetyard up --stack 'organization/*'"
)
_ANSWERS = {"allow": "allowed", "deny": "denied", "unknown": "not known"}


def as_text(
    found: Verification, ids: Mapping[str, str], *, every: bool = False, management_account_id: str = ""
) -> str:
    """Return it for a person: what is not as expected line by line, or `every` row, and how many of each there are."""
    shown = [row for row in found.rows if every or row.outcome is not Outcome.OK]
    lines = [line for row in shown for line in _row(row, ids)]
    lines += [""] if lines else []
    lines += [line for words, rows in (("Reach", found.reach), ("Probes", found.probes)) for line in _sum(words, rows)]
    lines += list(_looked(found.looked, ids))
    lines += [f"LOCKS OUT  {line}" for line in found.lockouts]
    if found.suspended:
        lines.append(f"Suspended in the manifest, left alone: {', '.join(found.suspended)}")
    return "\n".join([*lines, _verdict(found), *_next_steps(found, management_account_id)])


def _row(row: Row, ids: Mapping[str, str]) -> Iterator[str]:
    asked, answer = row.asked, row.answer
    account_id = ids.get(asked.account, "no id yet")
    if isinstance(asked, Pair):
        what = f"{asked.caller} to {asked.role} in {asked.account} ({account_id})"
    else:
        what = f"{asked.probe}: {asked.action} as {asked.who} in {asked.account} ({account_id}), {asked.region}"
    by = f" by {asked.by}" if isinstance(asked, Question) and asked.by else ""
    expected = f"expected {_ANSWERS[asked.expect]}{by}"
    yield f"{_TOLD[row.outcome]}  {what}: {_ANSWERS[answer.found]}, {expected}; {answer.how}"
    if answer.decided:
        yield f"  decided: {answer.decided}"
    if answer.words:
        yield f"  why: {answer.words[:_LONGEST]}"
    if isinstance(asked, Question) and row.outcome is not Outcome.OK:
        yield f"  probe: {asked.place}"


def _sum(words: str, rows: Sequence[Row]) -> Iterator[str]:
    if not rows:
        return
    outcomes = Counter(row.outcome for row in rows)
    answers = Counter(_ANSWERS[row.answer.found] for row in rows)
    how = Counter(row.answer.how for row in rows)
    what = counted(len(rows), "pair" if words == "Reach" else "call")
    parts = [f"{number} {answer}" for answer, number in sorted(answers.items())]
    ways = [f"{how[way]} {way}" for way in How if how[way]]
    yield f"{words}: {what}, {outcomes[Outcome.OK]} as expected: {', '.join(parts)} ({', '.join(ways)})"


def _looked(looked: Looked, ids: Mapping[str, str]) -> Iterator[str]:
    """Yield the ways in that the manifest does not have, and which accounts were not looked into."""
    for way in looked.ways:
        what = "lets in more than the manifest says" if way.known else "is not in the manifest and lets in"
        where = f"{way.role} in {way.account} ({ids.get(way.account, 'no id yet')})"
        yield f"LETS IN  {where} {what}: {', '.join(way.lets_in)}"
        shown = [each for each in way.statements if way.known or says_more(each)]
        yield from (f"  {'not expected' if way.known else 'statement'}: {_cut(in_short(each))}" for each in shown)
    if looked.accounts:
        yield f"Ways in: {counted(len(looked.accounts), 'account')} looked into, {len(looked.ways)} beyond the manifest"
    reasons: dict[str, list[str]] = {}
    for account, words in looked.left_out.items():
        reasons.setdefault(words, []).append(account)
    for words, accounts in reasons.items():
        yield f"Ways in: not looked into {', '.join(accounts)}: {words[:_LONGEST]}"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}... (--format json has all of it)"


def _verdict(found: Verification) -> str:
    outcomes = Counter(row.outcome for row in found.rows)
    if found.exit_code == 0:
        return "Everything is as the manifest says."
    parts = [f"{outcomes[Outcome.DIFFERS]} differ"] if outcomes[Outcome.DIFFERS] else []
    parts += [f"{outcomes[Outcome.UNKNOWN]} not known"] if outcomes[Outcome.UNKNOWN] else []
    parts += [f"{len(found.lockouts)} locked out"] if found.lockouts else []
    parts += [f"{counted(len(found.looked.ways), 'role')} beyond it"] if found.looked.ways else []
    return f"NOT as the manifest says: {', '.join(parts)}."


def _next_steps(found: Verification, management_account_id: str) -> Iterator[str]:
    if found.exit_code == 0:
        return
    steps = [*_about_roles(found.looked.ways, management_account_id)]
    if found.lockouts:
        steps.append(_ABOUT_LOCKOUTS)
    if any(row.answer.later for row in found.rows):
        steps.append(LATER)
    otherwise = [row.answer for row in found.rows if SAY_OTHERWISE in row.answer.words]
    if otherwise:
        steps.append("what is deployed is not what the manifest says: fleetyard refresh --preview")
    if any(answer.by in _OF_THE_ORGANISATION for answer in otherwise):
        steps.append("with the policies that somebody attached by hand: fleetyard verify --attached")
    yield from (f"  next: {step}" for step in steps)


def _about_roles(ways: Sequence[WayIn], management_account_id: str) -> Iterator[str]:
    """Yield what to do about roles: those of others go, the programs put theirs back, and the access role stays.

    Without the access role nobody gets into the account to put anything back.
    """
    if others := [f"{way.role} in {way.account}" for way in ways if not way.known]:
        whose = f"{others[0]}, and delete it" if len(others) == 1 else "each role beyond the manifest, and delete it"
        yield f"see who made {whose}; one that others keep goes into known_roles"
    known = [way for way in ways if way.known]
    if accounts := dict.fromkeys(way.account for way in known if way.role != ACCOUNT_ACCESS_ROLE):
        where = " ".join(["--stack bootstrap-subaccount", *(f"--account {account}" for account in accounts)])
        yield f"to put roles of the manifest back: fleetyard refresh {where}, then: fleetyard up {where}"
    if accounts := dict.fromkeys(way.account for way in known if way.role == ACCOUNT_ACCESS_ROLE):
        root = account_root_arn(management_account_id) if management_account_id else "the management account's root"
        yield (
            f"keep {ACCOUNT_ACCESS_ROLE} in {', '.join(accounts)}, and set its trust policy by hand to one statement: "
            f"Allow sts:AssumeRole to {root}"
        )


def as_json(found: Verification, ids: Mapping[str, str]) -> dict[str, object]:
    """Return it as a JSON object: every row, and how many of each outcome there are."""
    outcomes = Counter(row.outcome for row in found.rows)
    return {
        "verified": found.exit_code == 0,
        "outcomes": {outcome.value: outcomes[outcome] for outcome in Outcome},
        "reach": [{**_expected(row.asked, ids), **_answer(row)} for row in found.reach],
        "probes": [{**_expected(row.asked, ids), **_answer(row)} for row in found.probes],
        "lockouts": list(found.lockouts),
        "ways_in": [
            {
                "account": way.account,
                "account_id": ids.get(way.account) or None,
                "role": way.role,
                "in_manifest": way.known,
                "lets_in": list(way.lets_in),
                "statements": [dict(statement) for statement in way.statements],
            }
            for way in found.looked.ways
        ],
        "looked_into": list(found.looked.accounts),
        "not_looked_into": dict(found.looked.left_out),
        "suspended": list(found.suspended),
    }


def _expected(asked: Pair | Question, ids: Mapping[str, str]) -> dict[str, object]:
    where: dict[str, object] = {"account": asked.account, "account_id": ids.get(asked.account) or None}
    if isinstance(asked, Pair):
        caller = {"caller": asked.caller, "caller_account": asked.caller_account}
        return {**caller, **where, "role": asked.role, "expect": asked.expect.value}
    return {
        "probe": asked.probe,
        "action": asked.action,
        **where,
        "role": asked.role or None,
        "region": asked.region,
        "resource": asked.resource,
        "context": {key: value if isinstance(value, str) else list(value) for key, value in asked.context.items()},
        "expect": asked.expect.value,
        "by": asked.by.value if asked.by else None,
        "place": asked.place,
    }


def _answer(row: Row) -> dict[str, object]:
    answer = row.answer
    return {
        "outcome": row.outcome.value,
        "found": answer.found.value,
        "how": answer.how.value,
        "decided_by": answer.by or None,
        "policy": answer.policy or None,
        "statement": answer.statement or None,
        "words": answer.words,
    }


def expected_as_text(verifier: Verifier) -> str:
    """Return what the manifest says has to be: who becomes what where, and every probe."""
    granted: dict[tuple[str, str], list[str]] = {}
    for pair in verifier.pairs:
        if pair.expect is Expect.ALLOW:
            granted.setdefault((pair.caller, pair.account), []).append(pair.role)
    lines = [f"{caller}  {account}  {', '.join(roles)}" for (caller, account), roles in granted.items()]
    allowed = sum(len(roles) for roles in granted.values())
    lines += [
        "",
        f"Reach: {counted(len(verifier.pairs), 'pair')}: {allowed} allowed, {len(verifier.pairs) - allowed} denied",
    ]
    for asked in verifier.questions:
        by = f" by {asked.by}" if asked.by else ""
        what = f"{asked.action} as {asked.who} in {asked.account}, {asked.region}"
        lines.append(f"{asked.probe}: {what}: {_ANSWERS[asked.expect]}{by}")
    return "\n".join([*lines, f"Probes: {counted(len(verifier.questions), 'call')}"])


def expected_as_json(verifier: Verifier, ids: Mapping[str, str]) -> dict[str, object]:
    """Return the same as a JSON object."""
    return {
        "reach": [_expected(pair, ids) for pair in verifier.pairs],
        "probes": [_expected(question, ids) for question in verifier.questions],
        "suspended": list(verifier.suspended),
    }
