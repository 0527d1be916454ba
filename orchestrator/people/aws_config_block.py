"""Our block in an AWS config file: found by its marks, made from profiles, put in place. Bytes in, bytes out.

Whatever lies outside of the marks is never changed, not by a byte. One block per organisation, so that several fleets
can share a file.
"""

from __future__ import annotations

import configparser
import re
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from orchestrator.people.aws_profiles import Profile
from orchestrator.people.errors import AwsConfigMalformed, BlockNotOurs, ProfileTaken

_BEGIN = "# >>> fleetyard {} >>>"
_END = "# <<< fleetyard {} <<<"
_MARK = re.compile(r"# (>>>|<<<) fleetyard (\S+) (?:>>>|<<<)\s*")


@dataclass(frozen=True, slots=True)
class BlockKind:
    """What a block is for.

    `mark` makes the name in its marks from the organisation's, `header` a section's from the profile's. `command`
    writes the block, `again` is what to type once a file is mended, `title` what messages call the file.
    """

    mark: str
    header: str
    command: str
    again: str
    title: str


PROFILES = BlockKind(
    "{}", "[profile {}]", "fleetyard profiles write", "fleetyard profiles write --dry-run", "AWS config file"
)
SESSION = BlockKind(
    "{}/session",
    "[{}]",
    "fleetyard profiles sign-in",
    "fleetyard profiles sign-in --dry-run",
    "AWS credentials file",
)
"""The session of a management role, in the credentials file: named apart, as both files may be one."""


@dataclass(frozen=True, slots=True)
class Split:
    """A file in three parts; `block` is None where there is none, and `before` is then the whole file."""

    before: bytes
    block: bytes | None
    after: bytes = b""


def merge(
    content: bytes, organization: str, profiles: Sequence[Profile], file: str, kind: BlockKind = PROFILES
) -> bytes:
    """Return the file's content with this organisation's block holding exactly these profiles.

    `file` is what messages call it. Raises: AwsConfigMalformed, BlockNotOurs, ProfileTaken, each naming a line.
    """
    refuse_malformed(content, file, kind)
    split = split_at_marks(content, organization, file, kind)
    _refuse_taken(split, profiles, file)
    ending = b"\r\n" if content.partition(b"\n")[0].endswith(b"\r") else b"\n"
    block = ending.join(line.encode() for line in _lines(organization, profiles, kind)) + ending
    if split.block is not None:
        merged = split.before + block + split.after
    else:
        gap = b"" if not content or content.endswith(b"\n") else ending
        merged = content + gap + (ending if content else b"") + block
    refuse_malformed(merged, file, kind)
    return merged


def split_at_marks(content: bytes, organization: str, file: str, kind: BlockKind = PROFILES) -> Split:
    """Return the parts of a file before, between and after this organisation's marks, the marks in the middle part.

    Raises: BlockNotOurs.
    """
    name = kind.mark.format(organization)
    lines = [line + b"\n" for line in content.split(b"\n")]
    lines[-1] = lines[-1].removesuffix(b"\n")
    begins = [at for at, line in enumerate(lines) if _is(line, _BEGIN.format(name))]
    ends = [at for at, line in enumerate(lines) if _is(line, _END.format(name))]
    if not begins and not ends:
        return Split(content, None)
    problem = _problem_with_marks(lines, begins, ends)
    if problem:
        line, words = problem
        raise BlockNotOurs(
            "the marks of Fleetyard's block are damaged",
            subject=f"{file}:{line + 1}",
            why=words,
            not_run="nothing was written",
            hint=f"put the marks right, or remove the block with its marks, then: {kind.again}",
        )
    begin, end = begins[0], ends[0] + 1
    return Split(b"".join(lines[:begin]), b"".join(lines[begin:end]), b"".join(lines[end:]))


def refuse_malformed(content: bytes, file: str, kind: BlockKind = PROFILES) -> None:
    """Raise AwsConfigMalformed unless AWS's tools can read the file: parsed as botocore's `configloader` does."""
    try:
        _parse(content.decode())
    except UnicodeDecodeError as error:
        line, words = content.count(b"\n", 0, error.start) + 1, "it is not UTF-8 text"
    except configparser.MissingSectionHeaderError as error:
        line, words = error.lineno, "this line stands before any section"
    except configparser.ParsingError as error:
        line, words = error.errors[0][0], "this line is neither a section, nor `key = value`, nor a comment"
    except configparser.DuplicateSectionError as error:
        line, words = error.lineno or 1, f"the section [{error.section}] is there twice"
    except configparser.DuplicateOptionError as error:
        line, words = error.lineno or 1, f"the key {error.option} is there twice in [{error.section}]"
    else:
        return
    raise AwsConfigMalformed(
        f"the {kind.title} cannot be read by AWS's tools",
        subject=f"{file}:{line}",
        why=words,
        not_run="nothing was written",
        hint=f"mend that line, then: {kind.again}",
    )


def profile_lines(content: bytes) -> dict[str, int]:
    """Return the profiles of a config or credentials file, each with the number of its line, the first line being 1."""
    found: dict[str, int] = {}
    for number, line in enumerate(content.decode(errors="replace").split("\n"), start=1):
        if header := re.match(r"[ \t]*\[(.*)\]", line):
            found.setdefault(_profile_of(header[1]), number)
    return found


def _profile_of(header: str) -> str:
    """Return the profile that a section is of. Source: botocore, configloader.build_profile_map."""
    try:
        words = shlex.split(header)
    except ValueError:
        return header
    return words[1] if len(words) == 2 and words[0] == "profile" else header.strip()


def _lines(organization: str, profiles: Iterable[Profile], kind: BlockKind) -> Iterable[str]:
    name = kind.mark.format(organization)
    yield _BEGIN.format(name)
    yield f"# Written by `{kind.command}`, which overwrites what stands between these two marks."
    for profile in profiles:
        yield kind.header.format(profile.name)
        yield from (f"{key} = {value}" for key, value in profile.settings.items())
        yield ""
    yield _END.format(name)


def _is(line: bytes, mark: str) -> bool:
    return line.rstrip(b" \t\r\n") == mark.encode()


def _problem_with_marks(lines: Sequence[bytes], begins: Sequence[int], ends: Sequence[int]) -> tuple[int, str] | None:
    """Return the index of the line that is wrong and why; None when there is one block as we write it."""
    if len(begins) > 1:
        return begins[1], "the block begins here a second time"
    if len(ends) > 1:
        return ends[1], "the block ends here a second time"
    if not ends:
        return begins[0], "the block begins here and has no end"
    if not begins or begins[0] > ends[0]:
        return ends[0], "the block ends here before it begins"
    for at in range(begins[0] + 1, ends[0]):
        if _MARK.fullmatch(lines[at].decode(errors="replace")):
            return at, "another block's mark stands inside the block"
    for at in range(ends[0] + 1, len(lines)):
        if lines[at].startswith(b"["):
            break
        # Indented text, a header too, would go on with the value of the block's last key.
        text = lines[at].strip()
        if text and not text.startswith((b"#", b";")):
            return at, "this line after the block belongs to no section but the block's last profile"
    return None


def _refuse_taken(split: Split, profiles: Sequence[Profile], file: str) -> None:
    inside = (split.block or b"").count(b"\n")
    first_after = split.before.count(b"\n") + inside
    taken = profile_lines(split.before) | {
        name: number + first_after for name, number in profile_lines(split.after).items()
    }
    for profile in profiles:
        if profile.name in taken:
            raise profile_taken(profile.name, f"{file}:{taken[profile.name]}")


def profile_taken(name: str, where: str) -> ProfileTaken:
    """Return the refusal to write a profile that stands elsewhere already."""
    return ProfileTaken(
        f"the profile {name} exists already, outside of Fleetyard's block",
        subject=where,
        why="only what lies between Fleetyard's marks is its own to change",
        not_run="nothing was written",
        hint=f"remove or rename yours; or build on it: fleetyard profiles write --session MANAGEMENT_ROLE={name}",
    )


def settings_of(content: bytes) -> dict[str, dict[str, str]]:
    """Return each profile's keys; `content` is one that `refuse_malformed` lets pass."""
    parser = _parse(content.decode())
    return {_profile_of(name): dict(parser[name]) for name in parser.sections()}


def _parse(text: str) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser()
    parser.read_string(text.replace("\r\n", "\n").replace("\r", "\n"))
    return parser
