"""The commands for accounts, on a fleet folder without AWS, Pulumi or processes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from landing_zone.lock import load_lock, write_lock
from orchestrator.accounts.editing.manifest_edits import ManifestEditor
from orchestrator.accounts.errors import AccountInUse, NotReleasable, ReleaseIncomplete
from orchestrator.accounts.forget_job import ForgetJob, ForgetResult, Forgotten
from orchestrator.accounts.live import LiveAccounts
from orchestrator.accounts.readiness import WAIT
from orchestrator.accounts.release import AccountStates, refuse_in_use, refuse_unreleasable
from orchestrator.accounts.removal import Removal, refuse_removal, removal_steps, remove_account_everywhere
from orchestrator.callers import Identity
from orchestrator.cli.account_options import complete_account_name, confirm_by_name
from orchestrator.cli.app import run
from orchestrator.cli.progress import PlainProgress
from orchestrator.cli.world import World
from orchestrator.errors import ConfirmationNeeded, ConfirmationWrong
from orchestrator.files.workspace import committed
from orchestrator.running.job import AwaitedRole, StackErrorInfo, StackEvent
from orchestrator.stack_id import StackId
from tests.cli.fleet_folder import FakeRunner, Terminal, deploy_on_paper, everybody_known, make_fleet_folder, tools
from tests.unit.orchestrator.fleets import ACCOUNTS, FLEET, LOCK, small_fleet

RESOURCE = {"type": "aws:iam/role:Role"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a repository whose member lab-one has two stacks on record, and whose lock knows every account."""
    make_fleet_folder(tmp_path)
    deploy_on_paper(tmp_path, "bootstrap-subaccount/lab-one", "network/lab-one")
    return tmp_path


@dataclass
class Forgetting:
    """Stands in for the process that forgets: keeps the jobs, and fails for the stack it is told to."""

    failing: str = ""
    jobs: list[ForgetJob] = field(default_factory=list)

    def __call__(self, job: ForgetJob) -> ForgetResult:
        """Forget, or fail."""
        self.jobs.append(job)
        if str(job.id) == self.failing:
            error = StackErrorInfo("FY401", f"{job.id} is locked by another run", "by somebody", "wait")
            return ForgetResult(job.id, Forgotten.FAILED, error=error)
        return ForgetResult(job.id, Forgotten.FORGOTTEN, 1, job.keep_in)


def _states(folder: Path, forget: Callable[[ForgetJob], ForgetResult]) -> AccountStates:
    def call(fn: Callable[[Any], Any], argument: object) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(fn(argument))
        return future

    path = folder / "fleet.yaml"
    manifest = replace(small_fleet(path.read_text()), path=path)
    return AccountStates(manifest, committed(path), replace(tools(FakeRunner()), call=call), forget)


def _write_state(folder: Path, stack: str, **latest: object) -> None:
    file = folder / "state" / ".pulumi" / "stacks" / f"{stack}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"version": 3, "checkpoint": {"latest": latest}}), encoding="utf-8")


# list and show


def test_every_account_is_listed_with_its_state(folder: Path) -> None:
    """Accounts are created, suspended, in the manifest only or in the lock only, with the number of their stacks."""
    text = FLEET.replace("lab-two: {email", "lab-two: {suspended: true, email").replace(
        "      lab-one:", "      lab-new: {email: new@small.example}\n      lab-one:"
    )
    (folder / "fleet.yaml").write_text(text)
    write_lock(folder / "fleet.lock.yaml", replace(LOCK, accounts={**ACCOUNTS, "gone": "400000000004"}))
    told = Terminal(folder).json("accounts", "list")["accounts"]
    assert isinstance(told, list)
    assert {each["name"]: (each["state"], each["stacks"]) for each in told} == {
        "root": ("created", 2),
        "lab-two": ("suspended", 2),
        "lab-new": ("in the manifest only", 2),
        "lab-one": ("created", 4),
        "gone": ("in the lock only", 0),
    }
    terminal = Terminal(folder)
    assert terminal.run("accounts", "list") == 0
    assert "lab-one  200000000002  lab       -      created" in terminal.out.getvalue()


class Children(Executor):
    """Processes that ask AWS: each question has the same answer."""

    def __init__(self, answer: LiveAccounts) -> None:
        self._answer = answer

    def submit(self, _fn: Any, /, *_args: Any, **_more: Any) -> Future[Any]:
        """Answer."""
        future: Future[Any] = Future()
        future.set_result(self._answer)
        return future


def world_of(terminal: Terminal) -> World:
    """Return the world of a terminal, for what takes no command line."""
    return World(
        env={},
        folder=terminal.folder,
        out=terminal.out,
        err=terminal.err,
        ask=terminal._ask if terminal.answers is not None else None,
        choose_engine=terminal._choose,
        open_tools=terminal._open,
        rehearse=terminal.rehearse,
        read_bucket=terminal.read_bucket,
    )


def _live(folder: Path, answer: LiveAccounts, *arguments: str) -> str:
    """Run a command whose questions to AWS have this answer, and return its data."""
    terminal = Terminal(folder)

    @contextmanager
    def children() -> Iterator[Executor]:
        yield Children(answer)

    world = replace(world_of(terminal), open_children=children)
    assert run(arguments, world) == 0, terminal.err.getvalue()
    return terminal.out.getvalue()


def test_aws_is_asked_only_on_request(folder: Path) -> None:
    """With --live the state is AWS's: closed ones and those that left the organisation are told."""
    answer = LiveAccounts({ACCOUNTS["root"]: "ACTIVE", ACCOUNTS["lab-one"]: "PENDING_CLOSURE"})
    told = json.loads(_live(folder, answer, "accounts", "list", "--live", "--format", "json"))["accounts"]
    assert {each["name"]: (each["state"], each["aws_state"]) for each in told} == {
        "root": ("created", "ACTIVE"),
        "lab-two": ("created; not in the organisation", "not in the organisation"),
        "lab-one": ("closed (PENDING_CLOSURE)", "PENDING_CLOSURE"),
    }


def test_a_refusal_of_aws_is_told_beside_the_list(folder: Path) -> None:
    """What AWS does not tell leaves the list as it is without, with AWS's words."""
    said = _live(folder, LiveAccounts(refused="AccessDenied: no"), "accounts", "list", "--live")
    assert said.splitlines()[-1] == "AWS was asked and did not tell: AccessDenied: no"
    said = _live(folder, LiveAccounts(refused="AccessDenied: no"), "accounts", "show", "lab-one", "--live")
    assert "AccessDenied: no" in said


def test_one_account_is_shown_whole(folder: Path) -> None:
    """Roles with who is granted them, people, stacks with their state, and values with their places."""
    terminal = Terminal(folder)
    assert terminal.run("accounts", "show", "lab-one") == 0
    said = terminal.out.getvalue()
    assert said.startswith("lab-one (200000000002) in lab: created\n")
    assert "  Admin: Management-Admin\n" in said
    assert "  Management-Admin: users ops with MFA\n" in said
    assert "  network/lab-one: deployed\n" in said
    assert "  app/lab-one/eu-north-1: absent\n" in said
    assert "fleet.yaml:24" in next(line for line in said.splitlines() if line.startswith("  email: one@small.example"))
    told = Terminal(folder).json("accounts", "show", "lab-one")
    assert told["people"] == {"Management-Admin": "users ops with MFA"}


def test_an_unknown_account_is_told_with_the_nearest(folder: Path) -> None:
    """A wrong name ends with exit code 2 and the name that was probably meant."""
    terminal = Terminal(folder)
    assert terminal.run("accounts", "show", "lab-on") == 2
    assert 'did you mean "lab-one"' in terminal.err.getvalue()


# add, suspend, resume


def test_an_account_is_added_and_the_next_command_told(folder: Path) -> None:
    """The manifest gets one line with all that was given, and nothing else changes."""
    terminal = Terminal(folder)
    options = ("--unit", "lab/deep", "--email", "new@small.example", "--stage", "test", "--tag", "team=red")
    variables = ("--var", "cidr=10.0.0.0/16", "--var", "zones=[2]")
    assert terminal.run("accounts", "add", "lab-new", *options, *variables) == 0, terminal.err.getvalue()
    line = (
        "          lab-new: {email: new@small.example, stage: test, tags: {team: red}, "
        "vars: {cidr: 10.0.0.0/16, zones: [2]}}\n"
    )
    above = "          lab-two: {email: two@small.example, tags: {team: blue}}\n"
    assert (folder / "fleet.yaml").read_text() == FLEET.replace(above, above + line)
    assert "next: fleetyard preview --stack organization, then: fleetyard up" in terminal.out.getvalue()


def test_a_dry_run_prints_the_diff_and_writes_nothing(folder: Path) -> None:
    """--dry-run shows the lines that would be written."""
    terminal = Terminal(folder)
    assert terminal.run("accounts", "add", "new", "--unit", "lab", "--email", "n@small.example", "--dry-run") == 0
    assert "\n+      new: {email: n@small.example}\n" in terminal.out.getvalue()
    told = Terminal(folder).json("accounts", "suspend", "lab-one", "--dry-run")
    assert (told["written"], "suspended: true" in str(told["diff"])) == (False, True)
    assert (folder / "fleet.yaml").read_text() == FLEET


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--email", "one@small.example"), "FY360", "one@small.example"),
        (("--email", "n@small.example", "--id", "100000000001"), "FY360", "100000000001"),
        (("--email", "n@small.example", "--id", "200000000002"), "FY121", "lab-one and of new"),
        (("--email", "n@small.example", "--tag", "red"), "FY", "KEY=VALUE"),
        (("--email", "n@small.example", "--var", "a=1", "--var", "a=2"), "FY", "twice"),
        (("--email", "n@small.example", "--file", "other.yaml"), "FY360", "other.yaml"),
    ],
)
def test_a_second_email_or_id_is_refused(folder: Path, options: tuple[str, ...], code: str, words: str) -> None:
    """One email and one id belong to one account, be it in manifest or lock; nothing is written."""
    terminal = Terminal(folder)
    assert terminal.run("accounts", "add", "new", "--unit", "lab", *options) == 2
    assert code in terminal.err.getvalue()
    assert words in terminal.err.getvalue()
    assert (folder / "fleet.yaml").read_text() == FLEET


def test_suspend_and_resume_undo_each_other(folder: Path) -> None:
    """A suspended account says so, a second time it is told, and resumed the manifest is as it was."""
    terminal = Terminal(folder)
    assert terminal.run("accounts", "suspend", "lab-one") == 0
    assert terminal.run("accounts", "suspend", "lab-one") == 0
    assert "lab-one is already suspended" in terminal.out.getvalue()
    assert "suspended: true" in (folder / "fleet.yaml").read_text()
    assert terminal.run("up", "--yes", "--account", "lab-one") == 0
    assert "left alone" in terminal.out.getvalue()
    assert terminal.runner.ran == []
    assert terminal.run("accounts", "resume", "lab-one") == 0
    assert (folder / "fleet.yaml").read_text() == FLEET


def test_resuming_does_not_take_an_account_out_of_the_suspended_unit(folder: Path) -> None:
    """Runs go on leaving it alone, and that is said in place of a promise."""
    one = "    accounts:\n      lab-one"
    text = FLEET.replace(one, f"  old:\n{one}").replace("accounts: [lab-one]", 'accounts: ["lab-*"]')
    (folder / "fleet.yaml").write_text(f"{text}suspended_unit: old\n")
    terminal = Terminal(folder)
    assert terminal.run("accounts", "resume", "lab-one") == 0, terminal.err.getvalue()
    assert (
        "in old, the suspended unit: runs leave it alone until it is written under another" in terminal.out.getvalue()
    )
    assert "runs work on it" not in terminal.out.getvalue()


def test_resuming_a_released_account_warns(folder: Path) -> None:
    """Whose states were released is told where they are kept, as an up would make everything a second time."""
    (folder / "state" / ".fleetyard" / "released" / "lab-one").mkdir(parents=True)
    terminal = Terminal(folder)
    assert terminal.run("accounts", "suspend", "lab-one") == 0
    assert "second time" not in terminal.err.getvalue()
    assert terminal.run("accounts", "resume", "lab-one") == 0
    assert f"{folder / 'state' / '.fleetyard' / 'released' / 'lab-one'}: put them back" in terminal.err.getvalue()


# waiting for new accounts


def test_only_an_accounts_first_stack_waits(folder: Path) -> None:
    """What is awaited is the role of an account in which nothing is deployed, for as long as was asked."""
    terminal = Terminal(folder)
    assert terminal.run("up", "--yes", "--account-wait", "5") == 0, terminal.err.getvalue()
    awaited = {str(job.id): job.awaited for job in terminal.runner.jobs if job.awaited}
    role = f"arn:aws:iam::{ACCOUNTS['lab-two']}:role/OrganizationAccountAccessRole"
    assert awaited == {"bootstrap-subaccount/lab-two": AwaitedRole(role, 5)}
    assert "bootstrap-subaccount/lab-one" in terminal.runner.ran
    for command in ("preview", "refresh"):
        terminal = Terminal(folder)
        terminal.run(command)
        assert not [job for job in terminal.runner.jobs if job.awaited]


def test_an_account_with_its_own_profile_is_not_waited_for(folder: Path) -> None:
    """Whoever is in the account already needs no role to reach it."""
    (folder / "fleet.yaml").write_text(FLEET.replace("lab-two: {email", "lab-two: {profile: two, email"))

    def identify(environments: Sequence[Mapping[str, str]]) -> list[Identity]:
        ids = {"two": ACCOUNTS["lab-two"]}
        return [
            replace(known, account=ids.get(env["AWS_PROFILE"], known.account))
            for env, known in zip(environments, everybody_known(environments), strict=True)
        ]

    terminal = Terminal(folder, identify=identify)
    assert terminal.run("up", "--yes") == 0, terminal.err.getvalue()
    assert [str(job.id) for job in terminal.runner.jobs if job.awaited] == []
    assert "bootstrap-subaccount/lab-two" in terminal.runner.ran


def test_the_wait_is_told_in_logs(folder: Path) -> None:
    """Where nothing can be drawn a line is written for what is waited for, and none for steps."""
    terminal = Terminal(folder)
    shows = PlainProgress(world_of(terminal))
    stack = StackId("bootstrap-subaccount", "lab-two")
    shows.stepped(StackEvent(stack, "create", "aws:iam/role:Role", "Admin", done=True))
    shows.stepped(StackEvent(stack, WAIT, "account lab-two (3)", "not usable yet after 0 s", done=False))
    assert terminal.err.getvalue() == "  account lab-two (3): not usable yet after 0 s\n"


# release and remove


def test_releasing_forgets_what_rests_on_others_first(folder: Path) -> None:
    """Each stack that is on record is forgotten, its state kept in a file beside the other states."""
    forget = Forgetting()
    states = _states(folder, forget)
    record = states.look("lab-one")
    told: list[ForgetResult] = []
    states.forget_stacks(record.deployed, told.append)
    assert [str(job.id) for job in forget.jobs] == ["network/lab-one", "bootstrap-subaccount/lab-one"]
    assert [result.outcome for result in told] == [Forgotten.FORGOTTEN] * 2
    kept = forget.jobs[0].keep_in
    assert kept.parent == folder / "state" / ".fleetyard" / "released" / "lab-one"
    assert kept.name.endswith("-network.lab-one.json")


def test_a_release_cut_short_tells_what_is_left(folder: Path) -> None:
    """It stops at the first stack that cannot be forgotten, naming it, why, and what was not done."""
    forget = Forgetting(failing="network/lab-one")
    states = _states(folder, forget)
    with pytest.raises(ReleaseIncomplete, match="network/lab-one") as stopped:
        states.forget_stacks(states.look("lab-one").deployed, lambda _result: None)
    assert stopped.value.why == "by somebody"
    assert stopped.value.not_run == "bootstrap-subaccount/lab-one"
    assert len(forget.jobs) == 1


def test_a_process_that_dies_is_told(folder: Path) -> None:
    """Whatever becomes of the process that forgets, the answer is an error of ours."""

    def dying(_job: ForgetJob) -> ForgetResult:
        raise OSError("it was killed")

    states = _states(folder, dying)
    with pytest.raises(ReleaseIncomplete, match="it was killed"):
        states.forget_stacks(states.look("lab-one").deployed, lambda _result: None)


def test_locked_interrupted_and_damaged_stacks_are_all_named(folder: Path) -> None:
    """A release is refused while any stack is locked, has operations pending, or cannot be read."""
    locks = folder / "state" / ".pulumi" / "locks" / "organization" / "bootstrap-subaccount" / "lab-one"
    locks.mkdir(parents=True)
    holder = {"pid": 1, "username": "ann", "hostname": "elsewhere", "timestamp": "2026-11-21T10:00:00Z"}
    (locks / "a.json").write_text(json.dumps(holder))
    _write_state(folder, "network/lab-one", resources=[RESOURCE], pending_operations=[{"type": "creating"}])
    (folder / "state" / ".pulumi" / "stacks" / "app").mkdir()
    (folder / "state" / ".pulumi" / "stacks" / "app" / "lab-one.eu-west-1.json").write_text("{")
    record = _states(folder, Forgetting()).look("lab-one")
    with pytest.raises(NotReleasable) as refused:
        refuse_unreleasable(record)
    assert "bootstrap-subaccount/lab-one is locked by ann@elsewhere" in refused.value.why
    assert "network/lab-one was interrupted in 1 steps" in refused.value.why
    assert "the state of app/lab-one/eu-west-1 is damaged" in refused.value.why
    assert "--clear-pending-creates --stack network/lab-one" in refused.value.hint


def test_removing_is_refused_while_stacks_run(folder: Path) -> None:
    """Every stack is named with what it holds, those too that the manifest has no more; nothing is touched."""
    _write_state(folder, "old-program/lab-one.eu-west-1", resources=[RESOURCE])
    states = _states(folder, Forgetting())
    with pytest.raises(AccountInUse) as refused:
        refuse_removal(states.look("lab-one"))
    assert "network/lab-one (1 resource)" in refused.value.subject
    assert "old-program/lab-one/eu-west-1 (not in the manifest any more)" in refused.value.subject
    assert "fleetyard accounts release lab-one" in refused.value.hint
    terminal = Terminal(folder)
    assert terminal.run("accounts", "remove", "lab-one", "--yes") == 2
    assert "FY367" in terminal.err.getvalue()
    assert (folder / "fleet.yaml").read_text() == FLEET
    refuse_in_use(states.look("lab-two"))


def _removal(folder: Path, states: AccountStates, name: str) -> Removal:
    editor = ManifestEditor(folder / "fleet.yaml")
    editor.remove(name)
    return Removal(name, states.lock.accounts[name], states.look(name), editor.finish())


def test_removing_takes_it_out_of_manifest_state_and_lock(folder: Path) -> None:
    """Empty states go, then the manifest's lines, the account's resource in the organisation's state, and the lock."""
    _write_state(folder, "network/lab-two", resources=[])
    forget = Forgetting()
    states = _states(folder, forget)
    remove_account_everywhere(
        _removal(folder, states, "lab-two"), states, folder / "fleet.lock.yaml", lambda _result: None
    )
    assert [(str(job.id), job.only) for job in forget.jobs] == [
        ("network/lab-two", None),
        ("organization/root", ("aws:organizations/account:Account", ACCOUNTS["lab-two"])),
    ]
    assert "lab-two" not in (folder / "fleet.yaml").read_text()
    assert dict(load_lock(folder / "fleet.lock.yaml").accounts) == {k: v for k, v in ACCOUNTS.items() if k != "lab-two"}


def test_empty_states_of_stacks_that_the_manifest_lacks_go_too(folder: Path) -> None:
    """They are forgotten by a project of their own, as no program goes with them any more, and named before."""
    _write_state(folder, "late/lab-two.eu-west-1", resources=[])
    forget = Forgetting()
    states = _states(folder, forget)
    removal = _removal(folder, states, "lab-two")
    assert [str(each) for each in removal.record.hollow] == ["late/lab-two/eu-west-1"]
    assert "remove the empty state of late/lab-two/eu-west-1, which the manifest has no more" in removal_steps(removal)
    told: list[ForgetResult] = []
    remove_account_everywhere(removal, states, folder / "fleet.lock.yaml", told.append)
    job = forget.jobs[0]
    assert (str(job.id), job.only, job.stack.project) == ("late/lab-two/eu-west-1", None, "late")
    assert job.stack.project_file.read_text() == "name: late\nruntime: python\n"
    assert job.stack.backend_url == committed(folder / "fleet.yaml").backend_url
    assert [str(each.id) for each in told] == ["late/lab-two/eu-west-1", "organization/root"]
    failing = _states(folder, Forgetting(failing="late/lab-two/eu-west-1"))
    with pytest.raises(ReleaseIncomplete, match="late/lab-two/eu-west-1"):
        failing.forget_orphans(removal.record.hollow, lambda _result: None)


def test_a_release_forgets_what_the_manifest_lacks_too(folder: Path) -> None:
    """The dry run names it, and its state is kept as that of any other stack; nobody else could forget it."""
    _write_state(folder, "late/lab-one", resources=[RESOURCE])
    terminal = Terminal(folder)
    assert terminal.run("accounts", "release", "lab-one", "--dry-run") == 0
    assert "would forget late/lab-one, which the manifest has no more, and keep 1" in terminal.out.getvalue()
    stacks = Terminal(folder).json("accounts", "release", "lab-one", "--dry-run")["stacks"]
    assert stacks == ["network/lab-one", "bootstrap-subaccount/lab-one", "late/lab-one"]
    forget = Forgetting()
    states = _states(folder, forget)
    (result,) = states.forget_orphans(states.look("lab-one").unplanned, lambda _result: None)
    assert result.kept is not None
    assert result.kept.parent == folder / "state" / ".fleetyard" / "released" / "lab-one"


def test_a_removal_cut_short_goes_on(folder: Path) -> None:
    """When the state could not be changed the lock still knows the account, by which the same command goes on."""
    states = _states(folder, Forgetting(failing="organization/root"))
    removal = _removal(folder, states, "lab-two")
    with pytest.raises(ReleaseIncomplete):
        remove_account_everywhere(removal, states, folder / "fleet.lock.yaml", lambda _result: None)
    assert "lab-two" in load_lock(folder / "fleet.lock.yaml").accounts
    forget = Forgetting()
    states = _states(folder, forget)
    again = Removal("lab-two", states.lock.accounts["lab-two"], states.look("lab-two"), None)
    remove_account_everywhere(again, states, folder / "fleet.lock.yaml", lambda _result: None)
    assert [str(job.id) for job in forget.jobs] == ["organization/root"]
    assert "lab-two" not in load_lock(folder / "fleet.lock.yaml").accounts


def test_a_dry_run_of_release_and_remove_touches_nothing(folder: Path) -> None:
    """Both say what they would do."""
    terminal = Terminal(folder)
    assert terminal.run("accounts", "release", "lab-one", "--dry-run") == 0
    assert "would forget network/lab-one, and keep 1 resource in AWS" in terminal.out.getvalue()
    assert terminal.run("accounts", "remove", "lab-two", "--dry-run") == 0
    assert "-          lab-two: {email: two@small.example, tags: {team: blue}}" in terminal.out.getvalue()
    assert (folder / "fleet.yaml").read_text() == FLEET


@pytest.mark.parametrize(
    ("answers", "error"), [(None, ConfirmationNeeded), (["y"], ConfirmationWrong), (["lab-two"], ConfirmationWrong)]
)
def test_both_are_confirmed_by_the_accounts_name(
    folder: Path, answers: list[str] | None, error: type[Exception]
) -> None:
    """Without --yes the account's name has to be typed; where nobody can be asked nothing is done."""
    terminal = Terminal(folder, answers=answers)
    assert terminal.run("accounts", "release", "lab-one") == 2
    assert getattr(error, "code") in terminal.err.getvalue()  # noqa: B009  (a class of either kind)
    assert (folder / "fleet.yaml").read_text() == FLEET


def test_a_typed_name_confirms(folder: Path) -> None:
    """The account's own name, typed, is a yes."""
    terminal = Terminal(folder, answers=["lab-one"])
    world = world_of(terminal)
    confirm_by_name(world, "lab-one", "This forgets lab-one.", "releasing", yes=False)
    assert terminal.asked == ["This forgets lab-one.\nType the account's name to go on: "]


def test_account_names_are_completed(folder: Path) -> None:
    """The shell completes the manifest's accounts, and nothing where there is no manifest."""

    @dataclass
    class Context:
        params: Mapping[str, object]
        obj: None = None

    context: Any = Context({"fleet": folder / "fleet.yaml"})
    assert complete_account_name(context, "lab") == ["lab-one", "lab-two"]
    assert complete_account_name(Context({"fleet": folder / "none.yaml"}), "lab") == []  # type: ignore[arg-type]
