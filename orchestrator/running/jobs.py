"""Writes the job of one stack, when its turn comes: config from manifest and lock, places from the workspace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from landing_zone import stack_config
from landing_zone.errors import AccountNotCreated
from landing_zone.fleet import Manifest, StateRights
from landing_zone.lock import Lock, resolve_lock
from landing_zone.stack_config.adoption import OrganizationImports
from orchestrator.accounts.lost_accounts import lost_accounts, recorded
from orchestrator.files.config_digest import with_digest
from orchestrator.files.project_files import project_name, stack_file_name
from orchestrator.files.workspace import Workspace
from orchestrator.planning.plan import PlannedStack, StackKind
from orchestrator.running.job import Caller, CallerName, EngineChoice, Operation, Reason, StackJob
from orchestrator.running.scheduler import Blocked
from orchestrator.state.backends import Backends
from orchestrator.tools import KeysOf, no_keys
from orchestrator.workers.environment import stack_environment


@dataclass(frozen=True, slots=True)
class JobWriter:
    """What the jobs of a fleet have in common. `env` is the driver's environment, `parallel` steps within a stack."""

    manifest: Manifest
    workspace: Workspace
    engine: EngineChoice
    env: Mapping[str, str]
    backends: Backends
    parallel: int = 16
    keys_of: KeysOf = no_keys
    imports: OrganizationImports | None = None
    """What the organisation's stack takes into its state; None in every run but that of `accounts adopt`."""

    def write(self, operation: Operation, planned: PlannedStack, lock: Lock) -> StackJob:
        """Return the job of one stack.

        Raises: Blocked while its account or the bucket of its state is not made; StateElsewhere; ProgramMissing; what
        the config's builders raise for a manifest that AWS's limits forbid, or that the lock contradicts.
        """
        project_file = self.workspace.project_file(planned)
        config = self.config(planned, lock)
        caller = self.caller(planned, lock)
        region = planned.id.region or self.manifest.region
        backend = self.backends.backend(planned, lock)
        settings_dir = self.workspace.settings_dir(planned)
        return StackJob(
            id=planned.id,
            operation=operation,
            account_id=self.account_id(planned, lock),
            project=project_name(project_file) or "",
            project_file=project_file,
            work_dir=self.workspace.work_dir(planned, dry=operation.dry),
            settings_dir=settings_dir,
            backend_url=backend.url,
            config=config,
            region=region,
            caller=caller,
            engine=self.engine,
            env=stack_environment(self.env, caller.profile, region, backend.url),
            secrets_provider=backend.secrets_provider,
            parallel=self.parallel,
            keys=self.keys_of(settings_dir / stack_file_name(planned.id.stack_name)) if backend.passphrase else None,
        )

    def caller(self, planned: PlannedStack, lock: Lock) -> Caller:
        """Return with whose credentials a stack runs: an account with a profile of its own runs its own bootstrap."""
        if planned.caller is CallerName.MANAGEMENT:
            profile = self.manifest.callers.management
            return Caller(CallerName.MANAGEMENT, profile, self._management_id, roles=self._roles_for(planned))
        account = planned.account
        profile = self.manifest.administrator_profile(account)
        own = planned.kind is StackKind.SUBACCOUNT and profile != self.manifest.callers.administrator
        expected = self.account_id(planned, lock) if own else self._management_id
        return Caller(CallerName.ADMINISTRATOR, profile, expected)

    def config(self, planned: PlannedStack, lock: Lock) -> dict[str, str]:
        """Return a stack's whole `fleetyard:` config; raises Blocked while its account is not created."""
        try:
            return with_digest(self._config(planned, lock).to_config())
        except AccountNotCreated as missing:
            raise Blocked(Reason.ACCOUNT_NOT_CREATED) from missing

    def account_id(self, planned: PlannedStack, lock: Lock) -> str:
        """Return the id of a stack's account; empty while AWS has not made it."""
        return resolve_lock(self.manifest, lock).accounts.get(planned.account.name, "")

    def lost(self, planned: PlannedStack, lock: Lock) -> Mapping[str, str]:
        """Return name and id of accounts that the organisation's state has lost, and that this run does not import."""
        if planned.kind is not StackKind.ORGANIZATION:
            return {}
        lost = lost_accounts(self.manifest, resolve_lock(self.manifest, lock), self.workspace, planned)
        imported = self.imports.accounts if self.imports else {}
        return {name: account_id for name, account_id in lost.items() if name not in imported}

    @property
    def _management_id(self) -> str:
        return self.manifest.management_account.id

    def _roles_for(self, planned: PlannedStack) -> tuple[str, ...]:
        """Return the management roles that have any right to the bucket of a workload's state."""
        bucket, roles = self.backends.bucket_of(planned), self.manifest.management_roles.values()
        return tuple(role.name for role in roles if role.rights(bucket) is not StateRights.NONE)

    def _config(self, planned: PlannedStack, lock: Lock) -> stack_config.StackConfig:
        match planned.kind:
            case StackKind.ORGANIZATION:
                return stack_config.for_organization(recorded(self.manifest, self.lost(planned, lock)), self.imports)
            case StackKind.BOOTSTRAP:
                return stack_config.for_bootstrap(self.manifest, lock)
            case StackKind.SUBACCOUNT:
                return stack_config.for_subaccount(self.manifest, lock, planned.account.name)
            case StackKind.WORKLOAD:
                return stack_config.for_workload(
                    self.manifest, lock, planned.id.program, planned.account.name, planned.id.region or ""
                )
