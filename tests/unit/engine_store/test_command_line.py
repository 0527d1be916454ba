"""The command line of the embedded engine: an allow-list, nothing ignored."""

from __future__ import annotations

import pytest

from rehearsal.engine.arguments import Invocation
from rehearsal.engine.command_table import command_table
from rehearsal.engine.errors import InvocationRefusedError


def parse(line: str) -> Invocation:
    """Parse a line."""
    return command_table().parse(line.split())


def test_options_and_arguments_come_in_any_order() -> None:
    """Options before, between and after the words of a command mean the same."""
    lines = ("--non-interactive stack rm --yes --force dev", "stack rm dev --force -y --non-interactive")
    assert {(line.command, line.arguments, frozenset(line.options)) for line in map(parse, lines)} == {
        (("stack", "rm"), ("dev",), frozenset({"non-interactive", "yes", "force"}))
    }


@pytest.mark.parametrize("spelling", ["--stack dev", "--stack=dev", "-s dev", "-sdev", "-s=dev"])
def test_a_value_may_be_given_in_each_of_the_usual_ways(spelling: str) -> None:
    """An option's value stands after a space, after `=`, or right after its letter."""
    assert parse(f"up {spelling}").value("stack") == "dev"


def test_short_switches_may_be_grouped() -> None:
    """`-yfs dev` is two switches and a value."""
    line = parse("up -yfs dev")
    assert (line.flag("yes"), line.flag("skip-preview"), line.value("stack")) == (True, True, "dev")


def test_a_switch_may_be_turned_off() -> None:
    """`--run-program=false` is given, and off."""
    line = parse("refresh --run-program=false")
    assert (line.flag("run-program"), line.values("run-program")) == (False, ("false",))


def test_a_switch_with_another_value_is_refused_without_repeating_it() -> None:
    """A value given to a switch by mistake may be a secret: the message does not hold it."""
    with pytest.raises(InvocationRefusedError, match="--secret is a switch") as refused:
        parse("config set --secret=hunter2 key value")
    assert "hunter2" not in str(refused.value)


def test_an_optional_value_follows_an_equals_sign_only() -> None:
    """`--refresh` alone is true; the word after it belongs to something else."""
    assert parse("up --refresh --stack dev").value("refresh") == "true"
    assert parse("up --refresh=false").value("refresh") == "false"


def test_after_two_dashes_everything_is_an_argument() -> None:
    """A configuration value may begin with a dash when it stands after `--`."""
    line = parse("config set --path foo --secret --stack dev --non-interactive -- -v=1")
    assert line.arguments == ("foo", "-v=1")


def test_a_repeated_option_keeps_every_value() -> None:
    """`set-all` takes many pairs, in their order."""
    assert parse("config set-all --plaintext a=1 --secret b=2 --plaintext c=3").values("plaintext") == ("a=1", "c=3")


def test_aliases_name_the_same_command() -> None:
    """Pulumi's other spellings of a command are understood."""
    assert [parse(line).command for line in ("stack ls", "stack list", "stack remove x", "update")] == [
        ("stack", "ls"),
        ("stack", "ls"),
        ("stack", "rm"),
        ("up",),
    ]


@pytest.mark.parametrize(
    "option",
    [
        "--target urn",
        "-t urn",
        "--target-dependents",
        "--exclude urn",
        "--replace urn",
        "--plan file",
        "--save-plan file",
        "--policy-pack dir",
        "--policy-pack-config file",
        "--import-file file",
        "--attach-debugger",
        "--ignore-protect",
        "--diff",
        "--json",
        "--config a=b",
        "--tracing file:x",
        "--remote",
    ],
)
def test_what_is_not_carried_out_is_refused_by_name(option: str) -> None:
    """An option of Pulumi's that would mean something else here is refused, naming option and command."""
    name = option.split(maxsplit=1)[0]
    with pytest.raises(InvocationRefusedError, match=f"{name} of pulumi preview is not supported: ") as refused:
        parse(f"preview {option}")
    assert refused.value.pulumi_exit_code == 2


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("up --paralel 4", "unknown flag: --paralel of pulumi up"),
        ("--frob up", "unknown flag: --frob of pulumi"),
        ("up -z", "unknown flag: -z of pulumi up"),
        ("stak ls", 'unknown command "stak"'),
        ("stack frob", 'unknown command "stack frob"'),
        ("", "no command given"),
        ("up extra", "pulumi up takes no arguments"),
        ("config get", "pulumi config get needs key"),
        ("up --stack", "--stack of pulumi up needs a value"),
    ],
)
def test_what_is_not_known_is_refused_by_name(line: str, told: str) -> None:
    """A word that is no command, option or argument is refused with what it is."""
    with pytest.raises(InvocationRefusedError) as refused:
        parse(line)
    assert told in str(refused.value)


def test_a_misspelt_option_is_answered_with_the_nearest() -> None:
    """The next step names the option that was meant."""
    with pytest.raises(InvocationRefusedError, match="nearest option: --parallel"):
        parse("up --paralel 4")


def test_help_lists_commands_and_options_carried_out() -> None:
    """Help tells commands, and of one command the options it takes, not those it refuses."""
    table = command_table()
    assert "stack init" in table.help(())
    assert "--parallel" in table.help(("up",))
    assert "--target" not in table.help(("up",))
