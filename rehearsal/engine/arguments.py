"""Turns a command line into an invocation, by an allow-list of commands and options.

What is not on the list is refused by name with exit code 2; nothing is ever ignored. The list itself is in
`command_table`. Source for syntax: Pulumi's CLI (cobra): `--name value`, `--name=value`, `-n value`, grouped short
flags, `--` before values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import Enum, auto

from rehearsal.engine.errors import InvocationRefusedError

_DELETING = frozenset({"rm", "rm-all", "destroy"})
"""Words of commands that delete: never suggested to somebody who has mistyped another."""


class Takes(Enum):
    """What an option takes: nothing (or `=true|false`), a value, or a value only after `=`."""

    FLAG = auto()
    VALUE = auto()
    OPTIONAL = auto()


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a command. `refused` is the reason why it is known but not carried out."""

    name: str
    takes: Takes = Takes.FLAG
    short: str = ""
    refused: str = ""


@dataclass(frozen=True, slots=True)
class CommandSpec:
    """One command: the words that name it, how many arguments it takes, its options, and what it does."""

    words: tuple[str, ...]
    options: tuple[Option, ...] = ()
    arguments: tuple[str, ...] = ()
    required: int = 0
    variadic: bool = False
    help: str = ""

    @property
    def name(self) -> str:
        """Return the command as typed."""
        return " ".join(self.words)


@dataclass(frozen=True, slots=True)
class Invocation:
    """A parsed command line. `options` holds every value given, in order; `given` in the order of first mention."""

    command: tuple[str, ...]
    arguments: tuple[str, ...] = ()
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    flags: frozenset[str] = frozenset()

    def value(self, name: str, default: str = "") -> str:
        """Return the last value given for an option."""
        values = self.options.get(name, ())
        return values[-1] if values else default

    def values(self, name: str) -> tuple[str, ...]:
        """Return every value given for an option that may be repeated."""
        return self.options.get(name, ())

    def flag(self, name: str) -> bool:
        """Tell whether a flag is on; `--name=false` switches it off."""
        return is_true(self.value(name, "false"), name)


def is_true(text: str, option: str) -> bool:
    """Read a boolean as Go's ParseBool does; raises InvocationRefusedError on anything else."""
    if text in {"1", "t", "T", "true", "TRUE", "True"}:
        return True
    if text in {"0", "f", "F", "false", "FALSE", "False"}:
        return False
    raise InvocationRefusedError(f"--{option} is a switch: after = it takes true or false only")


def whole_number(invocation: Invocation, name: str, default: int) -> int:
    """Return an option as a whole number; raises InvocationRefusedError on anything else."""
    text = invocation.value(name, str(default))
    try:
        return int(text)
    except ValueError:
        raise InvocationRefusedError(f"--{name} takes a whole number, not {text!r}") from None


class CommandTable:
    """The allow-list: finds the command that a line names and parses its options."""

    def __init__(self, specs: Sequence[CommandSpec], common: Sequence[Option], aliases: Mapping[str, str]) -> None:
        """Take the commands, the options every command has, and other spellings of command words."""
        self._specs = {spec.words: spec for spec in specs}
        self._common = tuple(common)
        self._aliases = aliases
        self._prefixes = {spec.words[:length] for spec in specs for length in range(1, len(spec.words) + 1)}

    def parse(self, line: Sequence[str]) -> Invocation:
        """Parse a line without the program's own name; raises InvocationRefusedError, naming what is not known."""
        reader = _Reader(list(line))
        values: dict[str, list[str]] = {}
        spec = self._command(reader, values)
        known = _index([*self._common, *spec.options])
        arguments: list[str] = []
        while (word := reader.next()) is not None:
            if reader.ended or word == "-" or not word.startswith("-"):
                arguments.append(word)
            else:
                _option(word, reader, known, f"pulumi {spec.name}", values)
        self._check_arguments(spec, arguments)
        flags = {name for name in values if known[f"--{name}"].takes is Takes.FLAG}
        frozen = {name: tuple(given) for name, given in values.items()}
        return Invocation(spec.words, tuple(arguments), frozen, frozenset(flags))

    def help(self, words: tuple[str, ...]) -> str:
        """Describe a command, or all of them."""
        if words not in self._specs:
            width = max(len(spec.name) for spec in self._specs.values())
            lines = [f"  {spec.name.ljust(width)}  {spec.help}" for spec in self._specs.values()]
            return "\n".join(["Commands of the embedded engine:", "", *lines])
        spec = self._specs[words]
        usage = " ".join([f"pulumi {spec.name}", *(f"[{name}]" for name in spec.arguments)])
        accepted = [option for option in (*spec.options, *self._common) if not option.refused]
        names = [f"  --{option.name}" + (f", -{option.short}" if option.short else "") for option in accepted]
        return "\n".join([spec.help, "", f"Usage: {usage}", "", "Options:", *names])

    def _command(self, reader: _Reader, values: dict[str, list[str]]) -> CommandSpec:
        """Read leading common options and the words of the command."""
        common = _index(self._common)
        long_names = {name for name in common if name.startswith("--")}
        words: tuple[str, ...] = ()
        while (word := reader.peek()) is not None:
            told_early = words not in self._specs or word.partition("=")[0] in long_names
            if word.startswith("-") and word not in {"-", "--"} and told_early:
                reader.next()
                _option(word, reader, common, " ".join(("pulumi", *words)), values)
                continue
            longer = (*words, self._aliases.get(" ".join((*words, word)), word))
            if longer not in self._prefixes:
                break
            words = longer
            reader.next()
        if words in self._specs and not self._names_no_part(words, reader.peek()):
            return self._specs[words]
        if reader.peek() is None and "help" in values:
            return CommandSpec(words)
        raise self._unknown_command(" ".join((*words, reader.peek() or "")).strip())

    def _names_no_part(self, words: tuple[str, ...], word: str | None) -> bool:
        """Tell whether a word after a command that is also a group, as `stack` and `config`, is none of its parts."""
        group = not self._specs[words].arguments and any(
            prefix[:-1] == words for prefix in self._prefixes if len(prefix) > 1
        )
        return group and word is not None and not word.startswith("-")

    def _unknown_command(self, typed: str) -> InvocationRefusedError:
        names = [spec.name for spec in self._specs.values() if not _DELETING & set(spec.words)]
        near = get_close_matches(typed, names, n=1)
        hint = f"nearest command: pulumi {near[0]}" if near else "list the commands with: pulumi --help"
        return InvocationRefusedError(
            f'unknown command "{typed}" for the embedded engine' if typed else "no command given", hint=hint
        )

    def _check_arguments(self, spec: CommandSpec, arguments: list[str]) -> None:
        if len(arguments) < spec.required:
            raise InvocationRefusedError(f"pulumi {spec.name} needs {spec.arguments[len(arguments)]}")
        if len(arguments) > len(spec.arguments) and not spec.variadic:
            most = len(spec.arguments)
            raise InvocationRefusedError(f"pulumi {spec.name} takes {f'{most} at most' if most else 'no'} arguments")


class _Reader:
    """Walks over the words of a line; after `--` everything is an argument."""

    def __init__(self, line: list[str]) -> None:
        self._line = line
        self._at = 0
        self.ended = False

    def peek(self) -> str | None:
        return self._line[self._at] if self._at < len(self._line) else None

    def next(self) -> str | None:
        word = self.peek()
        self._at += 1
        if word == "--" and not self.ended:
            self.ended = True
            return self.next()
        return word

    def value(self) -> str | None:
        """Return the next word whatever it looks like: it belongs to an option."""
        word = self.peek()
        self._at += 1
        return word


def _index(options: Sequence[Option]) -> dict[str, Option]:
    """Return options by what is typed; a command's own short letter wins over a common one."""
    found: dict[str, Option] = {}
    for option in options:
        found[f"--{option.name}"] = option
        if option.short:
            found[f"-{option.short}"] = option
    return found


def _option(
    word: str, reader: _Reader, known: Mapping[str, Option], command: str, values: dict[str, list[str]]
) -> None:
    """Read one option, or a group of short flags, into `values`."""
    typed, equals, inline = word.partition("=")
    if not word.startswith("--") and len(typed) > 2:
        typed, equals, inline = _split_short(word, reader, known, command, values)
    option = known.get(typed)
    if option is None:
        raise _unknown_option(typed, known, command)
    if option.refused:
        raise InvocationRefusedError(f"{typed} of {command} is not supported: {option.refused}", subject=command)
    given: str | None = inline if equals else None
    if given is None:
        given = reader.value() if option.takes is Takes.VALUE else "true"
    if given is None:
        raise InvocationRefusedError(f"{typed} of {command} needs a value", subject=command)
    if option.takes is Takes.FLAG:
        is_true(given, option.name)
    values.setdefault(option.name, []).append(given)


def _split_short(
    word: str, reader: _Reader, known: Mapping[str, Option], command: str, values: dict[str, list[str]]
) -> tuple[str, str, str]:
    """Split `-yf` into flags and `-sNAME` into option and value; returns the last one, still to be read."""
    first, rest = word[:2], word[2:]
    option = known.get(first)
    if option is None:
        raise _unknown_option(first, known, command)
    if option.takes is Takes.VALUE:
        return first, "=", rest.removeprefix("=")
    _option(first, reader, known, command, values)
    return f"-{rest}".partition("=") if len(rest) == 1 else _split_short(f"-{rest}", reader, known, command, values)


def _unknown_option(typed: str, known: Mapping[str, Option], command: str) -> InvocationRefusedError:
    near = get_close_matches(typed, [name for name, option in known.items() if not option.refused], n=1)
    hint = f"nearest option: {near[0]}" if near else f"list the options with: {command} --help"
    return InvocationRefusedError(f"unknown flag: {typed} of {command}", subject=command, hint=hint)
