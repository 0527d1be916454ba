"""Orders faults at a running twin for people: by options of a command, or from a YAML file with lines for problems."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]  # comes with the Pulumi SDK, without types

from rehearsal.twin.client import add_faults, clear_faults, list_faults, remove_fault
from rehearsal.twin.errors import BadFault
from rehearsal.twin.fault import FaultProblem, nearest, read_fault
from rehearsal.twin.run_file import TwinRun

_TOP = "faults"


@dataclass(frozen=True, slots=True)
class FaultOrders:
    """What can be done about the faults of one twin."""

    run: TwinRun

    def add(self, fault: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Order the fault that a command's options tell. Raises: BadFault, naming options."""
        try:
            return add_faults(self.run, [dict(fault)])
        except BadFault as bad:
            raise BadFault([_of_option(problem) for problem in bad.problems]) from bad

    def add_file(self, path: Path) -> list[dict[str, Any]]:
        """Order all faults of a file, or none. Raises: BadFault with every problem as `file:line:column: words`."""
        file = read_fault_file(path)
        try:
            return add_faults(self.run, file.faults)
        except BadFault as bad:
            raise BadFault([file.placed(problem) for problem in bad.problems], str(path)) from bad

    def list(self) -> list[dict[str, Any]]:
        """Return what is on order, with counters."""
        return list_faults(self.run)

    def remove(self, fault_id: str) -> None:
        """Take one fault away. Raises: TwinRefused if there is none of this id."""
        remove_fault(self.run, fault_id)

    def clear(self) -> int:
        """Take all faults away and return how many there were."""
        return clear_faults(self.run)


@dataclass(frozen=True, slots=True)
class FaultFile:
    """The faults of a file, and where each of their fields stands."""

    path: Path
    faults: list[Any] = field(default_factory=list)
    places: dict[tuple[int, str], tuple[int, int]] = field(default_factory=dict)
    """Line and column from 1, by number of the fault and field; "" for the fault as a whole."""

    def placed(self, problem: object) -> str:
        """Return a problem with its place in the file."""
        if not isinstance(problem, FaultProblem):
            return str(problem)
        line, column = self.places.get((problem.index, problem.field)) or self.places[problem.index, ""]
        words = f"{problem.field}: {problem.words}" if problem.field else problem.words
        return f"{self.path}:{line}:{column}: {words}"


def read_fault_file(path: Path) -> FaultFile:
    """Read `faults: [...]`, or the list alone. Raises: BadFault for what is no such file, and fields given twice."""
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (OSError, UnicodeDecodeError) as error:
        raise BadFault([f"{path}: {getattr(error, 'strerror', None) or error}"], str(path)) from error
    except yaml.MarkedYAMLError as error:
        at = error.problem_mark
        place = f"{path}:{at.line + 1}:{at.column + 1}" if at else str(path)
        raise BadFault([f"{place}: {error.problem}"], str(path)) from error
    listed = _list_in(root, path)
    file = FaultFile(path)
    twice: list[str] = []
    for index, node in enumerate(listed.value):
        file.places[index, ""] = _place(node)
        file.faults.append(_plain(node))
        if isinstance(node, yaml.MappingNode):
            twice += _note_fields(node, index, file)
    if twice:
        others = [problem for index, data in enumerate(file.faults) for problem in read_fault(data, index)[1]]
        raise BadFault([*twice, *(file.placed(problem) for problem in others)], str(path))
    return file


def _list_in(root: yaml.Node | None, path: Path) -> yaml.SequenceNode:
    problems = []
    if isinstance(root, yaml.MappingNode):
        for key, value in root.value:
            if key.value == _TOP and isinstance(value, yaml.SequenceNode):
                root = value
            else:
                line, column = _place(key)
                why = "must be a list" if key.value == _TOP else f"there is no such key{nearest(key.value, [_TOP])}"
                problems.append(f"{path}:{line}:{column}: {key.value}: {why}")
    if not problems and not (isinstance(root, yaml.SequenceNode) and root.value):
        problems.append(f"{path}:1:1: there are no faults; write {_TOP}: and a list")
    if problems or not isinstance(root, yaml.SequenceNode):
        raise BadFault(problems, str(path))
    return root


def _note_fields(node: yaml.MappingNode, index: int, file: FaultFile) -> Iterator[str]:
    for key, _ in node.value:
        line, column = _place(key)
        if (index, str(key.value)) in file.places:
            yield f"{file.path}:{line}:{column}: {key.value}: is given twice"
        file.places[index, str(key.value)] = (line, column)


def _plain(node: yaml.Node) -> Any:
    loader = yaml.SafeLoader("")
    try:
        data = loader.construct_document(node)
    finally:
        loader.dispose()
    # Keys that JSON cannot hold are fields that do not exist either way.
    return {str(key): value for key, value in data.items()} if isinstance(data, dict) else data


def _place(node: yaml.Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _of_option(problem: object) -> str:
    if not isinstance(problem, FaultProblem):
        return str(problem)
    return f"--{problem.field.replace('_', '-')}: {problem.words}" if problem.field else problem.words
