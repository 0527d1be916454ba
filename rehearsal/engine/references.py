"""Names of stacks in a self-managed backend, and the keys under which a stack's files lie.

Source: Pulumi `pkg/backend/diy/store.go` (project layout), `sdk/go/common/tokens/{stack_name,names}.go`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rehearsal.engine.errors import NameRefusedError

ORGANIZATION = "organization"
STACKS = ".pulumi/stacks"
_STACK_NAME = re.compile(r"[A-Za-z0-9_.-]*")
_PROJECT_NAME = re.compile(r"[A-Za-z0-9_.-]{1,100}")


@dataclass(frozen=True, slots=True)
class StackReference:
    """A stack: project and name. Both are checked, so that they are safe in keys."""

    project: str
    name: str

    @property
    def qualified(self) -> str:
        """Return the fully qualified name, `organization/<project>/<stack>`."""
        return f"{ORGANIZATION}/{self.project}/{self.name}"

    @property
    def checkpoint_key(self) -> str:
        """Return the key of the stack's state."""
        return f"{STACKS}/{self.project}/{self.name}.json"

    @property
    def tags_key(self) -> str:
        """Return the key of the stack's tags."""
        return f"{STACKS}/{self.project}/{self.name}.pulumi-tags"

    @property
    def history_folder(self) -> str:
        """Return the folder of the stack's history."""
        return f".pulumi/history/{self.project}/{self.name}"

    @property
    def backup_folder(self) -> str:
        """Return the folder of copies of the stack's state."""
        return f".pulumi/backups/{self.project}/{self.name}"

    @property
    def lock_folder(self) -> str:
        """Return the folder of the stack's locks; it alone has the organisation in it."""
        return f".pulumi/locks/{ORGANIZATION}/{self.project}/{self.name}"

    def shown(self, project: str | None) -> str:
        """Return the name as shown inside a project: short if it is this one."""
        return self.name if self.project == project else self.qualified


def parse_reference(text: str, project: str | None) -> StackReference:
    """Read `stack`, `organization/stack` or `organization/project/stack`; raises NameRefusedError."""
    parts = text.split("/")
    if len(parts) > 3:
        raise NameRefusedError(f"{text!r} is no stack name", hint="use NAME or organization/PROJECT/NAME")
    if len(parts) > 1 and parts[0] != ORGANIZATION:
        raise NameRefusedError("organization name must be 'organization'", subject=text)
    named = parts[1] if len(parts) == 3 else project
    if not named:
        raise NameRefusedError(
            "no Pulumi.yaml project file found",
            subject=text,
            hint="run this in a project's folder, or give the full name: organization/PROJECT/STACK",
        )
    return StackReference(check_project_name(named), _check_stack_name(parts[-1]))


def check_project_name(name: str) -> str:
    """Return a project's name; raises NameRefusedError."""
    if not _PROJECT_NAME.fullmatch(name) or name in {".", ".."}:
        raise NameRefusedError(
            "project names may only contain alphanumerics, hyphens, underscores, and periods, at most 100",
            subject=name,
        )
    return name


def _check_stack_name(name: str) -> str:
    if name in {"", ".", ".."}:
        raise NameRefusedError("a stack name may not be empty or a path", subject=name)
    if len(name) > 100:
        raise NameRefusedError("a stack name cannot exceed 100 characters", subject=name)
    match = _STACK_NAME.match(name)
    valid = match.end() if match else 0
    if valid != len(name):
        raise NameRefusedError(
            "a stack name may only contain alphanumeric, hyphens, underscores, or periods: "
            f"invalid character {name[valid]!r} at position {valid}"
        )
    return name
