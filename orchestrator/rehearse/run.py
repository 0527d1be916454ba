"""One rehearsal from nothing to nothing: starts the twin, makes its people, rehearses, and ends the twin.

With `keep` the twin stays up with the fleet deployed on it, and a private file lets later commands sign in.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from orchestrator import composition
from orchestrator.driver import Driver
from orchestrator.errors import NobodyRehearses
from orchestrator.files.workspace import (
    REHEARSAL_VARIABLE,
    Workspace,
    find_root,
    rehearsal,
    rehearsal_folder,
    remove_rehearsal,
    twin_run_file,
)
from orchestrator.planning.plan import StackKind
from orchestrator.rehearse import keepsake
from orchestrator.rehearse.access import Access, Credentials
from orchestrator.rehearse.alone import alone
from orchestrator.rehearse.newcomers import issuers_of, pipelines_of
from orchestrator.rehearse.people import enrol, enrol_permission_sets
from orchestrator.rehearse.profiles import ProfileFiles
from orchestrator.rehearse.providers import make_providers, people_of_providers
from orchestrator.rehearse.sequence import BeforeProofs, Stage, let_in, rehearse
from orchestrator.running.job import EngineKind, Operation
from orchestrator.validation.fleet_rules import load_checked

if TYPE_CHECKING:
    from landing_zone.fleet import Manifest
    from orchestrator.composition import TwinRun
    from orchestrator.rehearse.report import RehearsalReport
    from orchestrator.running.observers import RunObserver
    from orchestrator.tools import Tools


@dataclass(frozen=True)
class RehearsalOptions:
    """What `fleetyard rehearse` was asked for.

    `env` is the environment to start from; nothing of AWS or Pulumi in it reaches the twin's users. The rehearsal's
    files lie beside `run_file`: in `.fleetyard` of the repository when it is not given. `before_proofs` lets a test
    show that a proof can fail.
    """

    fleet: Path
    env: Mapping[str, str] = field(repr=False)
    keep: bool = False
    latency_ms: int = 0
    engine: EngineKind = EngineKind.EMBEDDED
    concurrency: int | None = None
    run_file: Path | None = None
    say: Callable[[str], None] = lambda _words: None
    observers: Sequence[RunObserver] = ()
    before_proofs: BeforeProofs | None = None


def run_rehearsal(options: RehearsalOptions) -> RehearsalReport:
    """Rehearse a fleet and return what came of it.

    Raises: what the manifest, the engine or the twin refuses; nothing is left running then.
    """
    with staged(options) as stage:
        report = rehearse(stage, options.before_proofs)
        if not report.passed:
            _refuse_without_twin(_run_file_of(options), "stacks or proofs that failed")
        if options.keep and report.passed:
            composition.note_rehearsal_over(_run_file_of(options))
        if options.keep and report.proofs_performed:
            _deploy_again(stage)
    if not options.keep and report.passed:
        # Its states and sessions are of a twin that is gone; after a failure they help to find the cause.
        remove_rehearsal(stage.workspace.state.parent)
    return replace(report, kept=options.keep)


@contextmanager
def staged(options: RehearsalOptions) -> Iterator[Stage]:
    """Start the twin, make its people, and yield what a rehearsal acts on; the twin ends unless it is to be kept.

    Raises: RehearsalInTheWay if this checkout has another one; what the manifest, the engine or the twin refuses.
    """
    manifest = load_checked(options.fleet)
    _refuse_without_caller(manifest)
    run_file = _run_file_of(options)
    with alone(run_file), _twin_of(options, manifest, run_file) as stage:
        yield stage


def _run_file_of(options: RehearsalOptions) -> Path:
    return options.run_file or twin_run_file(find_root(options.fleet.resolve()))


def _refuse_without_caller(manifest: Manifest) -> None:
    role = manifest.workload_role
    if not (manifest.workloads and role):
        return
    trust = manifest.management_roles[role].trust
    ways = (trust.users, trust.identity_center, trust.pipelines, trust.saml, trust.oidc)
    if not any((*ways, manifest.people.who_becomes(role))):
        raise NobodyRehearses(
            f"nobody can become {role}, which runs the workloads",
            why="nobody is in the groups of people that may become it",
            not_run="the rehearsal",
            hint=f"name somebody of such a group in people.users, or trust others: management_roles.{role}.trusted",
        )


@contextmanager
def _twin_of(options: RehearsalOptions, manifest: Manifest, run_file: Path) -> Iterator[Stage]:
    options.say("Starting the twin")
    started = time.monotonic()
    management = manifest.management_account
    with composition.start_twin(
        management.id,
        run_file,
        management_email=management.email,
        management_name=management.aws_name or management.name,
        region=manifest.region,
        latency_ms=options.latency_ms,
        keep=options.keep,
    ) as twin:
        try:
            with _on_twin(options, manifest, run_file, twin.run) as stage:
                stage.seconds["twin"] = time.monotonic() - started
                yield stage
        except Exception as error:
            if not isinstance(error, composition.REHEARSAL_ERROR):
                _refuse_without_twin(run_file, next(iter(str(error).splitlines()), repr(error)))
            twin.stop()
            raise
        except BaseException:
            twin.stop()
            raise
        finally:
            if not options.keep:
                composition.forget_twin(run_file)


def _refuse_without_twin(run_file: Path, noticed: str) -> None:
    """Raise the twin's error if it is gone; `noticed` is what went wrong and told so."""
    try:
        composition.running_twin(run_file)
    except composition.REHEARSAL_ERROR as gone:
        gone.why = f"{gone.summary}; the rehearsal noticed it by: {noticed}"
        gone.summary = "the twin ended in the middle of the rehearsal, by `twin stop --force` or for lack of memory"
        gone.not_run = "the rest of the rehearsal"
        gone.hint = "fleetyard rehearse"
        raise


@contextmanager
def _on_twin(options: RehearsalOptions, manifest: Manifest, run_file: Path, run: TwinRun) -> Iterator[Stage]:
    directory = rehearsal_folder(run_file)
    # Starting the twin has made sure that no other one uses these files.
    remove_rehearsal(directory)
    workspace = rehearsal(options.fleet, directory)
    access = Access(run.endpoint, run.region, look=True)
    administrator = Credentials(run.administrator.access_key_id, run.administrator.secret_access_key)
    users = sorted({user for role in manifest.management_roles.values() for user in role.trust.users})
    strangers = (*pipelines_of(manifest), *people_of_providers(manifest))
    composition.ready_for_rehearsal(run, issuers_of(strangers))
    sets = enrol_permission_sets(access, administrator, manifest)
    people = (*enrol(access, administrator, users), *sets, *strangers)
    make_providers(access, administrator, manifest, people)
    kept = keepsake.Keepsake(people, keepsake.new_passphrase())
    keepsake.save(directory, kept)
    profiles = ProfileFiles(directory / "aws")
    profiles.write(manifest.callers.administrator, manifest.region, administrator)
    env = {**rehearsal_environment(options.env, run_file, run), **kept.environment()}
    engine = composition.choose_engine(env, options.engine)
    with composition.open_tools(env, engine, options.concurrency) as tools:
        yield Stage(
            manifest=manifest,
            driver=_driver(options, manifest, workspace, tools),
            workspace=workspace,
            access=access,
            administrator=administrator,
            people=kept.people,
            profiles=profiles,
            scratch=directory / "scratch",
            say=options.say,
            env=env,
        )


def _driver(options: RehearsalOptions, manifest: Manifest, workspace: Workspace, tools: Tools) -> Driver:
    driver = Driver(manifest, workspace, tools, options.observers)
    workspace.copy_in(driver.plan.stacks)
    return driver


def _deploy_again(stage: Stage) -> None:
    """Deploy once more what the last proof destroyed, for people to look at."""
    above = tuple(
        stack.id for stack in stage.driver.plan.stacks if stack.kind in {StackKind.SUBACCOUNT, StackKind.WORKLOAD}
    )
    with stage.phase("again", "Deploying again what the last proof destroyed"):
        stage.driver.run(Operation.UP, above)
        let_in(stage)


def rehearsal_environment(base: Mapping[str, str], run_file: Path, run: TwinRun) -> dict[str, str]:
    """Return the environment of a rehearsal's stacks: the base without AWS's and Pulumi's settings, led to the twin."""
    directory = rehearsal_folder(run_file)
    clean = {name: value for name, value in base.items() if not name.startswith(("AWS_", "PULUMI_"))}
    return {
        **clean,
        **composition.twin_environment(run, run_file),
        **ProfileFiles(directory / "aws").environment(),
        REHEARSAL_VARIABLE: str(directory),
        "AWS_EC2_METADATA_DISABLED": "true",
        "PULUMI_HOME": str(directory / "pulumi-home"),
    }
