"""`make bench`: figures side by side in one run, medians over rounds; nothing is asserted.

Workers import the main module once more, so everything else is imported when it runs.
"""

from __future__ import annotations

import os
import platform
import sys
import time
from pathlib import Path


def main() -> None:
    """Measure everything and print it, part by part."""
    # The small fleet is the tests'.
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from bench.bucket_state import show_bucket_state  # noqa: PLC0415
    from bench.commands import show_commands  # noqa: PLC0415
    from bench.fleet_runs import deployed_fleet, show_fleet_runs  # noqa: PLC0415
    from bench.large_manifests import show_large_manifests  # noqa: PLC0415
    from bench.twin import new_folder  # noqa: PLC0415
    from bench.twin_gate import show_twin_gate  # noqa: PLC0415
    from bench.twin_large import SMALL, show_twin_large  # noqa: PLC0415
    from bench.twin_start import show_twin_start  # noqa: PLC0415
    from bench.warm_process import show_warm_process  # noqa: PLC0415
    from bench.worker_process import show_real_cli, show_worker  # noqa: PLC0415
    from rehearsal.twin.run_file import read_run_file  # noqa: PLC0415

    started = time.monotonic()
    print(
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before, Python {platform.python_version()}", flush=True
    )
    with new_folder() as folder:
        show_warm_process(folder)
    with new_folder() as folder, deployed_fleet(folder) as stage:
        show_worker(stage)
        show_fleet_runs(stage)
        show_real_cli(stage)
        show_bucket_state(stage, read_run_file(folder / "twin.json"))
    show_commands()
    show_large_manifests()
    show_twin_gate()
    show_twin_large(SMALL)
    show_twin_start()
    print(f"\nmeasured in {time.monotonic() - started:.0f} s, load {os.getloadavg()[0]:.1f} after")


if __name__ == "__main__":
    main()
