"""Adopting an organisation that was made by plain calls: read, written down, taken into the state, never changed."""

from __future__ import annotations

import io
import json
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from landing_zone.lock import load_lock
from landing_zone.manifest import load_manifest
from orchestrator import composition
from orchestrator.cli.app import run
from orchestrator.cli.world import World, real_world
from orchestrator.running.job import EngineKind
from orchestrator.tools import Tools
from rehearsal.twin.client import count_calls
from rehearsal.twin.process import TwinOptions, start_twin
from tests.support.repository import ROOT
from tests.support.twin_fixtures import MANAGEMENT, Keys, RunningTwin, TwinAws, document

READS = ("Describe", "List", "Get")
DENY = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]}
FIRST = ("--organization", "old", "--region", "eu-west-1", "--administrator", "adm", "--management", "man")


@dataclass(frozen=True)
class Company:
    """An organisation on a twin of its own, and an empty folder for its fleet."""

    folder: Path
    aws: TwinAws
    env: Mapping[str, str]
    ids: dict[str, str]
    before: dict[str, int]
    tools: Tools
    """One warm pool for all commands."""
    done: dict[str, Any] = field(default_factory=dict)
    after: dict[str, int] = field(default_factory=dict)

    @property
    def organizations(self) -> Any:
        """Organizations as the administrator."""
        return self.aws.client("organizations")

    def account(self, name: str, parent: str = "", **tags: str) -> str:
        """Make an account, in the root unless told otherwise."""
        made = self.organizations.create_account(
            AccountName=name,
            Email=f"{name.replace(' ', '-').lower()}@old.example",
            Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
        )
        account_id = str(made["CreateAccountStatus"]["AccountId"])
        if parent:
            self.organizations.move_account(
                AccountId=account_id, SourceParentId=self.ids["root"], DestinationParentId=parent
            )
        self.ids[name] = account_id
        return account_id

    def unit(self, name: str, parent: str, **tags: str) -> str:
        """Make a unit."""
        given = [{"Key": key, "Value": value} for key, value in tags.items()]
        made = self.organizations.create_organizational_unit(ParentId=parent, Name=name, Tags=given)
        return str(made["OrganizationalUnit"]["Id"])

    def fleetyard(self, *arguments: str) -> tuple[int, str, str]:
        """Run a command in the fleet's folder; returns its exit code, what it gave and what it said."""
        out, err = io.StringIO(), io.StringIO()
        real = real_world()
        world = World(
            env=self.env,
            folder=self.folder,
            out=out,
            err=err,
            ask=None,
            choose_engine=real.choose_engine,
            open_tools=lambda _env, _engine, _concurrency: nullcontext(self.tools),
            rehearse=real.rehearse,
            read_bucket=real.read_bucket,
        )
        return run(arguments, world), out.getvalue(), err.getvalue()

    def json(self, *arguments: str) -> dict[str, Any]:
        """Run a command that succeeds and return its data."""
        code, out, err = self.fleetyard(*arguments, "--format", "json")
        assert code == 0, err
        return dict(json.loads(out))

    def writes(self) -> dict[str, int]:
        """Return how often each call was made that is no read."""
        calls = count_calls(self.aws.run)
        return {
            call: count
            for call, count in calls.items()
            if not call.partition(":")[2].startswith(READS) and not call.startswith("sts:")
        }


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """Return a company whose organisation was made by hand, and is adopted: in `done`, with the writes before it."""
    folder = tmp_path_factory.mktemp("company")
    fleet = folder / "fleet"
    fleet.mkdir()
    for program in ("organization", "bootstrap", "bootstrap-subaccount"):
        shutil.copytree(ROOT / program, fleet / program, ignore=shutil.ignore_patterns("__pycache__", "Pulumi.*.yaml"))
    shutil.copy(ROOT / "Pulumi.yaml", fleet)
    run_file = folder / "twin.json"
    with start_twin(TwinOptions(management_account_id=MANAGEMENT, run_file=run_file, warm_up=False)) as twin:
        running, aws = RunningTwin(twin.run, run_file), TwinAws(twin.run)
        env = _environment(folder, running, _adopter(aws))
        with composition.open_tools(env, composition.choose_engine(env, EngineKind.EMBEDDED)) as tools:
            found = Company(fleet, aws, env, {}, {}, tools)
            _make_by_hand(found)
            found.before.update(found.writes())
            found.done.update(found.json("accounts", "adopt", "--all", *FIRST, "--yes"))
            found.after.update(found.writes())
            yield found


def _adopter(aws: TwinAws) -> Keys:
    """Return the key of somebody who has exactly the permissions that the page asks for."""
    page = (ROOT / "docs" / "adopt.md").read_text(encoding="utf-8")
    words = re.findall(r"`(?:organizations:)?((?:Describe|List)[A-Za-z]+)`", page)
    allowed = {"Effect": "Allow", "Action": [f"organizations:{word}" for word in words], "Resource": "*"}
    iam = aws.client("iam")
    iam.create_user(UserName="adopter")
    iam.put_user_policy(UserName="adopter", PolicyName="page", PolicyDocument=document(allowed))
    key = iam.create_access_key(UserName="adopter")["AccessKey"]
    return Keys(key["AccessKeyId"], key["SecretAccessKey"])


def _environment(folder: Path, twin: RunningTwin, keys: Keys) -> dict[str, str]:
    lines = ["[adm]", f"aws_access_key_id={keys.access_key_id}", f"aws_secret_access_key={keys.secret_access_key}", ""]
    (folder / "credentials").write_text("\n".join(lines), encoding="utf-8")
    (folder / "config").write_text("", encoding="utf-8")
    reached = {name: value for name, value in twin.environment(Keys("", "")).items() if "KEY" not in name}
    return {
        **reached,
        "AWS_CONFIG_FILE": str(folder / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(folder / "credentials"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "PULUMI_CONFIG_PASSPHRASE": "a test's",
        "PULUMI_HOME": str(folder / "pulumi"),
        "HOME": str(folder),
    }


def _make_by_hand(company: Company) -> None:
    organizations = company.organizations
    organizations.create_organization(FeatureSet="ALL")
    root = company.ids["root"] = str(organizations.list_roots()["Roots"][0]["Id"])
    platform = company.ids["Platform"] = company.unit("Platform", root, owner="ops")
    europe = company.unit("EU/West", platform)
    company.unit("Empty", root)
    archive = company.account("Log Archive", platform, stage="prod", cost="1")
    company.account("shop-dev", europe)
    company.account("loner")
    for service in ("sso.amazonaws.com", "guardduty.amazonaws.com"):
        organizations.enable_aws_service_access(ServicePrincipal=service)
    organizations.register_delegated_administrator(AccountId=archive, ServicePrincipal="guardduty.amazonaws.com")
    made = organizations.create_policy(
        Name="by-hand", Description="", Type="SERVICE_CONTROL_POLICY", Content=json.dumps(DENY)
    )
    company.ids["policy"] = str(made["Policy"]["PolicySummary"]["Id"])


def test_a_whole_organisation_is_adopted_and_nothing_in_aws_changes(company: Company) -> None:
    """From an empty folder to a manifest, a lock and a state, with the page's rights to read; the rest is named."""
    assert company.after == company.before
    done = company.done
    assert done["imported"] == 1 + 3 + 3  # the organisation, its units, its accounts
    assert done["without_stage"] == ["loner", "shop-dev"]
    assert done["left_alone"]["policies"] == {company.ids["policy"]: "by-hand"}
    assert done["left_alone"]["delegated_administrators"] == {company.ids["Log Archive"]: ["guardduty.amazonaws.com"]}
    manifest = load_manifest(company.folder / "fleet.yaml")
    archive = manifest.account("Log-Archive")
    assert (archive.aws_name, archive.stage, archive.unit) == ("Log Archive", "prod", "Platform")
    assert archive.tags == {"cost": "1", "stage": "prod"}
    assert manifest.account("shop-dev").unit == "Platform/EU-West"
    assert manifest.account("loner").unit == "root"
    assert load_lock(company.folder / "fleet.lock.yaml").accounts["shop-dev"] == company.ids["shop-dev"]
    settings = next(company.folder.glob("Pulumi.*.yaml")).read_text(encoding="utf-8")
    assert company.ids["shop-dev"] not in settings


def test_a_preview_afterwards_is_clean(company: Company) -> None:
    """Neither the next preview nor discover has anything to say."""
    code, out, err = company.fleetyard("preview", "--stack", "organization/*", "--expect-no-changes")
    assert code == 0, out + err
    assert company.json("accounts", "discover")["differences"] == []


def test_where_nothing_is_left_to_adopt_nothing_is_asked(company: Company) -> None:
    """All of it, or an account of it: without --yes and without a terminal it says so, and ends well."""
    files = [company.folder / "fleet.yaml", company.folder / "fleet.lock.yaml"]
    before = [(file.read_bytes(), file.stat().st_mtime_ns) for file in files]
    for which in ("--all", "shop-dev"):
        code, out, err = company.fleetyard("accounts", "adopt", which)
        assert (code, out.startswith("Nothing to adopt from o-")) == (0, True), out + err
    again = company.json("accounts", "adopt", "--all")
    assert (again["adopted"], again["nothing_to_adopt"], again["files"]) == (False, True, [])
    assert [(file.read_bytes(), file.stat().st_mtime_ns) for file in files] == before


def test_an_adoption_that_was_cut_short_goes_on(company: Company) -> None:
    """With the manifest written and nothing in the state, the same command takes all in and writes no line anew."""
    fleet, lock = company.folder / "fleet.yaml", company.folder / "fleet.lock.yaml"
    text, accounts = fleet.read_text(encoding="utf-8"), load_lock(lock).accounts
    shutil.rmtree(company.folder / "state")
    lock.unlink()
    writes = company.writes()
    for command in (("preview",), ("up", "--yes")):
        code, _, err = company.fleetyard(*command, "--stack", "organization/*")
        assert (code, "FY381" in err, "next: fleetyard accounts adopt --all" in err) == (2, True, True)
    again = company.json("accounts", "adopt", "--all", "--yes")
    assert (again["imported"], again["accounts"], again["units"]) == (1 + 3 + len(accounts) - 1, {}, [])
    assert (fleet.read_text(encoding="utf-8"), load_lock(lock).accounts) == (text, accounts)
    assert company.writes() == writes


def test_what_would_change_is_named_and_nothing_is_written(company: Company) -> None:
    """A manifest that says another tag than AWS is refused before anything is written, here or there."""
    fleet = company.folder / "fleet.yaml"
    text = fleet.read_text(encoding="utf-8")
    changed = text.replace("owner: ops", "owner: dev")
    fleet.write_text(changed, encoding="utf-8")
    writes = company.writes()
    try:
        code, _, err = company.fleetyard("accounts", "adopt", "--all", "--yes")
        assert fleet.read_text(encoding="utf-8") == changed
    finally:
        fleet.write_text(text, encoding="utf-8")
    assert code == 4
    assert "FY373" in err
    assert "update OrganizationalUnit Platform (tags" in err
    assert company.writes() == writes


def test_one_account_is_adopted_after_another(company: Company) -> None:
    """An account that came later is found by discover, adopted by its id, and then known."""
    newcomer = company.account("newcomer", company.ids["Platform"], stage="dev")
    (found,) = company.json("accounts", "discover")["differences"]
    assert (found["kind"], found["id"]) == ("account_not_in_manifest", newcomer)
    fleet = company.folder / "fleet.yaml"
    before = fleet.read_text(encoding="utf-8")
    assert company.json("accounts", "adopt", newcomer, "--dry-run")["adopted"] is False
    assert fleet.read_text(encoding="utf-8") == before
    writes = company.writes()
    assert company.json("accounts", "adopt", newcomer, "--yes")["accounts"] == {"newcomer": newcomer}
    assert company.writes() == writes
    assert load_manifest(fleet).account("newcomer").stage == "dev"
    assert company.json("accounts", "discover")["differences"] == []


def test_an_account_that_waits_is_taken_in_with_another(company: Company) -> None:
    """One whose lines alone were written is never made by a run, and comes into the state with the next adoption."""
    waiting, wanted = company.account("Par 5", company.ids["Platform"]), company.account("Par 7")
    fleet = company.folder / "fleet.yaml"
    line = '      Par-5: {email: par-5@old.example, adopted: true, aws_name: "Par 5"}\n'
    before, accounts, after = fleet.read_text(encoding="utf-8").partition("      Log-Archive:")
    fleet.write_text(before + line + accounts + after, encoding="utf-8")
    writes = company.writes()
    code, _, err = company.fleetyard("preview", "--stack", "organization/*")
    assert (code, "FY381" in err, "next: fleetyard accounts adopt Par-5" in err) == (2, True, True)
    assert company.json("accounts", "adopt", "Par 7", "--yes")["accounts"] == {"Par-7": wanted}
    assert company.writes() == writes
    known = load_lock(company.folder / "fleet.lock.yaml").accounts
    assert (known["Par-5"], known["Par-7"]) == (waiting, wanted)


def test_what_was_moved_by_hand_is_named_in_place_of_a_clean_preview(company: Company) -> None:
    """The state knows nothing of it, so an adoption says what differs from what it has just read, and to refresh."""
    move = {"AccountId": company.ids["loner"]}
    root, platform = company.ids["root"], company.ids["Platform"]
    company.organizations.move_account(**move, SourceParentId=root, DestinationParentId=platform)
    try:
        code, out, err = company.fleetyard("accounts", "adopt", "--all", "--yes")
    finally:
        company.organizations.move_account(**move, SourceParentId=platform, DestinationParentId=root)
    assert code == 0, err
    assert "a preview is clean" not in out
    assert "loner: account in another unit: Platform in AWS, root in the manifest" in out
    assert "next: fleetyard refresh --stack 'organization/*'" in out


def test_only_the_management_account_adopts(company: Company, tmp_path: Path) -> None:
    """Read as a member, or as somebody who may not read, the organisation is refused with AWS's words."""
    member = company.aws.into(company.ids["loner"])
    refused = _as(company, tmp_path, member)
    code, _, err = refused.fleetyard("accounts", "discover")
    assert (code, "FY371" in err, MANAGEMENT in err) == (3, True, True)
    iam = company.aws.client("iam")
    iam.create_user(UserName="nobody")
    key = iam.create_access_key(UserName="nobody")["AccessKey"]
    nobody = _as(company, tmp_path, Keys(key["AccessKeyId"], key["SecretAccessKey"]))
    code, _, err = nobody.fleetyard("accounts", "discover")
    assert (code, "FY370" in err) == (3, True)
    assert "organizations:DescribeOrganization" in err


def _as(company: Company, folder: Path, keys: Keys) -> Company:
    """Return the company as its profile has it with other keys."""
    file = folder / keys.access_key_id
    lines = ["[adm]", f"aws_access_key_id={keys.access_key_id}", f"aws_secret_access_key={keys.secret_access_key}"]
    token = [f"aws_session_token={keys.session_token}"] if keys.session_token else []
    file.write_text("\n".join([*lines, *token, ""]), encoding="utf-8")
    return replace(company, env={**company.env, "AWS_SHARED_CREDENTIALS_FILE": str(file)})


def test_a_stranger_is_named_as_such(company: Company, tmp_path: Path) -> None:
    """An account that is no member is not found, and the way to invite it is told; nor is a first manifest guessed."""
    code, _, err = replace(company, folder=tmp_path).fleetyard("accounts", "adopt", "--all")
    assert (code, "FY375" in err) == (2, True)
    code, _, err = company.fleetyard("accounts", "adopt", "999999999999", "--yes")
    assert (code, "FY372" in err) == (2, True)
    assert "invite-account-to-organization --target Id=999999999999" in err
