"""What somebody is told to type next, after a command that did not do what they meant."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rehearsal.engine.arguments import Invocation
from rehearsal.engine.command import EmbeddedPulumi
from rehearsal.engine.command_table import command_table
from rehearsal.engine.errors import InvocationRefusedError
from rehearsal.engine.wording import Wording
from tests.unit.engine_store.workbench import Bench, embedded, new_bench, shared_keys

STACK = "urn:pulumi:dev::demo::pulumi:pulumi:Stack::demo-dev"
BOX, THING = "urn:pulumi:dev::demo::own:Box::box", "urn:pulumi:dev::demo::own:Box$own:Thing::thing"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """Return a project with the stack `dev`."""
    made = new_bench(tmp_path, embedded())
    made.ok("stack", "init", "dev")
    return made


def parse(line: str) -> Invocation:
    """Parse a line."""
    return command_table().parse(line.split())


def write_resources(bench: Bench) -> None:
    """Give the stack a component with a resource in it, and an output."""
    file = json.loads(bench.checkpoint.read_bytes())
    root = {"urn": STACK, "custom": False, "type": "pulumi:pulumi:Stack", "outputs": {"answer": 42}}
    box = {"urn": BOX, "custom": False, "type": "own:Box", "parent": STACK}
    thing = {"urn": THING, "custom": True, "id": "i", "type": "own:Thing", "parent": BOX}
    file["checkpoint"]["latest"]["resources"] = [root, box, thing]
    bench.checkpoint.write_text(json.dumps(file), encoding="utf-8")


def test_a_stack_is_told_in_short(bench: Bench) -> None:
    """`pulumi stack` alone tells name, backend, last update, resources as a tree, and outputs."""
    write_resources(bench)
    lines = bench.ok("stack").splitlines()
    assert lines[:2] == ["Current stack is dev:", f"    Managed by file://{bench.root}/state"]
    assert lines[2].startswith("    Last updated: 20")
    assert [line.rstrip() for line in lines[3:]] == [
        "Current stack resources (3):",
        "    TYPE                 NAME",
        "    pulumi:pulumi:Stack  demo-dev",
        "    └─ own:Box           box",
        "       └─ own:Thing      thing",
        "",
        "Current stack outputs (1):",
        "    OUTPUT  VALUE",
        "    answer  42",
    ]
    assert bench.ok("stack", "--show-name") == "dev"


def test_a_stack_without_resources_says_so(bench: Bench) -> None:
    """A stack that was just made has no resources to list."""
    assert "    No resources currently in this stack" in bench.ok("stack", "--stack", "dev").splitlines()


@pytest.mark.parametrize("line", ["stac rm", "stack remov", "destory", "config rn", "stack rmm"])
def test_deleting_is_never_suggested(line: str) -> None:
    """To whoever mistypes a command, none that deletes is suggested."""
    with pytest.raises(InvocationRefusedError) as refused:
        parse(line)
    assert not {"rm", "rm-all", "destroy"} & set(refused.value.hint.split())


def test_common_options_may_stand_inside_a_group() -> None:
    """`stack --non-interactive ls` is `stack ls`, though `stack` is a command as well."""
    assert parse("stack --non-interactive ls").command == ("stack", "ls")


def test_a_mistyped_stack_is_answered_with_the_near_one(bench: Bench) -> None:
    """A stack that is missing, and near to one that there is, is asked about; it is still no such stack."""
    ran = bench.run("stack", "export", "--stack", "dve")
    assert "next: did you mean dev? To make a new stack: pulumi stack init dve" in ran.stderr
    assert (ran.code, ran.error) == (6, "StackNotFoundError")
    assert "next: pulumi stack init zulu" in bench.run("stack", "export", "--stack", "zulu").stderr


def test_commands_are_told_as_they_are_typed(bench: Bench) -> None:
    """Given the name under which it is reached, the engine words its own commands so, and the real CLI's not."""
    named = bench.with_command(
        EmbeddedPulumi(providers={}, guard=lambda _: None, keys=shared_keys(), wording=Wording("land pulumi"))
    )
    assert "next: land pulumi stack init zulu" in named.run("stack", "export", "--stack", "zulu").stderr
    assert "Usage: land pulumi up" in named.ok("up", "--help")
    told = Wording("land pulumi").told("`pulumi refresh`, not the real CLI's `pulumi state upgrade`")
    assert told == "`land pulumi refresh`, not the real CLI's `pulumi state upgrade`"


def test_advice_of_somebody_who_knows_more_takes_the_place_of_ours(bench: Bench) -> None:
    """What the fleet says about a missing stack is told instead of `stack init`."""
    wording = Wording(stack_missing="it is a stack of network")
    told = bench.with_command(
        EmbeddedPulumi(providers={}, guard=lambda _: None, keys=shared_keys(), wording=wording)
    ).run("stack", "export", "--stack", "dve")
    assert "next: it is a stack of network" in told.stderr
    assert "stack init" not in told.stderr


@pytest.mark.parametrize("content", ["not json", "[]", "{}", '{"version": 3, "checkpoint": {}}'])
def test_a_file_that_is_no_export_is_refused_as_that(bench: Bench, content: str) -> None:
    """What `stack import` is given and is no exported deployment is FY519, about that file; the state stays."""
    (bench.project / "bad.json").write_text(content, encoding="utf-8")
    before = bench.files()
    ran = bench.run("stack", "import", "--file", "bad.json")
    assert "FY519: the file is no deployment exported by `pulumi stack export`" in ran.stderr
    assert "next: name a file that was written by: pulumi stack export --file FILE" in ran.stderr
    assert ".bak" not in ran.stderr
    assert bench.files() == before


def test_a_missing_file_to_import_is_told_in_plain_words(bench: Bench) -> None:
    """A file that is not there is named, with the reason and the next step."""
    told = bench.run("stack", "import", "--file", "gone.json").stderr
    assert f"FY519: the file to import cannot be read [{bench.project}/gone.json]" in told
    assert "why: No such file or directory" in told
    assert "pulumi stack export --file FILE" in told


def test_a_folder_that_is_not_there_is_named(bench: Bench) -> None:
    """`--cwd` with no such folder is refused, naming it."""
    ran = bench.run("stack", "ls", "--cwd", "nowhere")
    assert (ran.code, f"[{bench.project}/nowhere]" in ran.stderr) == (2, True)
