"""Renders docs/cli.md from the commands themselves: `python -m tests.cli.cli_pages` writes it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from textwrap import indent

import typer

from orchestrator.cli.app import PROGRAM, app
from tests.support.repository import ROOT

PAGE = ROOT / "docs" / "cli.md"
WIDTH = 100

HEAD = """# The command line

`fleetyard COMMAND --help` shows the same as this page, which is generated from the commands.
Data goes to standard output, everything else to standard error; `--format json` is there wherever data comes out.
Selection is the same everywhere: a stack must fit every kind of selector given, by any entry of that kind.

With `--format json` standard output holds one JSON object. A command that failed before it had anything to give writes
`{"error": {...}}` there, and the same in words to standard error:

| Key | Meaning |
| --- | --- |
| `code` | the error's code, such as `FY201`; `usage` for a command line that cannot be understood, `interrupted` |
| `exit_code` | the command's exit code |
| `message` | what failed |
| `why` | the reason, in AWS's or Pulumi's own words where there are any; may be empty |
| `hint` | what to type next; may be empty |
| `subject` | what it is about, if that is one thing |
| `problems` | every problem of a manifest, each as `file:line:column: message` |

The `error` of a stack in the lists `stacks` has `code`, `message`, `why` and `hint`, each if there is any.

| Exit code | Meaning |
| --- | --- |
| 0 | done |
| 1 | some stacks failed |
| 2 | bad invocation, manifest or plan |
| 3 | access |
| 4 | changes where none were expected |
| 5 | engine or twin |
| 70 | a bug in Fleetyard |
| 130 | interrupted |
"""


def command_paths() -> Iterator[tuple[str, ...]]:
    """Yield every command as the words that name it."""
    yield from _paths(typer.main.get_command(app), ())


def _paths(command: object, words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for name, child in getattr(command, "commands", {}).items():
        if getattr(child, "commands", None):
            yield from _paths(child, (*words, name))
        else:
            yield (*words, name)


def help_of(words: tuple[str, ...]) -> str:
    """Return what `--help` of a command prints."""
    command = typer.main.get_command(app)
    for word in words:
        command = command.commands[word]  # type: ignore[attr-defined]
    if not command.context_settings.get("help_option_names", ["--help"]):
        # Every argument of this command is another program's: its help is what the program's own words say.
        return (
            f"Usage: {PROGRAM} {' '.join(words)} ...\n\n{indent(str(command.help), '  ')}\n\nOptions:\n  Pulumi's own."
        )
    out = io.StringIO()
    with redirect_stdout(out):
        typer.main.get_command(app).main(
            args=[*words, "--help"],
            prog_name=PROGRAM,
            standalone_mode=False,
            terminal_width=WIDTH,
            max_content_width=WIDTH,
        )
    return out.getvalue().rstrip()


def render_page() -> str:
    """Return the page: one section per command."""
    sections = [f"\n## {PROGRAM} {' '.join(words)}\n\n```text\n{help_of(words)}\n```\n" for words in command_paths()]
    return HEAD + "".join(sections)


def write_page(path: Path = PAGE) -> None:
    """Write the page."""
    path.write_text(render_page(), encoding="utf-8")


if __name__ == "__main__":
    write_page()
