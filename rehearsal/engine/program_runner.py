"""Runs one program in this interpreter: settings come as JSON on standard input. Started by `SubprocessHost`.

A script rather than a module of the package: the interpreter may be that of a project's own virtual environment.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import runpy
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor

SHOWN = 32


def main() -> int:
    """Run the program and return the exit code that its host understands."""
    settings = json.loads(sys.stdin.read())
    import pulumi  # noqa: PLC0415  (the program's own SDK, imported once the settings are read)
    import pulumi.runtime  # noqa: PLC0415

    pulumi.runtime.set_all_config(settings["config"], settings["secret_keys"])
    pulumi.runtime.configure(
        pulumi.runtime.Settings(
            monitor=settings["monitor"],
            engine=settings["engine"],
            project=settings["project"],
            stack=settings["stack"],
            parallel=settings["parallel"],
            dry_run=settings["dry_run"],
            organization="organization",
            root_directory=settings["root"],
        )
    )
    os.chdir(settings["program_dir"])
    sys.argv = [settings["program"]]
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    executor = ThreadPoolExecutor(max_workers=4 * max(1, settings["parallel"]))
    loop.set_default_executor(executor)
    try:

        def run() -> None:
            runpy.run_path(settings["program"], run_name="__main__")

        loop.run_until_complete(pulumi.runtime.run_in_stack(run))
    except pulumi.RunError as error:
        pulumi.log.error(str(error))
        return SHOWN
    except Exception:  # noqa: BLE001  (whatever a program raises is told to its author)
        pulumi.log.error("Program failed with an unhandled exception:\n" + traceback.format_exc())
        return SHOWN
    finally:
        executor.shutdown(wait=True)
        loop.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
