"""docs/your-own-aws.md: its commands are typed as they stand, from an empty management account to the way out again.

In the copy of the repository the sample's manifest has fewer accounts, which saves most of the time. The account is a
twin without an organisation, and its administrator has the policy of the page and nothing else. What the page has done
in the console or with `aws configure` is done here by this file.
"""

from __future__ import annotations

import configparser
import json
import re
import subprocess
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import botocore.session
import pyotp
import pytest

from landing_zone.fleet import Manifest
from landing_zone.lock import load_lock
from landing_zone.manifest import load_manifest, parse_manifest
from orchestrator.composition import ready_for_rehearsal, start_twin
from orchestrator.rehearse.access import Access, Credentials
from orchestrator.rehearse.people import CODE_SECONDS, Person
from orchestrator.rehearse.proofs.inventory import Inventory, difference, take_inventory
from orchestrator.rehearse.proofs.proof import Proof
from orchestrator.rehearse.proofs.reach import ReachQuestion, prove_reach
from orchestrator.rehearse.sequence import sign_in_to_role
from rehearsal.twin.actions.s3 import OTHER_NAMES
from rehearsal.twin.run_file import RUN_FILE_VARIABLE, TwinRun
from tests.support.aws_command import command_file
from tests.support.page_typist import Block, Typist, blocks, clean_environment, copy_repository, typist
from tests.support.repository import ROOT

PAGE = (ROOT / "docs" / "your-own-aws.md").read_text(encoding="utf-8")
BLOCKS = blocks(PAGE)
SAMPLE = Path("examples", "acme", "fleet.yaml")
CORE_LEFT_OUT = ("security", "identity", "network", "dns", "auto", "artifacts")
LEFT_OUT = (*(f"core-{name}" for name in CORE_LEFT_OUT), "plat-staging", "plat-sandbox")
ADMINISTRATOR_PROFILE = "acme-administrator"
GIT_NAMES = ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL")
SEED = "ops-mfa-seed.txt"

pytestmark = pytest.mark.timeout(400)


def smaller_sample() -> str:
    """Return the sample's manifest with four of its accounts."""
    lines = (ROOT / SAMPLE).read_text(encoding="utf-8").splitlines(keepends=True)
    kept = "".join(line for line in lines if not line.lstrip().startswith(LEFT_OUT))
    kept = re.sub(r"    units:\n      labs:.*\n        accounts:\n", "", kept)
    return kept.replace(", sandbox]", "]").replace(", staging]", "]").replace('[core-network, "plat-*"]', '["plat-*"]')


def step_of(block: Block) -> str:
    """Return the number of the section a block stands in; `out` for those of the way out, which have none."""
    number = re.match(r"(\d+)\. ", block.heading)
    return number[1] if number else "out"


@dataclass
class Walk:
    """What came of typing the page. `said` and `calls` are by section; inventories are by member account."""

    clone: Path
    home: Path
    env: dict[str, str]
    access: Access
    administrator: Credentials
    said: dict[str, str] = field(default_factory=lambda: defaultdict(str))
    calls: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    before: dict[str, Inventory] = field(default_factory=dict)
    after: dict[str, Inventory] = field(default_factory=dict)
    denials: list[dict[str, str]] = field(default_factory=list)
    reach: Proof | None = None
    developer: str = ""
    uncommitted: str = "not looked at"
    committed: str = ""
    seed: str = ""

    @property
    def manifest(self) -> Manifest:
        """The manifest of the copy."""
        return load_manifest(self.clone / "fleet.yaml")

    @property
    def accounts(self) -> dict[str, str]:
        """The ids of all accounts."""
        return dict(load_lock(self.clone / "fleet.lock.yaml").accounts)

    def profile(self, name: str) -> Credentials:
        """Return the keys of a profile."""
        parser = configparser.RawConfigParser()
        parser.read(self.home / ".aws" / "credentials", encoding="utf-8")
        section = parser[name]
        token = section.get("aws_session_token", "")
        return Credentials(section["aws_access_key_id"], section["aws_secret_access_key"], token)

    def inventories(self) -> dict[str, Inventory]:
        """Return what each member account holds."""
        return {
            account.name: take_inventory(self.access, self.access.assume(self.administrator, arn, "looks"))
            for account in self.manifest.members
            for arn in [f"arn:aws:iam::{self.accounts[account.name]}:role/OrganizationAccountAccessRole"]
        }


def ask(run: TwinRun, what: str) -> Any:
    """Return one of the twin's own records."""
    request = urllib.request.Request(f"{run.endpoint}/_fleetyard/{what}", headers={"X-Fleetyard-Token": run.token})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def enter_administrator(walk: Walk) -> None:
    """Make the page's administrator, as its section 2 does in the console, and put the key into its profile."""
    iam = walk.access.client("iam", walk.administrator)
    (policy,) = (block.text for block in BLOCKS if block.language == "json")
    arn = iam.create_policy(PolicyName="of-the-page", PolicyDocument=policy)["Policy"]["Arn"]
    iam.create_user(UserName="administrator-of-the-page")
    iam.attach_user_policy(UserName="administrator-of-the-page", PolicyArn=arn)
    key = iam.create_access_key(UserName="administrator-of-the-page")["AccessKey"]
    folder = walk.home / ".aws"
    folder.mkdir(parents=True)
    (folder / "config").write_text(f"[profile {ADMINISTRATOR_PROFILE}]\nregion = eu-west-1\n", encoding="utf-8")
    (folder / "credentials").write_text(
        f"[{ADMINISTRATOR_PROFILE}]\naws_access_key_id = {key['AccessKeyId']}\n"
        f"aws_secret_access_key = {key['SecretAccessKey']}\n",
        encoding="utf-8",
    )


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    """Type all shell blocks of the page on an empty twin, looking at what came of them on the way."""
    folder = tmp_path_factory.mktemp("own-aws")
    clone, home, scratch = folder / "clone", folder / "home", folder / "blocks"
    scratch.mkdir()
    copy_repository(clone)
    (clone / SAMPLE).write_text(smaller_sample(), encoding="utf-8")
    alone = "".join(line for line in smaller_sample().splitlines(keepends=True) if not line.startswith("imports:"))
    manifest = parse_manifest(alone, clone / SAMPLE)
    with start_twin(manifest.management_account.id, folder / "twin.json", region=manifest.region) as twin:
        ready_for_rehearsal(twin.run, {})  # the page is typed faster than a device gives new codes
        key = twin.run.administrator
        env = clean_environment(home) | {
            RUN_FILE_VARIABLE: str(folder / "twin.json"),
            "AWS_ENDPOINT_URL": twin.run.endpoint,
            "AWS_EC2_METADATA_DISABLED": "true",
            **{
                f"GIT_{who}_{what}": "ops@acme.example" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
            },
        }
        env["PATH"] = f"{command_file(folder).parent}:{env['PATH']}"
        access = Access(twin.run.endpoint, twin.run.region)
        walked = Walk(clone, home, env, access, Credentials(key.access_key_id, key.secret_access_key))
        enter_administrator(walked)
        git(walked, "init", "--quiet")
        git(walked, "add", "--all")
        git(walked, "commit", "--quiet", "-m", "A clone")
        with typist(clone, env, scratch) as shell:
            type_page(walked, shell, twin.run)
        walked.after = walked.inventories()
        yield walked


def git(walk: Walk, *words: str) -> str:
    """Run git in the copy and return what it said."""
    return subprocess.run(
        ["git", *words], cwd=walk.clone, env=walk.env, check=True, capture_output=True, text=True
    ).stdout


def type_page(walk: Walk, shell: Typist, run: TwinRun) -> None:
    """Type each shell block, and look around where the page has reached something."""
    typed = [block for block in BLOCKS if block.language == "shell"]
    for block, following in zip(typed, [*typed[1:], None], strict=True):
        before, refused = ask(run, "calls"), ask(run, "denials?limit=500")
        walk.said[block.heading] += shell.type(block.text, typed_in=codes_for(walk, block))
        counted = ask(run, "calls")
        walk.calls[step_of(block)] |= {name for name, count in counted.items() if count != before.get(name)}
        now_refused = ask(run, "denials?limit=500")
        walk.denials += now_refused[: len(now_refused) - len(refused)]
        if following is None or following.heading != block.heading:
            look_around(walk, step_of(block))


def codes_for(walk: Walk, block: Block) -> str:
    """Return the codes that a block asks for, from the seed that the page had put into a file."""
    if "read -rp" not in block.text:
        return ""
    if not walk.seed:
        walk.seed = (walk.clone / SEED).read_text(encoding="utf-8")
    now, codes = datetime.now(tz=UTC), pyotp.TOTP(walk.seed)
    earlier = f"{codes.at(now - timedelta(seconds=CODE_SECONDS))} " if "Two codes" in block.text else ""
    return f"{earlier}{codes.at(now)}\n"


def look_around(walk: Walk, step: str) -> None:
    """Note what the page has brought about at the end of a section."""
    if step == "6":
        walk.before = walk.inventories()
    if step == "9":
        walk.uncommitted = git(walk, "status", "--porcelain")
        walk.committed = git(walk, "grep", "--text", "--no-color", "-h", "-e", "", "HEAD", "--", "state", "*.yaml")
    if step == "10":
        walk.reach = reach(walk)
        walk.developer = developer_profile(walk)


def reach(walk: Walk) -> Proof:
    """Ask STS for every pair of management role and member role, as `ops` with the key and device of the page."""
    manifest, accounts = walk.manifest, walk.accounts
    management = manifest.management_account
    ops = Person("ops", walk.profile("acme-ops"), f"arn:aws:iam::{management.id}:mfa/ops", walk.seed)
    question = ReachQuestion(
        {role: sign_in_to_role(walk.access, manifest, [ops], role) for role in manifest.management_roles},
        {account.name: accounts[account.name] for account in manifest.members},
        tuple(manifest.roles),
        manifest.reach(),
        (management.name, management.id),
    )
    return prove_reach(walk.access, question)


def developer_profile(walk: Walk) -> str:
    """Return whom botocore becomes with a profile that asks for a code, as the AWS CLI would."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ENDPOINT_URL", walk.access.endpoint)
        environment.setenv("AWS_CONFIG_FILE", str(walk.home / ".aws" / "config"))
        environment.setenv("AWS_SHARED_CREDENTIALS_FILE", str(walk.home / ".aws" / "credentials"))
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
            environment.delenv(name, raising=False)
        session = botocore.session.Session(profile="acme/Management-Developer/plat-dev/Admin")
        provider: Any = session.get_component("credential_provider").get_provider("assume-role")
        provider._prompter = lambda _question: pyotp.TOTP(walk.seed).now()
        return str(session.create_client("sts").get_caller_identity()["Arn"])


def states_in(said: str) -> dict[str, str]:
    """Return what `fleetyard status` said of each stack."""
    return dict(re.findall(r"^(\S+/\S+) +\d{12} +(\w+) +\d+ +\w+ succeeded ", said, re.MULTILINE))


def test_every_stack_is_deployed(walk: Walk) -> None:
    """After section 10 the state of every stack of the manifest says that it is deployed."""
    states = states_in(walk.said["10. From now on"])
    assert set(states.values()) == {"deployed"}
    assert len(states) == 8


def test_nothing_would_change_afterwards(walk: Walk) -> None:
    """`preview --expect-no-changes` of section 10 finds all eight stacks unchanged."""
    assert "preview: 8 unchanged" in walk.said["10. From now on"]


def test_people_reach_what_the_manifest_grants(walk: Walk) -> None:
    """Of all pairs of management role and member role STS allows the granted ones, and refuses every other."""
    assert walk.reach is not None
    assert walk.reach.passed, walk.reach.detail


def test_the_profiles_lead_into_the_accounts(walk: Walk) -> None:
    """Built on the session, and built on the key with a code of the device, profiles sign as Admin of plat-dev."""
    arn = f"arn:aws:sts::{walk.accounts['plat-dev']}:assumed-role/Admin/ops"
    assert arn in walk.said["8. Sign in as Management-Admin"]
    assert walk.developer == arn


def test_what_is_to_be_committed_is_committed(walk: Walk) -> None:
    """The page's commits leave nothing over, and neither a key nor a token of the page is in them."""
    assert walk.uncommitted == ""
    assert "core-root" in walk.committed
    for profile in (ADMINISTRATOR_PROFILE, "acme-ops", "acme-management-admin"):
        keys = walk.profile(profile)
        assert keys.secret_access_key not in walk.committed
        assert not keys.session_token or keys.session_token not in walk.committed


def test_the_way_out_leaves_nothing_in_member_accounts(walk: Walk) -> None:
    """After the last section every member account holds what it held when AWS had made it; the foundation is kept."""
    assert len(walk.before) == 3
    assert {name: difference(walk.before[name], walk.after[name]) for name in walk.before} == {
        name: [] for name in walk.before
    }
    states = states_in(walk.said["The log archive"])
    assert len(states) == 8
    assert {name for name, state in states.items() if state != "empty"} == {
        "organization/core-root",
        "bootstrap/core-root",
    }


FREE = "sts:GetCallerIdentity"
"""Needs no permission. Source: STS API Reference, GetCallerIdentity."""

SIGN_IN = "signin:getSigninToken"
"""Needs the session only. Source: IAM User Guide, "Enable custom identity broker access to the AWS console"."""

UNSIGNED = "s3:ListAllMyBuckets"
"""What the twin takes `doctor`'s unsigned question for the time for, which on AWS goes to STS."""

NAMED_OTHERWISE = {"s3:DeleteObjects": "s3:DeleteObject"}
"""Beside those the twin knows. Source: Amazon S3 User Guide, required permissions for S3 API operations."""

ASKED_BESIDES = {
    "cloudtrail:AddTags",
    "ec2:CreateTags",
    "iam:CreateServiceLinkedRole",
    "iam:PassRole",
    "iam:TagRole",
    "kms:GenerateDataKey",
    "kms:TagResource",
    "logs:TagResource",
    "organizations:RegisterDelegatedAdministrator",
    "organizations:TagResource",
    "s3:BypassGovernanceRetention",
    "s3:DeleteObjectVersion",
    "ssm:AddTagsToResource",
}
"""Actions that AWS asks for along with a call of another name, so that no call is counted for them.

Source: Service Authorization Reference, the pages of these services, "dependent actions" and tags on creation; Amazon
S3 User Guide, "Using server-side encryption with AWS KMS keys (SSE-KMS)", "Object Lock considerations".
"""


def action_of(call: str) -> str:
    """Return the IAM action that a call asks for."""
    service, _, operation = call.partition(":")
    if service == "s3" and operation in OTHER_NAMES:
        return f"s3:{OTHER_NAMES[operation]}"
    return NAMED_OTHERWISE.get(call, call)


def documented_actions() -> dict[str, dict[str, set[str]]]:
    """Return the page's table of permissions: by step and caller, the patterns of actions."""
    rows = re.findall(r"^\| (\d+|out) \| ([^|]+) \| [^|]+ \| ([^|]+) \|$", PAGE, re.MULTILINE)
    table: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for step, caller, actions in rows:
        table[step][caller] |= set(re.findall(r"`([a-z0-9]+:\w+\*?)`", actions))
    return table


def test_the_table_of_permissions_is_what_the_twin_was_asked_for(walk: Walk) -> None:
    """Each call that the twin counted in a step is in that step's rows, and no action is there without a call."""
    wrong = {}
    for step, calls in walk.calls.items():
        asked = {action_of(call) for call in calls} - {FREE, SIGN_IN, UNSIGNED}
        patterns = set().union(*documented_actions()[step].values())
        missing = {action for action in asked if not any(fnmatchcase(action, one) for one in patterns)}
        idle = {one for one in patterns - ASKED_BESIDES - asked if not one.endswith("*")}
        wrong[step] = (missing, idle)
    assert wrong == {step: (set(), set()) for step in wrong}
    assert set(documented_actions()) - set(wrong) == set()


def test_nobody_was_refused_anything(walk: Walk) -> None:
    """The twin refused no signed request on the way: the permissions are enough, and no refusal was passed over."""
    assert [denial for denial in walk.denials if denial["message"] != "no credentials"] == []


def test_the_policy_allows_what_the_table_says() -> None:
    """Each action of the administrator in the table is allowed by the policy of the page."""
    (text,) = (block.text for block in BLOCKS if block.language == "json")
    allowed = [action for statement in json.loads(text)["Statement"] for action in listed(statement["Action"])]
    named = {action for callers in documented_actions().values() for action in callers["administrator"]}
    assert named
    assert {action for action in named if not any(fnmatchcase(action, one) for one in allowed)} == set()


def listed(value: str | list[str]) -> list[str]:
    """Return one or many as many."""
    return [value] if isinstance(value, str) else value


def test_the_figures_of_the_sample_are_the_samples() -> None:
    """The numbers of accounts and networks that the costs rest on are those of the sample's manifest."""
    sample = load_manifest(ROOT / SAMPLE)
    words = {5: "five"}
    assert f"The sample has {len(sample.accounts)}." in PAGE
    assert f"| {len(sample.accounts)} accounts | nothing |" in PAGE
    assert f"{words[len(sample.workloads['network'].accounts)]} networks." in PAGE
