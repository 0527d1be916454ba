"""Failures of a stack in our words, with Pulumi's and AWS's quoted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from botocore.retries.standard import ThrottledRetryableChecker

from orchestrator.errors import RoleNotNow, RoleRefused
from orchestrator.running.job import Operation
from orchestrator.workers.stack_failures import Failure, explain_failure, lock_files
from tests.unit.orchestrator.fleets import a_job

BUCKET = "urn:pulumi:lab-one::network::fleetyard:Net$aws:s3/bucket:Bucket::logs"
TRACEBACK = """Program failed with an unhandled exception:
Traceback (most recent call last):
  File "/programs/network/__main__.py", line 7, in <module>
    main()
  File "/programs/network/__main__.py", line 3, in main
    raise ValueError("no cidr")
ValueError: no cidr
"""

SPOKEN = [
    (
        "FY402",
        "error: the stack is currently locked by 1 lock(s). Either wait ...\n  file:///x.json: created by u@h (pid 7)",
    ),
    ("FY404", "error: getting secrets manager: incorrect passphrase"),
    ("FY404", "error: validating stack config: cipher: message authentication failed"),
    ("FY204", "error: passphrase must be set with PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE"),
    ("FY405", "error: could not deserialize deployment: invalid character 'x'"),
    ("FY405", "error: failed to load checkpoint: unexpected end"),
    ("FY406", "error: configuring provider: AWS account ID not allowed: 300000000003"),
    ("FY407", f"error: Default provider for 'aws' disabled. '{BUCKET}' must use an explicit provider."),
    ("FY409", f'error: resource "{BUCKET}" cannot be deleted\nbecause it is protected. To unprotect the resource, ...'),
    ("FY403", TRACEBACK),
    (
        "FY412",
        "error: invoke failed: FY659: IAM Role cannot be assumed [arn:aws:iam::3:role/X]\n  why: AccessDenied: logs",
    ),
    ("FY412", "error: IAM Role (arn:aws:iam::3:role/X) cannot be assumed.\n\nThere are a number of causes: logs"),
    ("FY401", "error: creating S3 Bucket (logs): operation error S3: CreateBucket, AccessDenied: not authorized"),
]


@pytest.mark.parametrize(("code", "text"), SPOKEN)
def test_each_kind_of_failure_has_its_own_error(code: str, text: str) -> None:
    """What Pulumi says on standard error decides the code, and is quoted as the reason."""
    error = explain_failure(a_job(), Failure([], [], text))
    assert error.code == code
    assert error.why
    assert error.hint


@pytest.mark.parametrize(("code", "text"), SPOKEN)
def test_events_tell_as_much_as_output(code: str, text: str) -> None:
    """The same words as a diagnostic event give the same error, and name the resource."""
    error = explain_failure(a_job(), Failure([(BUCKET, text)], [BUCKET], ""))
    assert error.code == code
    assert "logs" in error.why


@pytest.mark.parametrize("operation", [Operation.DESTROY, Operation.PREVIEW_DESTROY])
def test_an_up_comes_before_a_protected_resource_is_destroyed(operation: Operation) -> None:
    """A destroy goes by the state's protection, which only an up of the changed program takes away."""
    text = f'error: resource "{BUCKET}" cannot be deleted\nbecause it is protected.'
    hint = explain_failure(a_job(operation=operation), Failure([], [], text)).hint
    steps = ["take protect off in /programs/network", "fleetyard up --stack network/lab-one", "fleetyard destroy "]
    assert [each.startswith(step) for each, step in zip(hint.split(", then "), steps, strict=True)] == [True] * 3


def _protected(words: str, *names: str) -> str:
    """Return what an engine says of accounts that it would delete or replace."""
    urn = "urn:pulumi:root::org::fleetyard:landingzone:Accounts$aws:organizations/account:Account::"
    advice = "To unprotect the resource, either remove the `protect` flag from the resource in your Pulumi program and"
    told = (words.format(f'"{urn}{name}"') for name in names)
    return "\n".join(f"error: {each} {advice} run `x`, or:\n`pulumi state unprotect '{urn}x'`" for each in told)


_DELETED = "resource {} cannot be deleted\nbecause it is protected."
_REPLACED = "unable to replace resource {}\nas it is currently marked for protection."


@pytest.mark.parametrize("operation", [Operation.UP, Operation.PREVIEW, Operation.DESTROY])
@pytest.mark.parametrize("words", [_DELETED, _REPLACED])
def test_no_account_is_ever_unprotected(operation: Operation, words: str) -> None:
    """Where a run would delete or replace an account, neither its own advice nor the engine's takes protection off."""
    job = a_job(operation=operation)
    for failure in (Failure([], [], _protected(words, "a-b")), Failure([("", _protected(words, "a-b"))], [], "")):
        error = explain_failure(job, failure)
        assert error.code == "FY409"
        assert "a-b" in error.hint
        assert "protect off" not in error.hint
        assert "unprotect" not in error.why + error.hint


def test_an_account_that_is_gone_from_the_manifest_goes_back_into_it() -> None:
    """Every one is named, and how one leaves the fleet; what was changed is taken back."""
    gone = explain_failure(a_job(), Failure([], [], _protected(_DELETED, "one", "two"))).hint
    assert gone.startswith("put one, two back into the manifest, then fleetyard up --stack network/lab-one; to take")
    assert "fleetyard accounts remove one" in gone
    changed = explain_failure(a_job(), Failure([], [], _protected(_REPLACED, "one"))).hint
    assert changed == (
        "give one the email and name in the manifest that AWS has, then fleetyard up --stack network/lab-one"
    )
    destroyed = explain_failure(a_job(operation=Operation.DESTROY), Failure([], [], _protected(_DELETED, "one"))).hint
    assert destroyed.startswith("no destroy deletes accounts; to take one out of the fleet: fleetyard accounts remove")


def test_the_programs_folder_is_named(tmp_path: Path) -> None:
    """A project whose program is in another folder, as the organisation's is, names that and not the repository."""
    file = tmp_path / "Pulumi.yaml"
    file.write_text("name: org\nmain: organization/\nruntime: python\n", encoding="utf-8")
    error = explain_failure(replace(a_job(), project_file=file), Failure([], [], TRACEBACK))
    assert error.hint.startswith(f"correct {tmp_path / 'organization'}, then ")


_ASSUMING = "error: IAM Role (arn:aws:iam::3:role/X) cannot be assumed.\n\nError: operation error STS: AssumeRole, "
_OVER = "exceeded maximum number of attempts, 3, https response error "


@pytest.mark.parametrize(
    "text",
    [
        "error: FY663: STS lets nobody assume [arn]\n  why: operation error STS: AssumeRole, Throttling: x",
        "error: FY663: STS does not say at the moment which account this is\n  why: Connection was closed",
        f"{_ASSUMING}{_OVER}StatusCode: 400, RequestID: 7, api error Throttling: Rate exceeded",
        f"{_ASSUMING}{_OVER}StatusCode: 503, RequestID: 7, api error ServiceUnavailable: later",
        f'{_ASSUMING}{_OVER}StatusCode: 0, RequestID: , request send failed, Post "https://sts": dial tcp: i/o timeout',
        f"{_ASSUMING}{_OVER}StatusCode: 0, RequestID: , read tcp 1->2: read: connection reset by peer",
    ],
)
def test_an_sts_that_throttles_or_fails_is_no_lack_of_rights(text: str) -> None:
    """FY414 quotes AWS and says to run again, on both engines; grants and trust are not to be corrected."""
    error = explain_failure(a_job(), Failure([(BUCKET, text)], [BUCKET], ""))
    assert (error.code, error.exit_code) == (RoleNotNow.code, 5)
    assert text.removeprefix("error: ") in error.why
    assert "a little later" in error.hint
    assert "docs/access.md" not in error.hint


@pytest.mark.parametrize("code", sorted(ThrottledRetryableChecker._THROTTLED_ERROR_CODES))
def test_every_throttling_code_of_the_sdks_is_known(code: str) -> None:
    """Whichever code SDKs take for throttling is FY414."""
    text = f"{_ASSUMING}{_OVER}StatusCode: 400, RequestID: 7, api error {code}: Rate exceeded"
    assert explain_failure(a_job(), Failure([], [], text)).code == RoleNotNow.code


def test_a_role_that_is_refused_stays_a_matter_of_rights() -> None:
    """AWS's denial is FY412 also where it comes by STS's own words; on a twin it says which refusals to look at."""
    text = f"{_ASSUMING}https response error StatusCode: 403, api error AccessDenied: X is not authorized to perform: Y"
    job = replace(a_job(), env={"FLEETYARD_TWIN_RUN_FILE": "/twin.json"})
    error = explain_failure(job, Failure([], [], text))
    assert error.code == "FY412"
    assert error.hint.endswith("fleetyard twin why --action 'sts:*'")


@pytest.mark.parametrize(("operation", "told"), [(Operation.PREVIEW, True), (Operation.UP, False)])
def test_a_plan_is_told_how_to_leave_out_what_it_is_not_granted(operation: Operation, told: bool) -> None:
    """Whoever previews in a pipeline need not be granted the role; an up without it does nothing."""
    text = "error: IAM Role (arn:aws:iam::3:role/X) cannot be assumed.\n\nThere are a number of causes"
    hint = explain_failure(a_job(operation=operation), Failure([], [], text)).hint
    assert ("--exclude network" in hint) == told


ENGINE = [
    ("FY404", "error: FY508: incorrect passphrase\n  not run: nothing was changed\n  next: export X=...", 3),
    ("FY405", "error: FY505: this is no JSON [file:///x.json]\n  why: Expecting value\n  next: see .bak", 5),
    ("FY506", "error: FY506: checkpoint version 9 is newer [file:///x.json]\n  next: use the real Pulumi CLI", 5),
    ("FY601", "error: FY601: the AWS endpoint is not our twin [https://sts.amazonaws.com]\n  why: it is not", 5),
    ("FY402", "error: FY504: the stack is currently locked by 1 lock(s).\nfile:///x: created by a@b (pid 1)", 1),
]


@pytest.mark.parametrize(("code", "text", "exit_code"), ENGINE)
def test_the_embedded_engines_errors_are_told_as_the_real_ones(code: str, text: str, exit_code: int) -> None:
    """What the real CLI has as well gets one code for both; what only the embedded engine has keeps its own."""
    error = explain_failure(a_job(), Failure([], [], f"Updating (x):\n{text}"))
    assert (error.code, error.exit_code) == (code, exit_code)
    assert "not run" not in error.why


def test_the_engines_summary_of_a_failed_update_is_passed_over() -> None:
    """That an update failed says nothing: the failed resources' own messages are what is quoted."""
    failure = Failure([(BUCKET, "AccessDenied: no")], [BUCKET], "error: FY517: up failed: see above")
    error = explain_failure(a_job(), failure)
    assert (error.code, error.why) == ("FY401", "aws:s3/bucket:Bucket logs: AccessDenied: no")


def test_awss_own_words_are_quoted() -> None:
    """The reason of a failed resource is the provider's message, beside the resource's type and name."""
    error = explain_failure(
        a_job(), Failure([(BUCKET, "AccessDenied: not authorized to s3:CreateBucket")], [BUCKET], "")
    )
    assert error.why == "aws:s3/bucket:Bucket logs: AccessDenied: not authorized to s3:CreateBucket"


def test_a_traceback_is_cut_down_to_where_and_what() -> None:
    """Of a program's exception the message and its last place remain, not the traceback."""
    error = explain_failure(a_job(), Failure([("", TRACEBACK)], [], ""))
    assert error.why == 'ValueError: no cidr (File "/programs/network/__main__.py", line 3, in main)'


def test_what_was_asked_is_what_is_proposed_again() -> None:
    """The next command repeats the operation for the one stack."""
    for operation, command in ((Operation.UP, "up"), (Operation.PREVIEW_DESTROY, "destroy --preview")):
        error = explain_failure(a_job(operation=operation), Failure([], [], "error: something"))
        assert error.hint == f"correct the cause, then fleetyard {command} --stack network/lab-one"


def test_a_long_quote_is_cut() -> None:
    """Foreign text is quoted up to a length that can be read."""
    error = explain_failure(a_job(), Failure([("", "x" * 5000)], [], ""))
    assert error.why.endswith("...")
    assert len(error.why) < 1300


def test_equal_messages_are_told_once() -> None:
    """A message that was sent twice is quoted once."""
    assert explain_failure(a_job(), Failure([("", "boom"), ("", "boom")], [], "")).why == "boom"


def test_a_stack_without_lock_files_has_none() -> None:
    """Where nothing is locked there is no file to name."""
    assert lock_files(a_job()) == []


@pytest.mark.parametrize("backend", ["file:///state", "s3://small-state?region=eu-west-1"])
def test_a_state_that_cannot_be_read_leads_to_the_doctor(backend: str) -> None:
    """In either backend the doctor knows which copy is the newest one: FY405 sends there."""
    error = explain_failure(
        replace(a_job(), backend_url=backend), Failure([], [], "error: failed to load checkpoint: unexpected end")
    )
    assert error.hint == "fleetyard state doctor --stack network/lab-one; see: fleetyard explain FY405"


def test_a_message_of_many_lines_is_quoted_from_its_start() -> None:
    """Of a program's traceback the exception and its whole message are quoted, not its last line alone."""
    text = (
        "Program failed with an unhandled exception:\nTraceback (most recent call last):\n"
        '  File "/fleet/workloads/network/__main__.py", line 3, in <module>\n    zones = get()\n'
        "Exception: invoke failed: AccessDenied: User: x is not authorized\n  not run: everything of this provider"
    )
    info = explain_failure(a_job(), Failure([("", text)], (), ""))
    assert info.why.startswith("Exception: invoke failed: AccessDenied: User: x is not authorized")


REFUSED_IN_A_PROGRAM = (
    "Program failed with an unhandled exception:\nTraceback (most recent call last):\n"
    '  File "/programs/network/__main__.py", line 3, in <module>\n    zones = get()\n'
    "Exception: invoke returned an error: FY659: IAM Role cannot be assumed [arn:aws:iam::3:role/X]\n"
    "  why: AssumeRole, AccessDenied: User: u is not authorized"
)


def test_a_role_refused_inside_a_program_is_about_access() -> None:
    """A provider's refused role is an access error, exit code 3, though it reached us as the program's exception."""
    error = explain_failure(a_job(), Failure([("", REFUSED_IN_A_PROGRAM)], [], ""))
    assert (error.code, error.exit_code) == (RoleRefused.code, 3)
    assert "AccessDenied: User: u is not authorized" in error.why


DIAGNOSTICS = """\
Diagnostics:
  pulumi:pulumi:Stack (pp-a):
    warning: using a plugin from $PATH
    error: an unhandled error occurred: program exited with non-zero exit code: 1

    no cidr is set

Resources:
    1 errored
"""
"""As Pulumi 3.259.0 writes it."""

ENDED = [
    ("error: FY517: up failed: the program exited with code 3\n  next: see above", "sys.exit, exit code 3"),
    (
        "error: FY517: up failed: the program exited with code no cidr is set: see x",
        "sys.exit, exit code 1: no cidr is set: see x",
    ),
    ("error: an unhandled error occurred: program exited with non-zero exit code: 7", "sys.exit, exit code 7"),
    (DIAGNOSTICS, "sys.exit, exit code 1: no cidr is set"),
    ("error: FY517: up failed: the program exited with code 2: no cidr", "sys.exit, exit code 2: no cidr"),
]


@pytest.mark.parametrize(("text", "why"), ENDED)
def test_a_program_that_ends_itself_is_told_in_plain_words(text: str, why: str) -> None:
    """`sys.exit` in a program is FY403 with its code or words, and none of the display around them."""
    error = explain_failure(a_job(), Failure([], [], f"Resources:\n    + 1 created\n\nDuration: 1s\n{text}"))
    assert (error.code, error.why) == ("FY403", why)
    assert error.summary == "the program of network/lab-one ended itself before its end"


def test_the_real_clis_event_tells_the_same() -> None:
    """Where the number comes as an event, nothing of what was printed elsewhere is taken for it."""
    event = "an unhandled error occurred: program exited with non-zero exit code: 3\n"
    error = explain_failure(a_job(), Failure([("", event)], [], "Updating (a):\n@ updating......."))
    assert (error.code, error.why) == ("FY403", "sys.exit, exit code 3")


def test_a_run_error_is_told_in_its_own_words() -> None:
    """What a program refuses by a RunError is told, and not how the real CLI says that the program then ended."""
    event = "an unhandled error occurred: program exited with non-zero exit code: 1\n"
    refused = ("", "the account has no public zone acme.example\n")
    error = explain_failure(a_job(), Failure([refused, ("", event)], [], DIAGNOSTICS))
    assert "the account has no public zone acme.example" in error.why
    assert "ended itself" not in error.summary


def test_failed_resources_matter_more_than_how_the_program_ended() -> None:
    """Where a resource failed, that is told, and not that the program then ended itself."""
    error = explain_failure(a_job(), Failure([(BUCKET, "AccessDenied: no")], [BUCKET], ENDED[0][0]))
    assert error.code == "FY401"


@pytest.mark.parametrize("text", ["error: incorrect passphrase", "error: passphrase must be set"])
def test_in_a_kept_rehearsal_the_passphrase_comes_from_the_twin(text: str) -> None:
    """Whoever has joined a kept rehearsal is told to join it again, and not to export a passphrase they cannot know."""
    joined = replace(a_job(), env={"FLEETYARD_REHEARSAL": "/fleet/.fleetyard/rehearsal"})
    assert explain_failure(joined, Failure([], [], text)).hint.startswith('eval "$(fleetyard twin env)", then ')
    assert explain_failure(a_job(), Failure([], [], text)).hint.startswith("export PULUMI_CONFIG_PASSPHRASE=...")


def test_an_unwritten_state_is_told_with_the_commands_of_the_driver() -> None:
    """The engine's refusal of a stack whose last state it has kept names our commands in the program's folder."""
    said = (
        "error: FY521: the last update of lab-one did what its stored state does not have [s3://b/lab-one.json]\n"
        "  why: the last state could not be written to the backend, and is kept in /home/a b.json; without it more\n"
        "  not run: nothing was changed\n  next: pulumi cancel --yes --stack lab-one"
    )
    error = explain_failure(a_job(), Failure([], [], said))
    where = "--stack lab-one --cwd /programs/network"
    assert (error.code, error.summary.startswith(f"{a_job().id}: the last update")) == ("FY521", True)
    assert error.hint == (
        "put back what was done and is not in the state: "
        f"fleetyard pulumi cancel --yes {where} && fleetyard pulumi stack import --file '/home/a b.json' {where}; "
        f"then fleetyard up --stack {a_job().id}; to give up what was done: rm '/home/a b.json'"
    )


@pytest.mark.parametrize(("env", "named"), [({"FLEETYARD_TWIN_RUN_FILE": "/x/twin.json"}, True), ({}, False)])
def test_a_denial_on_the_twin_names_what_tells_why(env: dict[str, str], named: bool) -> None:
    """Where the twin refused something, the next step names the command that tells which policy decided."""
    words = (
        "error: operation error S3: CreateBucket, AccessDenied: User: x is not authorized to perform: s3:CreateBucket"
    )
    error = explain_failure(replace(a_job(), env=env), Failure([], [], words))
    assert ("fleetyard twin why" in error.hint) is named
