"""A stand-in for the AWS CLI, which the project does not install: does what `aws SERVICE OPERATION …` of a page asks.

Each option becomes the parameter of that name of the same botocore call, by botocore's own model of the operation, so
a misspelt operation or option fails here as it does there. Offered is what our pages use and nothing else: `configure
set` of keys, `--profile`, `--region`, `--query`, `--output`, `file://`, and the file of a new MFA device.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

SERVICES = {"s3api": "s3"}
"""Where the CLI's word for a service is not botocore's."""

SECRETS = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
"""What `aws configure set` writes to the credentials file. Source: AWS CLI Command Reference, configure set."""

REGION = "us-east-1"
"""What is signed for where a profile names no region; our pages call global services only in such profiles."""


def main(arguments: Sequence[str]) -> None:
    """Carry out one command line; raises whatever botocore does."""
    words, options = _split(arguments)
    if words[:2] == ["configure", "set"]:
        _configure(words[2], words[3], options["profile"][0])
        return
    _call(words[0], words[1], options)


def _call(service: str, operation: str, options: dict[str, list[str]]) -> None:
    import botocore.session
    import jmespath

    given = {name: options.pop(name, [""])[0] for name in ("profile", "region", "query", "output")}
    session = botocore.session.Session(profile=given["profile"] or None)
    # The CLI reads AWS_REGION, which botocore does not. Source: AWS CLI User Guide, "Environment variables".
    region = given["region"] or os.environ.get("AWS_REGION") or session.get_config_variable("region") or REGION
    client = session.create_client(SERVICES.get(service, service), region_name=region)
    name = client.meta.method_to_api_mapping[operation.replace("-", "_")]
    outfile = options.pop("outfile", [""])[0]
    method = options.pop("bootstrap-method", [""])[0]
    shape = client.meta.service_model.operation_model(name).input_shape
    answer = getattr(client, operation.replace("-", "_"))(**_parameters(options, shape))
    answer.pop("ResponseMetadata", None)
    if outfile:
        # The CLI takes what `--bootstrap-method` names out of the answer and writes it to a file.
        Path(outfile).write_bytes(answer["VirtualMFADevice"].pop(method))
    found = jmespath.search(given["query"], answer) if given["query"] else answer
    text = _as_text(found) if given["output"] == "text" else json.dumps(found, indent=4, default=str)
    sys.stdout.write(f"{text}\n")


def _split(arguments: Sequence[str]) -> tuple[list[str], dict[str, list[str]]]:
    """Return the words before the first option, and each option's values."""
    words: list[str] = []
    options: dict[str, list[str]] = {}
    into = words
    for argument in arguments:
        if argument.startswith("--"):
            into = options.setdefault(argument[2:], [])
        else:
            into.append(argument)
    return words, options


def _parameters(options: dict[str, list[str]], shape: Any) -> dict[str, Any]:
    """Return an operation's parameters. Raises: KeyError for an option that it does not have."""
    from botocore import xform_name

    members = {xform_name(name, "-"): (name, member) for name, member in shape.members.items()} if shape else {}
    return {members[option][0]: _value(values, members[option][1]) for option, values in options.items()}


def _value(values: list[str], shape: Any) -> Any:
    texts = [Path(value[7:]).read_text(encoding="utf-8") if value.startswith("file://") else value for value in values]
    match shape.type_name:
        case "list" if shape.member.type_name == "string":
            return texts
        case "boolean":
            return not texts or texts == ["true"]
        case "integer" | "long":
            return int(texts[0])
        case "string":
            return texts[0]
    return json.loads(texts[0])


def _as_text(found: Any) -> str:
    return "\t".join(map(str, found)) if isinstance(found, list) else str(found)


def _configure(name: str, value: str, profile: str) -> None:
    if name not in SECRETS:
        raise SystemExit(f"the stand-in for the AWS CLI sets {', '.join(SECRETS)} and not {name}")
    path = Path(os.environ.get("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials")).expanduser()
    path.parent.mkdir(mode=0o700, exist_ok=True)
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in _with_setting(lines, profile, f"{name} = {value}"))


def _with_setting(lines: list[str], profile: str, setting: str) -> list[str]:
    """Return the lines of a file with a profile's setting in them, all others as they were, comments too."""
    header = f"[{profile}]"
    if header not in lines:
        return [*lines, header, setting]
    start = lines.index(header) + 1
    end = next((at for at in range(start, len(lines)) if lines[at].startswith("[")), len(lines))
    name = setting.partition("=")[0]
    others = [line for line in lines[start:end] if line.partition("=")[0].strip() != name.strip()]
    return [*lines[:start], setting, *others, *lines[end:]]


def command_file(folder: Path) -> Path:
    """Write the command `aws` into a folder for PATH."""
    path = folder / "aws"
    path.write_text("\n".join(_launcher()), encoding="utf-8")
    path.chmod(0o755)
    return path


def _launcher() -> Iterator[str]:
    yield f"#!{sys.executable}"
    yield "import sys"
    yield f"sys.path.insert(0, {str(Path(__file__).resolve().parents[2])!r})"
    yield "from tests.support.aws_command import main"
    yield "main(sys.argv[1:])"


if __name__ == "__main__":
    main(sys.argv[1:])
