"""`fleetyard pulumi` on a fleet on disk, on a CLI that stands in for the real one."""

from __future__ import annotations

import os
from pathlib import Path

from tests.cli.fleet_folder import Terminal, deploy_on_paper, make_fleet_folder


def terminal_with(folder: Path, code: int) -> Terminal:
    """Return a command line in a fleet whose Pulumi CLI ends with an exit code."""
    make_fleet_folder(folder)
    deploy_on_paper(folder)
    cli = folder / "pulumi"
    cli.write_text(f'#!/bin/sh\n[ "$1" = version ] && echo v3.259.0 && exit 0\nexit {code}\n', encoding="utf-8")
    cli.chmod(0o755)
    path = os.pathsep.join([str(folder), "/bin", "/usr/bin"])
    return Terminal(folder, env={"PATH": path, "HOME": str(folder), "PULUMI_CONFIG_PASSPHRASE": "x"})


def test_a_missing_stack_is_answered_on_the_real_cli_too(tmp_path: Path) -> None:
    """When the CLI ends with its code for a missing stack, the next step from the manifest is told, and no more."""
    terminal = terminal_with(tmp_path, 6)
    assert terminal.run("pulumi", "preview", "-s", "lab-oen", "--cwd", "workloads/network") == 6
    said = terminal.err.getvalue()
    assert "next: did you mean lab-one?" in said
    assert "is run by" not in said


def test_another_failure_of_the_real_cli_says_nothing_of_stacks(tmp_path: Path) -> None:
    """A refused command line is left to the CLI's own words: neither stack nor caller is brought up."""
    terminal = terminal_with(tmp_path, 2)
    assert terminal.run("pulumi", "preview", "-s", "lab-oen", "--cwd", "workloads/network") == 2
    assert terminal.err.getvalue() == ""
