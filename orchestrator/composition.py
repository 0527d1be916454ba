"""The composition root: the one place that knows both the driver and the rehearsal, and says which engine runs stacks.

Everything else of the driver takes what it needs as an argument and cannot tell a rehearsal from production.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import importlib
import os
import pkgutil
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar, Unpack

from orchestrator.engine.real_engine import find_pulumi, installed_command, worker_environment
from orchestrator.files.project_files import salt_of
from orchestrator.files.workspace import REHEARSAL_VARIABLE, is_rehearsal, rehearsal_folder
from orchestrator.running.job import EngineChoice, EngineKind, OnEvent, StackJob, StackKeys, StackResult
from orchestrator.twin_endpoint import refuse_unnamed_twin
from orchestrator.workers.environment import PASSPHRASE_VARIABLES
from orchestrator.workers.environment import RUN_FILE_VARIABLE as RUN_FILE_VARIABLE  # noqa: PLC0414  (re-exported by name)
from rehearsal.errors import RehearsalError

if TYPE_CHECKING:
    from pulumi.automation import PulumiCommand

    from orchestrator.accounts.forget_job import ForgetJob, ForgetResult
    from orchestrator.callers import Identity
    from orchestrator.state.bucket_states import BucketQuery, BucketStates
    from orchestrator.state.move_job import MoveJob, MoveResult
    from orchestrator.tools import KeysOf, Tools
    from orchestrator.workers.pool import ForkPool
    from rehearsal.engine.secret_managers import KeyCache
    from rehearsal.twin.fault_orders import FaultOrders
    from rehearsal.twin.process import TwinProcess
    from rehearsal.twin.run_file import TwinRun as TwinRun  # noqa: PLC0414  (re-exported by name)

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")

STACK_MISSING = 6
"""Pulumi's exit code when there is no such stack. Source: pulumi/pulumi, sdk/go/common/util/cmdutil (exit codes)."""
REHEARSAL_ERROR = RehearsalError
"""What the command line shows as a message, beside the driver's own errors."""

PLUGIN_FOLDER = Path(__file__).resolve().parents[1] / "rehearsal" / "aws" / "bin"
WARM_AWS_MODULES = (
    "account",
    "budgets",
    "cloudfront",
    "cloudtrail",
    "cloudwatch",
    "ebs",
    "ec2",
    "ecr",
    "iam",
    "kms",
    "organizations",
    "route53",
    "s3",
    "servicequotas",
    "sns",
    "ssm",
)
"""Modules of `pulumi_aws` that our programs use; others load when a program first touches them."""

WARM_MODULES = (
    "boto3",
    "encodings.idna",
    "grpc._channel",
    "grpc._server",
    "grpc._utilities",
    "landing_zone.providers",
    "landing_zone.stack_config",
    "obstore.store",
    "orchestrator.state.bucket_states",
    "orchestrator.callers",
    "orchestrator.workers.worker",
    "rehearsal.aws.plugin",
    "rehearsal.engine.command",
    "rehearsal.engine.deployment",
    "rehearsal.engine.program_hosts",
    "rehearsal.engine.update_commands",
    "ruamel.yaml",
)
"""What workers and programs import in the end, gRPC's lazy parts too; a program's own modules are its own business."""

STACKS_PER_CORE = 2
PROVIDER_MEMORY = 600 * 1024 * 1024
"""Bytes to reckon for a stack on the real CLI: the CLI (120 MiB) and one `aws` provider process (170-430 MiB)."""

EMBEDDED_MEMORY = 100 * 1024 * 1024
"""Bytes to reckon for a stack on the embedded engine: what a forked worker does not share with the warm process."""


def choose_engine(env: Mapping[str, str], requested: EngineKind | None = None) -> EngineChoice:
    """Return what executes stacks: the embedded engine on a proven twin, else the real CLI, never one for the other.

    An environment that names a twin, or a rehearsal's files, must lead to that twin: anything else is an error, not a
    reason to take the real CLI.
    Raises: NotOurTwin and its kin; PulumiMissing or PulumiTooOld where the real CLI is needed.
    """
    if requested is EngineKind.EMBEDDED or env.get(RUN_FILE_VARIABLE) or env.get(REHEARSAL_VARIABLE):
        prove_twin(env)
        if requested is not EngineKind.PULUMI:
            return EngineChoice(EngineKind.EMBEDDED)
    refuse_unnamed_twin(env)
    return find_pulumi(env)


def prove_twin(env: Mapping[str, str]) -> TwinRun:
    """Return the twin that an environment leads to; raises a RehearsalError if it leads anywhere else."""
    from rehearsal.twin.proof import prove_twin as prove

    run_file = env.get(RUN_FILE_VARIABLE)
    with _way_back(rehearsed=bool(env.get(REHEARSAL_VARIABLE)) or bool(run_file and _rehearsed(Path(run_file)))):
        return prove(env)


def _rehearsed(run_file: Path) -> bool:
    return is_rehearsal(rehearsal_folder(run_file))


@contextlib.contextmanager
def _way_back(*, rehearsed: bool) -> Iterator[None]:
    """Say of a twin that is gone how to get it again: a kept rehearsal's is made by rehearsing, not empty."""
    try:
        yield
    except RehearsalError as error:
        if rehearsed and error.hint == "fleetyard twin start":
            error.hint = "fleetyard rehearse --keep"
        raise


def sign_in_endpoint(env: Mapping[str, str], otherwise: str) -> str:
    """Return where a session is turned into a console sign-in: AWS's endpoint as given, or that of a proven twin.

    Raises: NotOurTwin and its kin where the environment leads neither to AWS nor to a twin of ours.
    """
    if not any(env.get(name) for name in (RUN_FILE_VARIABLE, REHEARSAL_VARIABLE, "AWS_ENDPOINT_URL")):
        return otherwise
    return f"{prove_twin(env).endpoint}/federation"


def engine_environment(engine: EngineChoice, env: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for an engine: on a twin the real CLI finds our plugin, and fetches none."""
    if engine.kind is EngineKind.EMBEDDED or not env.get(RUN_FILE_VARIABLE):
        return dict(env)
    prove_twin(env)
    return {
        **env,
        "PATH": os.pathsep.join([str(PLUGIN_FOLDER), env.get("PATH", os.defpath)]),
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    }


def run_pulumi(
    arguments: Sequence[str],
    folder: Path,
    env: Mapping[str, str],
    tell: tuple[Callable[[str], None], ...],
    stack_missing: str = "",
) -> int:
    """Run one Pulumi command as typed and return its exit code; `tell` takes lines of output and of errors.

    `stack_missing` is the next step to tell if the backend has no such stack. On the real CLI `tell` gets that alone:
    the CLI writes to the terminal itself.
    Raises: what `choose_engine` raises.
    """
    engine = choose_engine(env)
    env = engine_environment(engine, env)
    if engine.kind is EngineKind.PULUMI:
        code = subprocess.run([engine.command, *arguments], cwd=folder, env=env, check=False).returncode
        if code == STACK_MISSING and stack_missing:
            tell[-1](f"  next: {stack_missing}")
        return code
    from pulumi.automation.errors import CommandError

    from rehearsal.aws.plugin import AwsProvider
    from rehearsal.engine.command import EmbeddedPulumi
    from rehearsal.engine.wording import Wording

    wording = Wording("fleetyard pulumi", stack_missing)
    embedded = EmbeddedPulumi(providers={"aws": AwsProvider}, guard=_guard, wording=wording)
    try:
        embedded.run(list(arguments), str(folder), env, *tell)
    except CommandError as failed:
        found = re.match(r"\s*code: (\d+)", str(failed))
        return int(found[1]) if found else 1
    return 0


def pulumi_command(job: StackJob) -> PulumiCommand:
    """Return the Pulumi that executes a job."""
    if job.engine.kind is EngineKind.PULUMI:
        return installed_command(job.engine)
    from rehearsal.aws.plugin import AwsProvider
    from rehearsal.engine.command import EmbeddedPulumi
    from rehearsal.engine.program_hosts import InProcessHost

    return EmbeddedPulumi(
        providers={"aws": AwsProvider},
        guard=_guard,
        program_host=InProcessHost(),
        keys=_cache_over(dict(job.keys.derived) if job.keys else {}),
    )


def run_job(job: StackJob, emit: OnEvent) -> StackResult:
    """Run a job in a child of the pool."""
    from orchestrator.workers.worker import run_in_own_process

    return run_in_own_process(pulumi_command, job, emit)


def move_state(job: MoveJob) -> MoveResult:
    """Move the state of a stack to another backend, in a child of the pool."""
    from orchestrator.state.move import move_in_own_process

    return move_in_own_process(pulumi_command, job)


def forget_state(job: ForgetJob) -> ForgetResult:
    """Forget a stack, or one resource of it, in a child of the pool."""
    from orchestrator.accounts.forgetting import forget_in_own_process

    return forget_in_own_process(pulumi_command, job)


def _cache_over(derived: dict[bytes, bytes]) -> KeyCache:
    """Return the embedded engine's cache of keys, over a mapping that can travel between processes."""
    from rehearsal.engine.secret_managers import KeyCache

    class Over(KeyCache):
        def key(self, passphrase: str, salt: bytes) -> bytes:
            name = hashlib.sha256(salt + passphrase.encode()).digest()
            if name not in derived:
                derived[name] = super().key(passphrase, salt)
            return derived[name]

    return Over()


def warm_up() -> None:
    """Import what a worker needs and touch what is loaded lazily; starts no thread and makes no gRPC object."""
    import pulumi_aws

    import landing_zone.components

    components = pkgutil.iter_modules(landing_zone.components.__path__, f"{landing_zone.components.__name__}.")
    for module in (*WARM_MODULES, *(found.name for found in components)):
        importlib.import_module(module)
    for module in WARM_AWS_MODULES:
        # They load when first asked for a public name, whether or not they have it; each has hundreds of classes.
        getattr(getattr(pulumi_aws, module), "loaded", None)
    from rehearsal.aws.warm import warm_up as warm_up_provider

    warm_up_provider()


@contextlib.contextmanager
def open_tools(env: Mapping[str, str], engine: EngineChoice, concurrency: int | None = None) -> Iterator[Tools]:
    """Start the warm pool and yield what a driver acts through; on the way out the last worker has ended."""
    from orchestrator.callers import identify_in
    from orchestrator.running.runner import PoolRunner
    from orchestrator.state.bucket_states import read_bucket_in_own_process
    from orchestrator.tools import Tools, no_keys
    from orchestrator.workers.pool import ForkPool

    limit = concurrency or default_concurrency(engine)
    with ForkPool(limit) as pool:
        yield Tools(
            runner=PoolRunner(pool, run_job),
            identify=identify_in(pool),
            engine=engine,
            env=worker_environment(engine, engine_environment(engine, env)),
            concurrency=limit,
            keys_of=_key_ring(env) if engine.kind is EngineKind.EMBEDDED else no_keys,
            read_bucket=lambda query: _answer(pool, read_bucket_in_own_process, query),
            bucket_options=bucket_options(env),
            call=pool.submit,
        )


def bucket_options(env: Mapping[str, str]) -> Mapping[str, str]:
    """Return what the state bucket's URL needs beside its region: a twin has no host names for buckets."""
    return {"use_path_style": "true"} if env.get(RUN_FILE_VARIABLE) else {}


def identify(env: Mapping[str, str]) -> Identity:
    """Ask AWS in a process of its own whose credentials an environment holds, for commands that run no stack."""
    from orchestrator.callers import identify_in_own_process
    from orchestrator.workers.pool import ForkPool

    with ForkPool(1, preload=("boto3", "orchestrator.callers")) as pool:
        return _answer(pool, identify_in_own_process, dict(env))


def read_bucket(query: BucketQuery) -> BucketStates:
    """Read states from a bucket in a process of its own, for commands that run no stack."""
    from orchestrator.state.bucket_states import read_bucket_in_own_process
    from orchestrator.workers.pool import ForkPool

    with ForkPool(1, preload=("boto3", "orchestrator.state.bucket_states")) as pool:
        return _answer(pool, read_bucket_in_own_process, query)


def _answer(pool: ForkPool, ask: Callable[[Asked], Answer], about: Asked) -> Answer:
    """Return what a process of its own found out; raises CallerCheckDied if that is ended from outside."""
    from orchestrator.errors import CallerCheckDied
    from orchestrator.workers.pool import ChildDied

    try:
        return pool.submit(ask, about).result()
    except ChildDied as died:
        raise CallerCheckDied(
            "a process that asks AWS was ended before it had an answer",
            why=str(died),
            not_run="what depends on the answer",
            hint="repeat the command; if memory is short with a lower --concurrency",
        ) from died


def _key_ring(env: Mapping[str, str]) -> KeysOf:
    """Return what gives each stack its keys: one derivation per salt, and one salt for all stacks that have none."""
    from rehearsal.engine.secret_managers import new_passphrase_salt, read_passphrase

    derived: dict[bytes, bytes] = {}
    keys = _cache_over(derived)
    shared: list[str] = []

    def keys_of(settings_file: Path) -> StackKeys | None:
        if not any(name in env for name in PASSPHRASE_VARIABLES):
            return None
        passphrase = read_passphrase(env)
        salt = salt_of(settings_file) or (shared[0] if shared else new_passphrase_salt(passphrase, keys))
        if not shared:
            shared.append(salt)
        keys.key(passphrase, base64.b64decode(salt.split(":")[1]))
        return StackKeys(salt, dict(derived))

    return keys_of


def default_concurrency(engine: EngineChoice) -> int:
    """Return how many stacks to run at a time: bound by the cores, and on the real CLI by the free memory too."""
    import psutil

    by_cores = STACKS_PER_CORE * (os.cpu_count() or 1)
    if engine.kind is EngineKind.EMBEDDED:
        return by_cores
    return max(1, min(by_cores, psutil.virtual_memory().available // PROVIDER_MEMORY))


def stack_memory(engine: EngineChoice) -> int:
    """Return the bytes to reckon for each stack at a time."""
    return EMBEDDED_MEMORY if engine.kind is EngineKind.EMBEDDED else PROVIDER_MEMORY


class TwinSettings(TypedDict, total=False):
    """What a twin may be started with besides its account and run file; see the twin's own options."""

    region: str
    latency_ms: int
    gate: bool
    port: int
    keep: bool
    management_email: str
    management_name: str
    seed: int | None


def start_twin(management_account_id: str, run_file: Path, **settings: Unpack[TwinSettings]) -> TwinProcess:
    """Start a twin and return once it answers; raises a RehearsalError if it cannot be."""
    from rehearsal.twin.options import TwinOptions
    from rehearsal.twin.process import start_twin as start

    return start(TwinOptions(management_account_id=management_account_id, run_file=run_file, **settings))


def ready_for_rehearsal(run: TwinRun, issuers: Mapping[str, Any]) -> None:
    """Tell a twin whose tokens become roles (each issuer's public keys, a JWKS, by its host), and to accept MFA codes
    more than once: a rehearsal's people sign in again and again, and nobody waits half a minute for a device.
    """  # noqa: D205 - one sentence
    from rehearsal.twin.client import change_settings

    change_settings(run, issuers=issuers, mfa_codes_once=False)


def stop_twin(run_file: Path) -> TwinRun:
    """End the twin of a run file; raises a RehearsalError if none runs."""
    from rehearsal.twin.process import stop_twin as stop

    with _way_back(rehearsed=_rehearsed(run_file)):
        run = stop(run_file)
    forget_twin(run_file)
    return run


def forget_twin(run_file: Path) -> None:
    """Remove what the provider noted of a twin that has ended: which creations it had begun there."""
    run_file.with_suffix(".creations").unlink(missing_ok=True)


def running_twin(run_file: Path) -> TwinRun:
    """Return the twin of a run file, proven to answer; raises a RehearsalError if none does."""
    from rehearsal.twin.run_file import read_run_file

    with _way_back(rehearsed=_rehearsed(run_file)):
        run = read_run_file(run_file)
    return prove_twin({RUN_FILE_VARIABLE: str(run_file), "AWS_ENDPOINT_URL": run.endpoint})


def fault_orders(run_file: Path) -> FaultOrders:
    """Return what orders faults at the twin of a run file; raises a RehearsalError if none answers there."""
    from rehearsal.twin.fault_orders import FaultOrders

    return FaultOrders(running_twin(run_file))


def twin_settings(run_file: Path, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Change settings of the twin of a run file and return all; raises a RehearsalError, and changes none then.

    A quota is named `quotas.NAME`; those not named stay as they are.
    """
    from rehearsal.twin.client import change_settings, read_settings

    run = running_twin(run_file)
    now = read_settings(run)
    quotas = {name.removeprefix("quotas."): value for name, value in changes.items() if name.startswith("quotas.")}
    others = {name: value for name, value in changes.items() if not name.startswith("quotas.")}
    if quotas:
        others["quotas"] = {**now["quotas"], **quotas}
    return change_settings(run, **others) if others else now


def twin_refusals(run_file: Path) -> list[dict[str, Any]]:
    """Return what the twin of a run file refused last, the latest first; raises a RehearsalError if none answers."""
    from rehearsal.twin.client import last_denials

    return last_denials(running_twin(run_file), 1500, by_services=True)


def note_rehearsal_over(run_file: Path) -> None:
    """Tell the twin of a run file that its refusals so far were a rehearsal's that passed. Raises: RehearsalError."""
    from rehearsal.twin.client import note_rehearsal_over

    note_rehearsal_over(running_twin(run_file))


def twin_environment(run: TwinRun, run_file: Path) -> dict[str, str]:
    """Return the variables that lead AWS's SDKs, Pulumi and us to a twin; without credentials."""
    from rehearsal.twin.run_file import S3_CONTROL_VARIABLE

    return {
        RUN_FILE_VARIABLE: str(run_file),
        "AWS_ENDPOINT_URL": run.endpoint,
        S3_CONTROL_VARIABLE: run.s3_control_endpoint,
        "AWS_REGION": run.region,
        "AWS_DEFAULT_REGION": run.region,
    }


def administrator_credentials(run: TwinRun) -> dict[str, str]:
    """Return the variables with the access key of the management account's administrator."""
    return {
        "AWS_ACCESS_KEY_ID": run.administrator.access_key_id,
        "AWS_SECRET_ACCESS_KEY": run.administrator.secret_access_key,
    }


def _guard(env: Mapping[str, str]) -> None:
    prove_twin(env)
