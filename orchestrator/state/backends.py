"""Where a stack's state lives and what encrypts its secrets: files beside the manifest, or a state bucket and its key.

The foundation lives in files, as it makes the buckets. Workloads live where the manifest's `workload_state` says, and
in the bucket that their account is assigned to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from landing_zone.fleet import Manifest, WorkloadState
from landing_zone.lock import Lock, StateHome
from landing_zone.naming import account_of_stack
from orchestrator.errors import StateElsewhere
from orchestrator.files.project_files import project_name, secrets_provider_of, stack_file_name
from orchestrator.files.workspace import Workspace
from orchestrator.planning.plan import PlannedStack, StackKind
from orchestrator.running.job import Reason
from orchestrator.running.scheduler import Blocked
from orchestrator.state.bucket_states import BucketQuery, BucketStates, Detail, Name, ReadBucket, together
from orchestrator.state.state_files import FolderObjects, StateFiles
from orchestrator.workers.environment import caller_environment

PASSPHRASE = "passphrase"  # noqa: S105  (Pulumi's name of a secrets provider)
KMS_SCHEME = "awskms://"


@dataclass(frozen=True, slots=True)
class Backend:
    """A self-managed backend as Pulumi names it, and the secrets provider of stacks that are new there."""

    url: str
    secrets_provider: str = PASSPHRASE

    @property
    def passphrase(self) -> bool:
        """Whether a passphrase encrypts the secrets of stacks there."""
        return self.secrets_provider == PASSPHRASE


@dataclass(frozen=True, slots=True)
class Backends:
    """Gives each stack its backend. `bucket_options` are query options of the bucket's URL that the endpoint needs."""

    manifest: Manifest
    workspace: Workspace
    bucket_options: Mapping[str, str] = field(default_factory=dict)

    def in_bucket(self, planned: PlannedStack) -> bool:
        """Return whether a stack's state belongs into a state bucket."""
        return planned.kind is StackKind.WORKLOAD and self.manifest.workload_state is WorkloadState.BUCKET

    def bucket_of(self, planned: PlannedStack) -> str:
        """Return the name in the manifest of the bucket that a workload's state belongs into."""
        return self.manifest.state_buckets.of(planned.account.name)

    def backend(self, planned: PlannedStack, lock: Lock) -> Backend:
        """Return a stack's backend.

        Raises: Blocked while the state bucket is not made; StateElsewhere if the stack's state is still where the
        manifest does not say any more, as a run would then deploy everything once more.
        """
        if self.in_bucket(planned):
            self._refuse_state_in_files(planned)
            self._refuse_other_bucket(planned, lock)
        else:
            self._refuse_bucket_settings(planned)
        return self.home(planned, lock)

    def home(self, planned: PlannedStack, lock: Lock) -> Backend:
        """Return where a stack's state belongs, wherever it is now; raises Blocked while the bucket is not made."""
        if not self.in_bucket(planned):
            return self.files
        home = lock.home(self.bucket_of(planned))
        if home is None:
            raise Blocked(Reason.STATE_NOT_CREATED)
        return self.bucket(home)

    @property
    def files(self) -> Backend:
        """The backend beside the manifest."""
        return Backend(self.workspace.backend_url)

    def bucket(self, home: StateHome) -> Backend:
        """Return the backend in a state bucket. Both URLs name the region: stacks may run in others.

        Source: gocloud.dev, blob/s3blob and secrets/awskms, URLOpener.
        """
        return Backend(
            f"s3://{home.bucket}?{urlencode({'region': home.region, **self.bucket_options})}",
            f"{KMS_SCHEME}/{home.key_arn}?{urlencode({'region': home.region})}",
        )

    def _refuse_state_in_files(self, planned: PlannedStack) -> None:
        name = stack_record_name(self.workspace, planned)
        if StateFiles(FolderObjects(self.workspace.state)).exists(*name):
            raise _elsewhere(planned, "in files beside the manifest", "workload_state is bucket")

    def _refuse_other_bucket(self, planned: PlannedStack, lock: Lock) -> None:
        """Raise StateElsewhere if the settings file names the key of another bucket than the account is assigned to."""
        own = self.bucket_of(planned)
        provider = secrets_provider_of(self.workspace.settings_dir(planned) / stack_file_name(planned.id.stack_name))
        if lock.home(own) is None or not provider.startswith(KMS_SCHEME):
            return
        keys = {f"{KMS_SCHEME}/{home.key_arn}": name for name, home in lock.homes.items()}
        where = keys.get(provider.partition("?")[0], own)
        if where != own:
            assigned = f"{planned.account.name} is assigned to the state bucket {own}"
            raise _elsewhere(planned, f"in the state bucket {where}", assigned)

    def _refuse_bucket_settings(self, planned: PlannedStack) -> None:
        settings = self.workspace.settings_dir(planned) / stack_file_name(planned.id.stack_name)
        if planned.kind is StackKind.WORKLOAD and secrets_provider_of(settings).startswith(KMS_SCHEME):
            raise _elsewhere(planned, "in the state bucket", "workload_state is files")


@dataclass(frozen=True, slots=True)
class BucketReader:
    """Asks the state buckets as the caller of workloads. `env` is what that caller's environment is derived from."""

    backends: Backends
    env: Mapping[str, str] = field(repr=False)
    read: ReadBucket

    def record(self, lock: Lock, stacks: Sequence[Name]) -> BucketStates:
        """Return everything on record of these stacks, and which others lie in those buckets."""
        return self._ask(lock, stacks, Detail.RECORD)

    def deployed(self, lock: Lock, stacks: Sequence[Name]) -> BucketStates:
        """Return the states alone of these stacks."""
        return self._ask(lock, stacks, Detail.DEPLOYED)

    def _ask(self, lock: Lock, stacks: Sequence[Name], detail: Detail) -> BucketStates:
        """Ask each bucket about its own stacks; a bucket that is not made holds none."""
        manifest = self.backends.manifest
        by_bucket: dict[str, list[Name]] = {}
        for name in stacks:
            by_bucket.setdefault(manifest.state_buckets.of(account_of_stack(name[1])), []).append(name)
        answers = []
        for bucket, names in by_bucket.items():
            if home := lock.home(bucket):
                env = caller_environment(self.env, manifest.callers.management, home.region)
                query = BucketQuery(env, self.backends.bucket(home).url, tuple(names), detail)
                answers.append((query, self.read(query)))
        return together(answers)


def stack_record_name(workspace: Workspace, planned: PlannedStack) -> tuple[str, str]:
    """Return project and stack as they stand in a backend; raises ProgramMissing."""
    return (project_name(workspace.project_file(planned)) or "", planned.id.stack_name)


def _elsewhere(planned: PlannedStack, where: str, wanted: str) -> StateElsewhere:
    return StateElsewhere(
        f"the state of {planned.id} is still {where}",
        subject=str(planned.id),
        why=f"{wanted} in the manifest; a run would deploy everything a second time",
        not_run="the stack",
        hint=f"fleetyard state migrate --stack {planned.id}",
    )
