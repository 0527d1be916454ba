"""One stack, a project folder, taken through its life again and again in one warm process, on a twin of its own.

The process is a child of the pool, as every worker is; here it serves many operations instead of one.
"""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bench.figures import milliseconds, show
from bench.stack_life import Cost, Life, live
from bench.twin import administrators_client, new_twin
from orchestrator import composition
from orchestrator.rehearse.run import rehearsal_environment
from orchestrator.workers.pool import ForkPool

if TYPE_CHECKING:
    from orchestrator.composition import TwinRun

SIZE, LARGER = 15, 30
ROUNDS = {SIZE: 9, LARGER: 3}


def show_warm_process(folder: Path) -> None:
    """Measure, and print a line for each operation."""
    run_file = folder / "twin.json"
    with new_twin(run_file) as run, ForkPool(1) as pool:
        env = {
            **rehearsal_environment(os.environ, run_file, run),
            **composition.administrator_credentials(run),
            "PULUMI_CONFIG_PASSPHRASE": "bench",
        }
        role = f"arn:aws:iam::{_new_account(run)}:role/OrganizationAccountAccessRole"
        measured, larger = (
            pool.submit(live, Life(env, folder / str(size), run_file, role, size, rounds)).result()
            for size, rounds in ROUNDS.items()
        )
    show(
        f"1. A stack of {SIZE} resources in one warm process, embedded engine ({ROUNDS[SIZE]} rounds)",
        ["operation", "wall", "CPU", "states", f"of {LARGER}", "AWS calls", f"of {LARGER}"],
        [[operation, *_figures(costs, larger[operation])] for operation, costs in measured.items()],
        "Aim: the no-change up under 100 ms. An up includes reading outputs and history, as the Automation API does.",
        "States: recorded under way, each for all steps that wait for it; whatever acts writes one more at its end.",
        f"Of {LARGER}: the same for a stack of {LARGER} resources. Sessions in the account are open already.",
    )


def _figures(costs: Sequence[Cost], larger: Sequence[Cost]) -> list[str]:
    return [
        milliseconds(_median(costs, lambda cost: cost.wall)),
        milliseconds(_median(costs, lambda cost: cost.processor)),
        *(f"{_median(some, lambda cost: cost.states):.0f}" for some in (costs, larger)),
        *(f"{_median(some, lambda cost: cost.calls):.0f}" for some in (costs, larger)),
    ]


def _median(costs: Sequence[Cost], figure: Callable[[Cost], float]) -> float:
    return statistics.median(map(figure, costs))


def _new_account(run: TwinRun) -> str:
    """Make an organisation with one member account, and return the account's id."""
    organizations = administrators_client(run, "organizations")
    organizations.create_organization(FeatureSet="ALL")
    made = organizations.create_account(Email="bench@pocket.example", AccountName="bench")
    return str(made["CreateAccountStatus"]["AccountId"])
