"""The environment that stacks run in."""

from __future__ import annotations

from orchestrator.workers.environment import CREDENTIALS, stack_environment


def made(base: dict[str, str]) -> dict[str, str]:
    """Return a stack's environment made from a base."""
    return stack_environment(base, "small-management", "eu-west-1", "file:///state")


def test_only_the_callers_profile_signs() -> None:
    """Credentials of the driver's own environment, which would beat the profile, are left out."""
    env = made(dict.fromkeys(CREDENTIALS, "x"))
    assert {name: env[name] for name in CREDENTIALS if name in env} == {"AWS_PROFILE": "small-management"}


def test_region_and_backend_are_the_jobs() -> None:
    """Region and backend are set whatever the base says."""
    env = made({"AWS_REGION": "us-west-2", "PULUMI_BACKEND_URL": "https://api.pulumi.com"})
    assert (env["AWS_REGION"], env["AWS_DEFAULT_REGION"]) == ("eu-west-1", "eu-west-1")
    assert env["PULUMI_BACKEND_URL"] == "file:///state"


def test_pulumis_switches_do_not_shine_through() -> None:
    """Of Pulumi's variables only those that may hold for all stacks are kept."""
    env = made({"PULUMI_STACK": "other", "PULUMI_CONFIG_PASSPHRASE": "sesame", "PULUMI_DEBUG_PROVIDERS": "aws:1"})
    kept = {"PULUMI_CONFIG_PASSPHRASE", "PULUMI_BACKEND_URL", "PULUMI_SKIP_UPDATE_CHECK"}
    assert {name for name in env if name.startswith("PULUMI_")} == kept


def test_everything_else_stays() -> None:
    """The endpoint, the path and whatever programs read are passed on."""
    base = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "PATH": "/bin", "AWS_CONFIG_FILE": "/c"}
    assert base.items() <= made(base).items()
