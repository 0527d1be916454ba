"""What a person reads on standard output."""

from __future__ import annotations

from typing import Any

from rehearsal.engine.display import Display, output_lines, summary_lines
from rehearsal.engine.lines import Lines
from rehearsal.engine.table import table_lines
from rehearsal.engine.values import UNKNOWN, Secret

URN = "urn:pulumi:dev::demo::test:index:Outer$test:index:Thing::one"


def lines_of(*events: dict[str, Any], dry_run: bool = False, debug: bool = False) -> list[str]:
    """Return the lines that events lead to."""
    said: list[str] = []
    display = Display(said.append, dry_run, debug)
    for event in events:
        display(event)
    return said


def step(op: str, kind: str = "resOutputsEvent") -> dict[str, Any]:
    """Return the event of a step."""
    return {kind: {"metadata": {"op": op, "urn": URN}}}


def test_a_step_is_one_line() -> None:
    """A step tells sign, type, name and what happened; one that changes nothing is not told."""
    assert lines_of(step("create"), step("same"), step("delete")) == [
        " +  test:index:Thing one created",
        " -  test:index:Thing one deleted",
    ]


def test_a_preview_tells_what_would_happen() -> None:
    """In a dry run the words are those of a plan."""
    assert lines_of(step("create-replacement"), dry_run=True) == [" ++ test:index:Thing one create replacement"]


def test_a_failed_step_stands_out() -> None:
    """A step that failed says so."""
    assert lines_of(step("update", "resOpFailedEvent")) == [" ~  test:index:Thing one **update failed**"]


def test_diagnostics_name_their_resource_and_keep_their_lines() -> None:
    """A message tells resource and severity; its further lines are indented with it."""
    message = {"diagnosticEvent": {"urn": URN, "severity": "error", "message": "first\nsecond\n"}}
    assert lines_of(message) == ["    test:index:Thing one: error: first\n    second"]


def test_debug_and_passing_messages_are_shown_on_demand() -> None:
    """Debug messages appear with --debug, ephemeral ones never."""
    debug = {"diagnosticEvent": {"severity": "debug", "message": "x"}}
    passing = {"diagnosticEvent": {"severity": "info", "message": "x", "ephemeral": True}}
    assert lines_of(debug, passing) == []
    assert lines_of(debug, debug=True) == ["    debug: x"]


def test_secret_outputs_are_masked() -> None:
    """Outputs are shown with secrets masked, unless they are to be shown."""
    outputs = {"b": Secret({"k": 1}), "long": [Secret("s")], "a": "x"}
    assert output_lines(outputs, show_secrets=False) == [
        "Outputs:",
        '    a   : "x"',
        '    b   : "[secret]"',
        '    long: ["[secret]"]',
    ]
    assert output_lines(outputs, show_secrets=True)[2] == '    b   : {"k":1}'


def test_what_only_the_update_will_tell_is_shown_as_unknown() -> None:
    """An output that is not known yet is `[unknown]`, also inside a list; never the marker that stands for it."""
    assert output_lines({"id": UNKNOWN, "ids": ["a", UNKNOWN]}, show_secrets=False) == [
        "Outputs:",
        "    id : [unknown]",
        '    ids: ["a",[unknown]]',
    ]


def test_commands_in_warnings_are_told_as_they_are_typed() -> None:
    """The commands in a warning are worded for whoever typed the command; what a program prints stays."""
    said: list[str] = []
    display = Display(said.append, dry_run=False, told=str.upper)
    display({"diagnosticEvent": {"severity": "warning", "message": "pulumi up"}})
    display({"diagnosticEvent": {"severity": "info", "message": "pulumi up"}})
    assert said == ["    warning: PULUMI UP", "    pulumi up"]


def test_counts_leave_out_reads_and_parts_of_replacements() -> None:
    """The summary counts what changed and what did not."""
    changes = {"create": 2, "same": 3, "read": 1, "replace": 1, "create-replacement": 1, "delete-replaced": 1}
    assert summary_lines(changes, 0.1, dry_run=True) == [
        "Resources:",
        "    + 2 to create",
        "    +- 1 to replace",
        "    3 unchanged",
    ]
    assert summary_lines({}, 2.4, dry_run=False)[-1] == "Duration: 2s"


def test_callbacks_get_every_line_in_order() -> None:
    """What is printed is collected, and handed on line by line."""
    out, err = list[str](), list[str]()
    lines = Lines(out.append, err.append)
    lines.say("one \ntwo")
    lines.complain("bad")
    lines.close()
    assert (out, err, lines.stdout, lines.stderr) == (["one", "two"], ["bad"], "one\ntwo", "bad")


def test_a_callback_that_raises_is_told_and_left_out() -> None:
    """A fault in the caller's callback stops neither the command nor the other callback."""
    seen = list[str]()

    def fail(line: str) -> None:
        seen.append(line)
        raise ValueError("no")

    lines = Lines(fail, None)
    lines.say("one\ntwo")
    lines.close()
    assert (seen, lines.stdout) == (["one"], "one\ntwo")
    assert "on_output raised ValueError('no')" in lines.stderr


def test_columns_are_aligned() -> None:
    """A table's cells stand under their headers."""
    assert table_lines(("KEY", "VALUE"), [("a", "1"), ("long", "2")]) == ["KEY   VALUE", "a     1", "long  2"]
