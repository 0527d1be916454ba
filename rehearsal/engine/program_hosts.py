"""Runs programs: inline ones in the process that started the operation, project directories here or in a child.

Each host is a `ProgramHost` or a `NearHost`. Source of what a Python program may expect: Pulumi
`sdk/python/cmd/pulumi-language-python-exec` and `pulumi-language-python/main.go`.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import runpy
import subprocess
import sys
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any

import grpc
import pulumi
import pulumi.runtime
from pulumi.runtime.proto import language_pb2, language_pb2_grpc

from rehearsal.engine.quiet_engine import QuietEngine
from rehearsal.engine.update import ProgramResult, Project, UpdateRequest

UNRECOGNISED = "the embedded engine runs python programs only; this project's runtime is {runtime}"
SHOWN = 32
"""A program's exit code that means: the error has been shown. Source: pulumi-language-python-exec."""


@dataclass(frozen=True, slots=True)
class InlineHost:
    """Asks the language server of an inline program to run it."""

    address: str

    def run(self, request: UpdateRequest, monitor_address: str, engine_address: str) -> ProgramResult:
        """Run the program; raises grpc.RpcError when its server can't be reached."""
        with grpc.insecure_channel(self.address, options=[("grpc.max_receive_message_length", -1)]) as channel:
            answer = language_pb2_grpc.LanguageRuntimeStub(channel).Run(
                language_pb2.RunRequest(
                    project=request.project.name,
                    stack=request.stack,
                    organization="organization",
                    pwd=str(request.project.program_dir),
                    args=[engine_address],
                    config={key: value.plaintext for key, value in request.config.items()},
                    configSecretKeys=[key for key, value in request.config.items() if value.secret],
                    dryRun=request.dry_run,
                    parallel=request.options.parallel,
                    monitor_address=monitor_address,
                    info=language_pb2.ProgramInfo(
                        root_directory=str(request.project.root),
                        program_directory=str(request.project.program_dir),
                        entry_point=request.project.entry,
                    ),
                )
            )
        return ProgramResult(error=answer.error, bail=answer.bail)


@dataclass(frozen=True, slots=True)
class InProcessHost:
    """Runs a project directory in this process, which must be there for nothing else.

    Modules of the directory stay out of whatever comes before; after it the process should end.
    """

    def run_near(self, request: UpdateRequest, monitor: Any, engine: Any) -> ProgramResult:
        """Run the program to its end."""
        if request.project.runtime != "python":
            return ProgramResult(error=UNRECOGNISED.format(runtime=request.project.runtime))
        config = {key: value.plaintext for key, value in request.config.items()}
        secret_keys = [key for key, value in request.config.items() if value.secret]
        with _as_main_program(request.project):
            pulumi.runtime.set_all_config(config, secret_keys)
            pulumi.runtime.configure(
                pulumi.runtime.Settings(
                    monitor=monitor,
                    engine=engine if request.options.debug else QuietEngine(engine),
                    project=request.project.name,
                    stack=request.stack,
                    parallel=request.options.parallel,
                    dry_run=request.dry_run,
                    organization="organization",
                    root_directory=str(request.project.root),
                )
            )
            return run_program(program_path(request.project), request.options.parallel)


@dataclass(frozen=True, slots=True)
class SubprocessHost:
    """Runs a project directory in a fresh interpreter: the project's virtual environment's, else this one."""

    def run(self, request: UpdateRequest, monitor_address: str, engine_address: str) -> ProgramResult:
        """Run the program to its end."""
        project = request.project
        if project.runtime != "python":
            return ProgramResult(error=UNRECOGNISED.format(runtime=project.runtime))
        settings = {
            "monitor": monitor_address,
            "engine": engine_address,
            "project": project.name,
            "stack": request.stack,
            "parallel": request.options.parallel,
            "dry_run": request.dry_run,
            "root": str(project.root),
            "program_dir": str(project.program_dir),
            "program": str(program_path(project)),
            "config": {key: value.plaintext for key, value in request.config.items()},
            "secret_keys": [key for key, value in request.config.items() if value.secret],
        }
        env = {**request.env, "GRPC_VERBOSITY": "NONE"}
        script = Path(__file__).with_name("program_runner.py")
        # The settings go by standard input: config may hold secrets, and arguments are seen by everybody.
        done = subprocess.run(
            [interpreter(project), str(script)],
            input=json.dumps(settings),
            text=True,
            env=env,
            cwd=project.program_dir,
            capture_output=True,
            check=False,
        )
        if done.returncode == 0:
            return ProgramResult()
        if done.returncode == SHOWN:
            return ProgramResult(bail=True)
        said = f": {done.stderr.strip()}" if done.stderr.strip() else ""
        return ProgramResult(error=f"the program exited with code {done.returncode}{said}")


def interpreter(project: Project) -> str:
    """Return the Python that runs a project."""
    virtualenv = str(project.runtime_options.get("virtualenv") or "")
    if not virtualenv:
        return sys.executable
    folder = Path(virtualenv)
    return str((folder if folder.is_absolute() else project.root / folder) / "bin" / "python")


def program_path(project: Project) -> Path:
    """Return what to run: the program's folder, or the file that `main` names."""
    return project.program_dir if project.entry in {"", "."} else project.program_dir / project.entry


def run_program(path: Path, parallel: int) -> ProgramResult:
    """Run a configured program in an event loop of its own; its errors are logged to the engine."""
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    executor = ThreadPoolExecutor(max_workers=4 * max(1, parallel), thread_name_prefix="program")
    loop.set_default_executor(executor)
    try:
        return _run_in(loop, path)
    finally:
        _finish(loop)
        executor.shutdown(wait=True)
        loop.close()
        asyncio.set_event_loop(None)


def _run_in(loop: asyncio.AbstractEventLoop, path: Path) -> ProgramResult:
    async def program() -> None:
        def run() -> None:
            runpy.run_path(str(path), run_name="__main__")

        await pulumi.runtime.run_in_stack(run)

    if not path.exists() or (path.is_dir() and not (path / "__main__.py").is_file()):
        pulumi.log.error(f"unable to find main python program `__main__.py` in `{path}`")
        return ProgramResult(bail=True)
    try:
        loop.run_until_complete(program())
    except pulumi.RunError as error:
        pulumi.log.error(str(error))
        return ProgramResult(bail=True)
    except grpc.RpcError as error:
        if error.code() is grpc.StatusCode.UNAVAILABLE:
            return ProgramResult(bail=True)
        pulumi.log.error(f"RPC error: {error.details()}")
        return ProgramResult(bail=True)
    except SystemExit as ended:
        return (
            ProgramResult()
            if ended.code in {None, 0}
            else ProgramResult(error=f"the program exited with code {ended.code}")
        )
    except Exception:  # noqa: BLE001  (whatever a program raises is told to its author)
        pulumi.log.error("Program failed with an unhandled exception:\n" + users_traceback(path))
        return ProgramResult(bail=True)
    return ProgramResult()


def users_traceback(path: Path) -> str:
    """Return the traceback under way from the program's own first frame on."""
    kind, error, trace = sys.exc_info()
    frames = traceback.extract_tb(trace)
    folder = str(path if path.is_dir() else path.parent)
    first = next((index for index, frame in enumerate(frames) if frame.filename.startswith(folder)), 0)
    lines = traceback.format_list(frames[first:]) + traceback.format_exception_only(kind, error)
    return "Traceback (most recent call last):\n" + "".join(lines)


def _finish(loop: asyncio.AbstractEventLoop) -> None:
    for task in asyncio.all_tasks(loop):
        task.cancel()
        with suppress(asyncio.CancelledError, Exception):
            loop.run_until_complete(task)


@contextmanager
def _as_main_program(project: Project) -> Iterator[None]:
    """Be what a program expects: its folder as working directory and first on the path, its modules its own."""
    before = (Path.cwd(), sys.argv[:], sys.path[:], len(sys.modules))
    os.chdir(project.program_dir)
    sys.argv = [str(program_path(project))]
    try:
        yield
    finally:
        folder, sys.argv, sys.path[:], known = before
        os.chdir(folder)
        for name in modules_under(project.program_dir, sys.modules, known):
            del sys.modules[name]


def modules_under(folder: Path, modules: dict[str, ModuleType], known: int) -> list[str]:
    """Return the modules of a folder among those that came after the first so many.

    Counted from the end, as looking at a name makes a forked process a page of its own: with two thousand of them that
    would be a tenth of the time of a small stack.
    """
    came = islice(reversed(modules), max(0, len(modules) - known))
    return [name for name in came if str(getattr(modules[name], "__file__", None) or "").startswith(str(folder))]
