"""The console script's door. It imports nothing before `main`, so that an early Ctrl-C shows no traceback."""


def main() -> None:
    """Run the command line and end the process with its exit code."""
    try:
        import importlib.util
        import sys

        # multiprocessing runs a main script again in each child, unless it is a package's `__main__`. Ours is: children
        # need nothing of the console script, and must not fail because it is being installed anew meanwhile.
        sys.modules["__main__"].__spec__ = importlib.util.find_spec("orchestrator.cli.__main__")
        from orchestrator.cli.app import run
        from orchestrator.cli.world import real_world

        code = run(sys.argv[1:], real_world())
    except KeyboardInterrupt:
        code = 130
    raise SystemExit(code)
