"""The environment a stack runs in: the driver's own, less what would lead astray, plus what the job decides."""

from __future__ import annotations

from collections.abc import Mapping

RUN_FILE_VARIABLE = "FLEETYARD_TWIN_RUN_FILE"
"""Names the run file of the twin that a shell has joined."""

REHEARSAL_VARIABLE = "FLEETYARD_REHEARSAL"
"""Names the folder of the kept rehearsal that a shell has joined."""

PASSPHRASE_VARIABLES = ("PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE")

PULUMI_KEPT = frozenset(
    {
        "PULUMI_HOME",
        *PASSPHRASE_VARIABLES,
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION",
        "PULUMI_IGNORE_AMBIENT_PLUGINS",
        "PULUMI_DEBUG_GRPC",
    }
)
"""Variables of Pulumi's that a user may set for all stacks; any other could make one run differ from the next."""

CREDENTIALS = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_PROFILE",
)
"""What AWS's SDKs would take before the profile, or in its place. Source: AWS SDKs reference, credential chain."""


def caller_environment(base: Mapping[str, str], profile: str, region: str) -> dict[str, str]:
    """Return an environment in which AWS's SDKs sign with this profile, and with nothing else."""
    env = {name: value for name, value in base.items() if name not in CREDENTIALS}
    return {**env, "AWS_PROFILE": profile, "AWS_REGION": region, "AWS_DEFAULT_REGION": region}


def stack_environment(base: Mapping[str, str], profile: str, region: str, backend_url: str) -> dict[str, str]:
    """Return the whole environment of a stack's operation."""
    env = caller_environment(base, profile, region)
    env = {name: value for name, value in env.items() if not name.startswith("PULUMI_") or name in PULUMI_KEPT}
    return {
        **env,
        "PULUMI_BACKEND_URL": backend_url,
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "GRPC_VERBOSITY": "NONE",
        "NO_COLOR": "1",
    }
