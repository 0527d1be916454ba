"""The rehearsal, phase by phase, as an administrator and then the people of a new organisation would go.

    organisation -> what each account holds now -> foundation -> people sign in -> workloads -> preview -> proofs

Every phase goes through the driver, as the commands do. The twin is given; starting and ending it is the caller's.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from landing_zone.fleet import Manifest
from landing_zone.identifiers import role_arn
from landing_zone.lock import Lock, load_lock
from orchestrator.driver import Driver
from orchestrator.files.workspace import Workspace
from orchestrator.planning.plan import PlannedStack, StackKind
from orchestrator.rehearse import keepsake
from orchestrator.rehearse.access import Access, Credentials
from orchestrator.rehearse.entering import become
from orchestrator.rehearse.newcomers import newcomers
from orchestrator.rehearse.people import Person
from orchestrator.rehearse.profiles import ProfileFiles
from orchestrator.rehearse.proofs.clean_destroy import prove_destroy_is_clean
from orchestrator.rehearse.proofs.doors import prove_every_door
from orchestrator.rehearse.proofs.forgotten_provider import prove_iam_behind_the_net, prove_net_at_preview
from orchestrator.rehearse.proofs.hub import prove_hub
from orchestrator.rehearse.proofs.inventory import Inventory
from orchestrator.rehearse.proofs.probes import prove_probes
from orchestrator.rehearse.proofs.proof import Proof
from orchestrator.rehearse.proofs.reach import (
    ReachQuestion,
    prove_management_refused,
    prove_reach,
    prove_user_alone_refused,
)
from orchestrator.rehearse.proofs.scene import Scene
from orchestrator.rehearse.proofs.steadiness import prove_refresh_shows_drift, prove_second_up_changes_nothing
from orchestrator.rehearse.proofs.together import take_inventories
from orchestrator.rehearse.proofs.ways_in import prove_no_other_way_in
from orchestrator.rehearse.proofs.wrong_account import prove_wrong_account_refused
from orchestrator.rehearse.report import RehearsalReport
from orchestrator.running.job import Operation, StackResult, StackStatus
from orchestrator.stack_id import StackId

BeforeProofs = Callable[[Scene], Scene]
"""Changes the scene before it is proven: how a test shows that a proof can fail."""


@dataclass
class Stage:
    """What the phases share.

    `say` tells a person what is being done; `env` is the environment of the stacks; `seconds` collects what each phase
    took.
    """

    manifest: Manifest
    workspace: Workspace
    driver: Driver
    access: Access
    administrator: Credentials
    people: tuple[Person, ...]
    profiles: ProfileFiles
    scratch: Path
    say: Callable[[str], None]
    env: Mapping[str, str] = field(repr=False)
    seconds: dict[str, float] = field(default_factory=dict)
    joined: dict[str, Person] = field(default_factory=dict)
    """People whom the fleet itself made users for, by name; known once the foundation is deployed."""

    @property
    def everybody(self) -> tuple[Person, ...]:
        """All who may sign in by now."""
        return (*self.people, *self.joined.values())

    @contextmanager
    def phase(self, name: str, words: str) -> Iterator[None]:
        """Say what begins, and note how long it took."""
        self.say(words)
        started = time.monotonic()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.monotonic() - started


def rehearse(stage: Stage, before_proofs: BeforeProofs | None = None) -> RehearsalReport:
    """Deploy the fleet in phases, preview it again and prove what it claims; stops deploying at the first failure."""
    results, before = deploy(stage)
    if len(results) < len(_stacks(stage)) or not _all_succeeded(results):
        reason = "not performed, because not every stack was deployed"
        stopped = Proof("proofs", passed=False, detail=reason)
        return RehearsalReport(results, (stopped,), stage.seconds, suspended=suspended_accounts(stage.manifest))
    with stage.phase("preview", "Previewing every stack again"):
        steady = _previewed(stage)
    with stage.phase("proofs", "Proving it on the twin"):
        scene = scene_of(stage, before)
        proofs = prove(before_proofs(scene) if before_proofs else scene, stage.scratch, stage.say)
    return RehearsalReport(results, (steady, *proofs), stage.seconds, suspended=suspended_accounts(stage.manifest))


def suspended_accounts(manifest: Manifest) -> tuple[str, ...]:
    """Return the accounts that a rehearsal leaves alone, as every run does."""
    return tuple(account.name for account in manifest.accounts if account.suspended)


def deploy(stage: Stage) -> tuple[tuple[StackResult, ...], Mapping[str, Inventory]]:
    """Deploy every stack, and return the results with what each account held after the organisation alone.

    Stops at the first phase in which a stack does not succeed; the results then end there.
    """
    kinds = _stacks_by_kind(_stacks(stage))
    with stage.phase("organisation", f"Creating the organisation {stage.manifest.organization} and its accounts"):
        results = stage.driver.run(Operation.UP, kinds[StackKind.ORGANIZATION])
    if not _all_succeeded(results):
        return results, {}
    with stage.phase("inventory", "Noting what each account holds"):
        before = _inventories(stage)
    with stage.phase("foundation", "Deploying the management account and the roles of every member account"):
        results += stage.driver.run(Operation.UP, (*kinds[StackKind.BOOTSTRAP], *kinds[StackKind.SUBACCOUNT]))
    if not _all_succeeded(results):
        return results, before
    let_in(stage)
    with stage.phase("workloads", "Signing in as the management role and deploying the workloads"):
        if kinds[StackKind.WORKLOAD]:
            sign_in_to_caller(stage.manifest, stage.access, stage.everybody, stage.profiles)
            results += stage.driver.run(Operation.UP, kinds[StackKind.WORKLOAD])
    return results, before


def let_in(stage: Stage) -> None:
    """Let people whom the fleet made users for have a key and a device, and keep them for later commands."""
    holder = stage.manifest.people.account
    if stage.joined and stage.manifest.account(holder).management:
        return  # no proof destroys what is in the management account: theirs are as they were
    found = newcomers(stage.access, stage.administrator, stage.manifest, _lock(stage), stage.people)
    stage.joined.clear()
    stage.joined.update({person.user: person for person in found})
    if found:
        kept = keepsake.Keepsake(stage.everybody, stage.env[keepsake.PASSPHRASE])
        keepsake.save(stage.scratch.parent, kept)


def prove(scene: Scene, scratch: Path, say: Callable[[str], None]) -> tuple[Proof, ...]:
    """Perform the proofs in an order in which none disturbs the next; the destroy comes last."""
    question = reach_question(scene)
    claims: tuple[Callable[[], Proof], ...] = (
        lambda: prove_reach(scene.access, question),
        lambda: prove_management_refused(scene.access, question),
        lambda: prove_user_alone_refused(scene.access, question, scene.people),
        *((lambda: prove_every_door(scene),) if any(not person.is_user for person in scene.people) else ()),
        lambda: prove_no_other_way_in(scene),
        *((lambda: prove_hub(scene),) if scene.manifest.access.hub else ()),
        *((lambda: prove_probes(scene),) if scene.manifest.probes else ()),
        lambda: prove_net_at_preview(scene, scratch),
        # The net behind is that of the workloads' caller: without workloads there is nobody to try it as.
        *((lambda: prove_iam_behind_the_net(scene, scratch),) if scene.manifest.workloads else ()),
        lambda: prove_wrong_account_refused(scene, scratch),
        lambda: prove_second_up_changes_nothing(scene),
        lambda: prove_refresh_shows_drift(scene),
        lambda: prove_destroy_is_clean(scene),
    )
    proofs = []
    for claim in claims:
        proof = claim()
        say(f"  {proof.word}  {proof.name}")
        proofs.append(proof)
    return tuple(proofs)


def reach_question(scene: Scene) -> ReachQuestion:
    """Return what the reach proofs try, from the manifest and the sessions that people signed in to."""
    management = scene.manifest.management_account
    members = [account.name for account in scene.manifest.members if not account.suspended]
    return ReachQuestion(
        management_roles=scene.management_roles,
        accounts={name: scene.lock.accounts[name] for name in members},
        role_names=tuple(scene.manifest.roles),
        granted=frozenset(pair for pair in scene.manifest.reach() if pair[1] in members),
        management_account=(management.name, management.id),
        untried=tuple(name for name in scene.manifest.management_roles if name not in scene.management_roles),
        nobody_left=scene.nobody_left,
    )


def sign_in_to_roles(access: Access, manifest: Manifest, people: Sequence[Person]) -> Mapping[str, Credentials]:
    """Become every management role that one of these people may become; each person signs in once."""
    sessions: dict[str, Credentials] = {}
    return {
        name: sign_in_to_role(access, manifest, people, name, sessions)
        for name, role in manifest.management_roles.items()
        # Nobody becomes a role that only groups without people may become.
        if any(person.may_become(role) for person in people)
    }


def sign_in_to_role(
    access: Access,
    manifest: Manifest,
    people: Sequence[Person],
    role: str,
    sessions: dict[str, Credentials] | None = None,
) -> Credentials:
    """Become a management role as a person whom it trusts, with their MFA.

    `sessions` are those of people who have signed in already, by name; whoever signs in now is added.
    Raises: LookupError when nobody of the rehearsal is trusted to become it.
    """
    signed_in = {} if sessions is None else sessions
    wanted = manifest.management_roles[role]
    person = next((person for person in people if person.may_become(wanted)), None)
    if person is None:
        raise LookupError(f"nobody of the rehearsal is trusted to become {role}")
    return become(access, person, role_arn(manifest.management_account.id, role), signed_in)


def sign_in_to_caller(
    manifest: Manifest, access: Access, people: Sequence[Person], profiles: ProfileFiles
) -> Credentials:
    """Sign in to the role that runs workloads, and write it as the caller's profile."""
    credentials = sign_in_to_role(access, manifest, people, manifest.workload_role)
    profiles.write(manifest.callers.management, manifest.region, credentials)
    return credentials


def scene_of(stage: Stage, before: Mapping[str, Inventory]) -> Scene:
    """Return what the proofs stand on, people signed in to every management role."""
    kinds = _stacks_by_kind(_stacks(stage))
    return Scene(
        manifest=stage.manifest,
        lock=_lock(stage),
        workspace=stage.workspace,
        access=stage.access,
        administrator=stage.administrator,
        people=stage.everybody,
        management_roles=sign_in_to_roles(stage.access, stage.manifest, stage.everybody),
        driver=stage.driver,
        foundation=(*kinds[StackKind.ORGANIZATION], *kinds[StackKind.BOOTSTRAP]),
        subaccounts=kinds[StackKind.SUBACCOUNT],
        workloads=kinds[StackKind.WORKLOAD],
        before=before,
    )


def _previewed(stage: Stage) -> Proof:
    results = stage.driver.run(Operation.PREVIEW, tuple(stack.id for stack in _stacks(stage)))
    wrong = [str(r.id) for r in results if r.changed or r.status is not StackStatus.SUCCEEDED]
    complete = len(results) == len(_stacks(stage))
    detail = f"changes or failures in {', '.join(wrong)}" if wrong else f"{len(results)} stacks, no change"
    return Proof("preview after deployment shows no change", complete and not wrong, detail)


def _inventories(stage: Stage) -> Mapping[str, Inventory]:
    """Return what each account holds that runs work on; nobody gets into one that is in the suspended unit."""
    lock = _lock(stage)
    look = {}
    for account in stage.manifest.members:
        if account.suspended:
            continue
        role = f"arn:aws:iam::{lock.accounts[account.name]}:role/OrganizationAccountAccessRole"
        look[account.name] = stage.access.assume(stage.administrator, role, "fleetyard-inventory")
    return take_inventories(stage.access, look)


def _lock(stage: Stage) -> Lock:
    return load_lock(stage.workspace.lock_path)


def _stacks(stage: Stage) -> tuple[PlannedStack, ...]:
    """Return the stacks that are rehearsed: those of suspended accounts are left alone, as in every run."""
    return tuple(stack for stack in stage.driver.plan.stacks if not stack.account.suspended)


def _stacks_by_kind(stacks: Sequence[PlannedStack]) -> Mapping[StackKind, tuple[StackId, ...]]:
    return {kind: tuple(stack.id for stack in stacks if stack.kind is kind) for kind in StackKind}


def _all_succeeded(results: Sequence[StackResult]) -> bool:
    return bool(results) and all(result.status is StackStatus.SUCCEEDED for result in results)
