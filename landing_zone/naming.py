"""Names that Fleetyard gives: state bucket, stacks, projects, sessions."""

from __future__ import annotations

from landing_zone.limits import ROLE_SESSION_NAME
from landing_zone.state_buckets import DEFAULT_BUCKET

ORGANIZATION_PROJECT = "org"
"""Not `organization`: Pulumi reads that word as an organisation prefix in stack names."""

ORGANIZATION_PROGRAM = "organization"
"""What the program is called everywhere else."""

BOOTSTRAP_PROJECT = "bootstrap"
SUBACCOUNT_PROJECT = "bootstrap-subaccount"
FOUNDATION_PROJECTS = (ORGANIZATION_PROJECT, BOOTSTRAP_PROJECT, SUBACCOUNT_PROJECT)

CONFIG_NAMESPACE = "fleetyard"
STATE_KEY_ALIAS = "alias/fleetyard-state"
LOG_KEY_ALIAS = "alias/fleetyard-logs"
STATE_PREFIX = ".pulumi/"
"""Where Pulumi's self-managed backend keeps everything. Source: pulumi/pulumi, pkg/backend/diy."""

_SESSION_PREFIX = "fleetyard-"


def state_bucket(organization: str, management_account_id: str, region: str, name: str = DEFAULT_BUCKET) -> str:
    """Return the name of a state bucket, unique in all of AWS by the account id in it.

    `name` is that of the manifest, where there are more of them than the default one.
    """
    part = "" if name == DEFAULT_BUCKET else f"{name}-"
    return f"{organization}-state-{part}{management_account_id}-{region}"


def state_key_alias(name: str = DEFAULT_BUCKET) -> str:
    """Return the alias of a state bucket's key."""
    return STATE_KEY_ALIAS if name == DEFAULT_BUCKET else f"{STATE_KEY_ALIAS}-{name}"


def state_log_bucket(organization: str, management_account_id: str, region: str) -> str:
    """Return the name of the bucket that holds S3's log of the state buckets."""
    return f"{organization}-state-log-{management_account_id}-{region}"


def log_bucket(organization: str, account_id: str, region: str) -> str:
    """Return the name of the bucket that keeps the organisation's trail, unique by its account's id."""
    return f"{organization}-logs-{account_id}-{region}"


def trail_name(organization: str) -> str:
    """Return the name of the organisation's trail, of which there is one."""
    return f"{organization}-organization"


def stack_name(account: str, region: str = "") -> str:
    """Return the Pulumi stack's name; the region is given only for workloads that name their regions."""
    return f"{account}.{region}" if region else account


def stack_id(project: str, stack: str) -> str:
    """Return Fleetyard's own id of a stack, `program/account[/region]`, from Pulumi's project and stack name."""
    program = ORGANIZATION_PROGRAM if project == ORGANIZATION_PROJECT else project
    return "/".join((program, *stack.split(".", 1)))


def account_of_stack(stack: str) -> str:
    """Return the account's name in a stack's name; account names hold no dot."""
    return stack.partition(".")[0]


def session_name(stack: str) -> str:
    """Return the role session's name by which CloudTrail shows which stack acted.

    Raises ValueError when it is longer than AWS takes; the manifest's rules refuse such names before.
    """
    name = f"{_SESSION_PREFIX}{stack}"
    if len(name) > ROLE_SESSION_NAME:
        raise ValueError(f"role session name {name} has {len(name)} characters, AWS takes {ROLE_SESSION_NAME}")
    return name


def session_name_excess(stack: str) -> int:
    """Return how many characters a stack's name is too long for its role session's name; 0 when it fits."""
    return max(0, len(_SESSION_PREFIX) + len(stack) - ROLE_SESSION_NAME)
