"""The environment in which tools reach a twin as one of its principals."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from landing_zone.errors import FleetyardError, ManifestError
from landing_zone.fleet import Manifest, WorkloadState
from landing_zone.lock import load_lock
from landing_zone.manifest import load_manifest
from orchestrator import composition
from orchestrator.errors import BadOption, RehearsalGone
from orchestrator.files.workspace import FLEET_VARIABLE, Workspace, is_rehearsal, kept_rehearsal, rehearsal_folder
from orchestrator.next_steps import ANEW, JOIN
from orchestrator.people.errors import RoleRefused
from orchestrator.rehearse import keepsake
from orchestrator.rehearse.access import Access, Credentials, error_code
from orchestrator.rehearse.alone import rehearsing_process
from orchestrator.rehearse.profiles import ProfileFiles
from orchestrator.rehearse.run import rehearsal_environment
from orchestrator.rehearse.sequence import sign_in_to_caller, sign_in_to_role
from orchestrator.state.backends import Backends

ADMIN = "admin"

NAMES = (
    "AWS_ACCESS_KEY_ID",
    "AWS_CONFIG_FILE",
    "AWS_DEFAULT_REGION",
    "AWS_EC2_METADATA_DISABLED",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_S3_CONTROL",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_SHARED_CREDENTIALS_FILE",
    "FLEETYARD_FLEET",
    "FLEETYARD_REHEARSAL",
    "FLEETYARD_TWIN_RUN_FILE",
    "PULUMI_BACKEND_URL",
    "PULUMI_CONFIG_PASSPHRASE",
    "PULUMI_HOME",
)
"""Every variable that leads to a twin, and so is taken away again to leave it."""


def variables_for(
    run_file: Path, principal: str | None, tell: Callable[[str], None] = lambda _words: None
) -> dict[str, str]:
    """Return the variables that lead to a running twin, with credentials of the principal.

    On a kept rehearsal they also lead Pulumi and fleetyard to its files, and whoever joins renews the sessions of the
    callers' profiles. Where the manifest has a problem they are the administrator's unless a role was asked for, and
    `tell` hears so. Raises: NotOurTwin and its kin; BadOption for a principal that the twin has not; RehearsalGone
    if the kept rehearsal is of a twin that is gone; RoleRefused if the twin refuses the sign-in.
    """
    run = composition.running_twin(run_file)
    directory = rehearsal_folder(run_file)
    if not is_rehearsal(directory):
        if principal not in {None, ADMIN}:
            raise BadOption(
                f"--as {principal}: this twin holds no rehearsal, so it has no management roles",
                hint=_anew(run_file),
            )
        return composition.twin_environment(run, run_file) | composition.administrator_credentials(run)
    workspace = kept_rehearsal(directory)
    try:
        manifest = load_manifest(workspace.fleet)
    except ManifestError as error:
        if principal not in {None, ADMIN}:
            raise
        tell(f"{error.code}: the manifest has a problem, so this is {ADMIN}, and nobody's session is renewed")
        return _variables(run, run_file, _keepsake(run_file), workspace, composition.administrator_credentials(run))
    role = principal or manifest.workload_role or ADMIN
    _refuse_unknown(manifest, role)
    kept = _keepsake(run_file)
    access = Access(run.endpoint, run.region)
    try:
        if manifest.workload_role:
            sign_in_to_caller(manifest, access, kept.people, ProfileFiles(directory / "aws"))
        if role == ADMIN:
            credentials = composition.administrator_credentials(run)
        else:
            credentials = _as_variables(sign_in_to_role(access, manifest, kept.people, role))
    except (ClientError, BotoCoreError, LookupError) as refused:
        raise _sign_in_refused(run_file, refused) from refused
    backend = {"PULUMI_BACKEND_URL": _backend_url(manifest, workspace, run_file, role)}
    return _variables(run, run_file, kept, workspace, backend | credentials)


def _variables(
    run: composition.TwinRun, run_file: Path, kept: keepsake.Keepsake, workspace: Workspace, more: Mapping[str, str]
) -> dict[str, str]:
    """Return the variables of a kept rehearsal; the backend is the foundation's unless `more` has another."""
    return {
        **rehearsal_environment({}, run_file, run),
        **kept.environment(),
        FLEET_VARIABLE: str(workspace.fleet),
        "PULUMI_BACKEND_URL": workspace.backend_url,
        # A session of an earlier principal would be taken with this one's key.
        "AWS_SESSION_TOKEN": "",
        **more,
    }


def _keepsake(run_file: Path) -> keepsake.Keepsake:
    directory = rehearsal_folder(run_file)
    try:
        return keepsake.load(directory)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _gone(run_file, f"{directory / keepsake.FILE_NAME}: {error}") from error


def _sign_in_refused(run_file: Path, refused: Exception) -> FleetyardError:
    """Return the error of a refused sign-in; a twin that does not know the people is not the rehearsal's."""
    if isinstance(refused, ClientError) and error_code(refused) == "InvalidClientTokenId":
        return _gone(run_file, f"{refused}: the twin it was made on is gone, and another one is up")
    return RoleRefused(
        "the twin refuses the sign-in of the kept rehearsal's people",
        subject=str(rehearsal_folder(run_file)),
        why=str(refused),
        not_run="twin env",
        hint=_anew(run_file),
    )


def _gone(run_file: Path, why: str) -> RehearsalGone:
    return RehearsalGone(
        "the kept rehearsal's people cannot sign in",
        subject=str(rehearsal_folder(run_file)),
        why=why,
        not_run="twin env",
        hint=_anew(run_file),
    )


def _anew(run_file: Path) -> str:
    """Return the step to a rehearsal that can be joined; one that goes on is not one yet."""
    if holder := rehearsing_process(run_file):
        return f"wait until the rehearsal of process {holder} has ended, then: {JOIN}"
    return ANEW


def _backend_url(manifest: Manifest, workspace: Workspace, run_file: Path, principal: str) -> str:
    """Return where the stacks are that a principal runs: the foundation's for admin, else the workloads'."""
    options = composition.bucket_options({composition.RUN_FILE_VARIABLE: str(run_file)})
    backends = Backends(manifest, workspace, options)
    home = load_lock(workspace.lock_path).state
    if principal == ADMIN or home is None or manifest.workload_state is WorkloadState.FILES:
        return backends.files.url
    return backends.bucket(home).url


def _refuse_unknown(manifest: Manifest, principal: str) -> None:
    known = [ADMIN, *manifest.management_roles]
    if principal not in known:
        near = difflib.get_close_matches(principal, known, n=1)
        raise BadOption(
            f"--as {principal}: there is no such principal" + (f"; did you mean {near[0]}?" if near else ""),
            why=f"there are {', '.join(known)}",
            hint=f"fleetyard twin env --as {near[0] if near else ADMIN}",
        )


def _as_variables(credentials: Credentials) -> dict[str, str]:
    return {
        "AWS_ACCESS_KEY_ID": credentials.access_key_id,
        "AWS_SECRET_ACCESS_KEY": credentials.secret_access_key,
        "AWS_SESSION_TOKEN": credentials.session_token,
    }
