"""Verifies a fleet: what is asked, by whom on the twin and on AWS, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import cached_property

from botocore.exceptions import ClientError

from landing_zone.fleet import Account, Manifest
from landing_zone.identifiers import role_arn
from landing_zone.lock import Lock
from orchestrator.lockout.organization_levels import Level
from orchestrator.lockout.policy_lockout import lockouts
from orchestrator.rehearse.access import Credentials
from orchestrator.verify.answers import Answer, Found, How, Outcome, Pair, Question, Row, counted
from orchestrator.verify.attached import AttachedPolicies
from orchestrator.verify.computed import SESSION, Computing
from orchestrator.verify.documents import FleetDocuments
from orchestrator.verify.errors import NothingToVerify
from orchestrator.verify.expectations import expected_pairs, hub_pairs, questions
from orchestrator.verify.looking import look_as_administrator, look_as_own
from orchestrator.verify.matrix import account_ids, ask_pairs, completed
from orchestrator.verify.own_row import OwnRow, ask_own_row
from orchestrator.verify.probing import Prober, SignedIn
from orchestrator.verify.ways_in import Looked

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Verification:
    """What came of it. `suspended` names accounts that were left alone.

    `lockouts` are what policies that are attached in AWS keep Fleetyard from, a line each. `looked` tells of roles that
    let in more than the manifest says; where nobody was asked, nothing was looked into.
    """

    reach: tuple[Row, ...]
    probes: tuple[Row, ...]
    suspended: tuple[str, ...] = ()
    lockouts: tuple[str, ...] = ()
    looked: Looked = field(default_factory=Looked)

    @property
    def rows(self) -> tuple[Row, ...]:
        """Everything that was asked."""
        return (*self.reach, *self.probes)

    @property
    def exit_code(self) -> int:
        """0 where everything is as the manifest says; 1 where something differs, is not known, locks out or lets in.

        What was not looked into does not count: who may look depends on who asks.
        """
        wrong = self.lockouts or self.looked.ways
        return 0 if not wrong and all(row.outcome is Outcome.OK for row in self.rows) else 1


@dataclass(frozen=True)
class Verifier:
    """Asks for everything that a manifest says of these accounts; `lock` is the one at hand."""

    manifest: Manifest
    lock: Lock
    accounts: frozenset[str]
    say: Tell = field(default=lambda _words: None)
    attached: AttachedPolicies | None = None

    @cached_property
    def computing(self) -> Computing:
        """What answers from the documents."""
        return Computing(FleetDocuments(self.manifest, self.lock, self.attached))

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        """The reach matrix with what the manifest expects."""
        return (*expected_pairs(self.manifest, self.accounts), *hub_pairs(self.manifest, self.accounts))

    def refuse_nothing(self) -> None:
        """Raise NothingToVerify where neither a pair nor a probe is left to ask."""
        if self.pairs or self.questions:
            return
        suspended = f"suspended, left alone: {', '.join(self.suspended)}" if self.suspended else ""
        raise NothingToVerify(
            "there is nothing to verify in these accounts",
            why=suspended or "the manifest offers no role there",
            not_run="any pair or probe",
            hint="fleetyard verify --expect shows what there is to verify",
        )

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """The calls of the manifest's probes."""
        return questions(self.manifest, self.computing.documents.lock, self.accounts)

    @property
    def suspended(self) -> tuple[str, ...]:
        """The accounts that are left alone."""
        return tuple(each.name for each in self.manifest.accounts if each.suspended and each.name in self.accounts)

    def compute(self) -> Verification:
        """Compute every answer from the documents that the programs would deploy; calls nothing."""
        self.refuse_nothing()
        return self._verified((), self._computed_probes())

    def on_aws(self, own: OwnRow, children: Executor) -> Verification:
        """Ask AWS for the row of the management role at hand, and compute all others; no probe performs an action."""
        called = self._own(own, children)
        return self._verified(called, self._computed_probes(), self._looked_by_own_row(own, children))

    def on_twin(self, signed_in: SignedIn, own: OwnRow | None = None, children: Executor | None = None) -> Verification:
        """Ask a twin for every pair whose caller is signed in, and perform every probe for which a call is ready."""
        called = list(self._own(own, children)) if own and children else []
        callers = {**signed_in.management_roles, **self._hub(signed_in)}
        pairs = [pair for pair in self.pairs if pair.caller in callers]
        if pairs:
            self.say(f"Asking STS for {len(pairs)} pairs as {', '.join(callers)}")
            called += ask_pairs(signed_in.access, callers, pairs, account_ids(self.manifest, self.lock))
        called += [
            Row(pair, Answer(Found.UNKNOWN, How.NOT_CALLED, words=signed_in.refused[pair.caller]))
            for pair in self.pairs
            if pair.caller in signed_in.refused
        ]
        return self._verified(called, self.probed(signed_in), self.looked(signed_in))

    def looked(self, signed_in: SignedIn) -> Looked:
        """Look into every account of a twin for roles that let in more than the manifest says."""
        if self._members:
            self.say(f"Looking for ways into {counted(len(self._members), 'account')}")
        ids, documents = account_ids(self.manifest, self.lock), self.computing.documents
        return look_as_administrator(signed_in.access, signed_in.administrator, ids, self._members, documents)

    def _looked_by_own_row(self, own: OwnRow, children: Executor) -> Looked:
        ids, documents = account_ids(self.manifest, self.lock), self.computing.documents
        return look_as_own(own, self.pairs, ids, self._members, documents, children)

    @property
    def _members(self) -> tuple[str, ...]:
        """The member accounts that are asked about."""
        selected = (each for each in self.manifest.members if each.name in self.accounts)
        return tuple(each.name for each in selected if not each.suspended)

    def probed(self, signed_in: SignedIn) -> tuple[Row, ...]:
        """Perform every probe on a twin."""
        prober = Prober(signed_in, self.computing)
        accounts = len({question.account for question in self.questions})
        if self.questions:
            calls = counted(len(self.questions), "call")
            self.say(f"Trying {calls} of probes in {counted(accounts, 'account')}")
        with prober.probing(self.questions):
            return tuple(Row(question, prober.answer(question)) for question in self.questions)

    def _own(self, own: OwnRow, children: Executor) -> Sequence[Row]:
        number = sum(pair.caller == own.role for pair in self.pairs)
        self.say(f"Asking STS for {number} pairs as {own.role}; the others are computed")
        return tuple(ask_own_row(own, self.pairs, account_ids(self.manifest, self.lock), children))

    def _hub(self, signed_in: SignedIn) -> Mapping[str, Credentials]:
        """Return a session of the hub, where somebody who is signed in may become it."""
        hub = self.manifest.access.hub
        account_id = self.lock.accounts.get(hub.account, "") if hub else ""
        if hub is None or not account_id:
            return {}
        for name in hub.management_roles:
            if credentials := signed_in.management_roles.get(name):
                try:
                    return {hub.role: signed_in.access.assume(credentials, role_arn(account_id, hub.role), SESSION)}
                except ClientError:
                    return {}  # that it may is a pair of the matrix, which tells of it
        return {}

    def _computed_probes(self) -> tuple[Row, ...]:
        return tuple(Row(question, self.computing.question(question)) for question in self.questions)

    def _verified(self, called: Sequence[Row], probes: tuple[Row, ...], looked: Looked | None = None) -> Verification:
        rows = completed(self.pairs, called, self.computing)
        return Verification(rows, probes, self.suspended, self._lockouts(), looked or Looked())

    def _lockouts(self) -> tuple[str, ...]:
        """Return what the policies in AWS keep Fleetyard from; the manifest's own were judged when it was read."""
        documents = self.computing.documents
        if self.attached is None:
            return ()
        selected = self.accounts

        def over(account: Account) -> tuple[Level, ...]:
            return documents.over(account.name) if account.name in selected else ()

        return lockouts(self.manifest, documents.lock, over)


def all_accounts(manifest: Manifest) -> frozenset[str]:
    """Return the names of all accounts."""
    return frozenset(account.name for account in manifest.accounts)
