"""Bad files and settings: each is refused by name, with what to do, and nothing is lost."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from rehearsal.engine.secret_managers import new_passphrase_salt
from tests.unit.engine_store.workbench import SALT, Bench, embedded, new_bench, nothing_to_do

PREVIEW = ("preview", "--stack", "dev")
UP = ("up", "--yes", "--skip-preview", "--stack", "dev")


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """Return a project with a stack `dev`, under the embedded engine."""
    bench = new_bench(tmp_path, embedded(nothing_to_do))
    bench.ok("stack", "init", "dev")
    return bench


def damaged(bench: Bench, change: dict[str, object]) -> None:
    """Change the state file."""
    content = json.loads(bench.checkpoint.read_bytes())
    bench.checkpoint.write_text(json.dumps({**content, **change}), encoding="utf-8")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b'{"version":3,"checkpoint":{"stack":"organiz', "FY505"),
        (b"", "FY505"),
        (b'{"hello":"world"}', "FY506"),
        (b'{"version":9,"checkpoint":{}}', "FY506"),
        (b'{"version":4,"features":["views"],"checkpoint":{"latest":{}}}', "FY506"),
        (b'{"version":3,"checkpoint":{"latest":{"manifest":{"version":"3.1.0","magic":"0"}}}}', "FY505"),
        (
            (
                b'{"version":3,"checkpoint":{"latest":{"manifest":{},"resources":[{"urn":'
                b'"urn:pulumi:prod::shop::pulumi:pulumi:Stack::shop-prod","custom":false,"type":"pulumi:pulumi:Stack"}]}}}'
            ),
            "FY505",
        ),
    ],
)
def test_a_corrupt_foreign_or_newer_state_is_left_untouched(bench: Bench, content: bytes, code: str) -> None:
    """No command that reads or writes state changes a file it cannot trust, and each names it."""
    bench.checkpoint.write_bytes(content)
    before = bench.files()
    for command in (PREVIEW, UP, ("refresh", "--yes", "--stack", "dev"), ("destroy", "--yes", "--stack", "dev")):
        ran = bench.run(*command)
        assert (ran.code, code in ran.stderr) == (1, True), (command, ran)
        assert "Traceback" not in ran.stderr
    assert bench.files() == before


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("meta.yaml", b"version: 2\n", "FY506"),
        ("meta.yaml", b"version: 0\n", "FY506"),
        ("meta.yaml", b"hello\n", "FY505"),
    ],
)
def test_a_backend_of_another_age_is_refused(bench: Bench, name: str, content: bytes, code: str) -> None:
    """A layout that is newer, older or unreadable is told with the backend's address."""
    (bench.state / name).write_bytes(content)
    ran = bench.run("stack", "ls", "--json")
    assert (code in ran.stderr, str(bench.root) in ran.stderr) == (True, True)


def test_the_layout_without_projects_is_refused(tmp_path: Path) -> None:
    """State files directly in the stacks folder are Pulumi's old layout, and no new one is begun over it."""
    bench = new_bench(tmp_path, embedded())
    old = bench.state / "stacks" / "dev.json"
    old.parent.mkdir(parents=True)
    old.write_bytes(b"{}")
    ran = bench.run("stack", "init", "dev")
    assert ("FY506" in ran.stderr, "pulumi state upgrade" in ran.stderr) == (True, True)
    assert not (bench.state / "meta.yaml").exists()


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("", "no backend is given"),
        ("gs://bucket", "a backend of kind 'gs' is not supported"),
        ("azblob://container", "a backend of kind 'azblob' is not supported"),
        ("s3://bucket?color=red", "there is no option 'color'"),
        ("s3:///folder", "the backend URL names no bucket"),
        ("https://api.pulumi.com", "a backend of kind 'https' is not supported"),
        ("file:///no/such/folder", "mkdir -p /no/such/folder"),
        ("file:///tmp?prefix=a", "backend option 'prefix' is not supported"),
    ],
)
def test_a_backend_that_cannot_be_used_is_told(bench: Bench, url: str, told: str) -> None:
    """FY512 names the backend and what to do."""
    ran = bench.run("stack", "ls", "--json", env={"PULUMI_BACKEND_URL": url})
    assert ("FY512" in ran.stderr, told in ran.stderr) == (True, True), ran


def test_settings_that_change_the_format_are_refused(bench: Bench) -> None:
    """A variable that asks for compressed state is not ignored."""
    ran = bench.run("stack", "ls", "--json", env={"PULUMI_DIY_BACKEND_GZIP": "true"})
    assert ("FY512" in ran.stderr, "PULUMI_DIY_BACKEND_GZIP" in ran.stderr) == (True, True)


def test_a_wrong_or_missing_passphrase_stops_every_operation(bench: Bench) -> None:
    """FY508 and FY509: nothing is changed, not even a lock or a history entry."""
    before = bench.files()
    for command in (PREVIEW, UP):
        assert "FY508: incorrect passphrase" in bench.with_passphrase("wrong").run(*command).stderr
        named = {"PULUMI_CONFIG_PASSPHRASE_FILE": "no-such-file"}
        unset = Bench(bench.root, bench.command)
        env = {key: value for key, value in unset.env.items() if key != "PULUMI_CONFIG_PASSPHRASE"}
        with pytest.raises(Exception, match="FY509"):
            bench.command.run(list(command), str(bench.project), {**env, **named})
    assert bench.files() == before


def test_a_passphrase_file_is_read_from_the_commands_folder(bench: Bench) -> None:
    """PULUMI_CONFIG_PASSPHRASE_FILE may be relative, and its trailing newline does not count."""
    (bench.project / "phrase").write_text("x\n", encoding="utf-8")
    env = {key: value for key, value in bench.env.items() if key != "PULUMI_CONFIG_PASSPHRASE"}
    done = bench.command.run(list(PREVIEW), str(bench.project), {**env, "PULUMI_CONFIG_PASSPHRASE_FILE": "phrase"})
    assert done.code == 0


def test_a_replaced_salt_is_told_where_encrypted_configuration_is_left(bench: Bench) -> None:
    """FY510: a secret that was encrypted under another salt is not guessed at, and nothing is changed."""
    bench.ok("config", "set", "--secret", "a", "s", "--stack", "dev")
    text = bench.stack_file.read_text(encoding="utf-8")
    head, _, rest = text.partition("\n")
    assert head == f"encryptionsalt: {SALT}"
    bench.stack_file.write_text(f"encryptionsalt: {new_passphrase_salt('x')}\n{rest}", encoding="utf-8")
    before = bench.files()
    ran = bench.run(*UP)
    assert ("FY510" in ran.stderr, bench.files() == before) == (True, True)


def test_a_cloud_key_is_refused_by_name(bench: Bench) -> None:
    """FY511: another secrets provider is not replaced by a passphrase."""
    ran = bench.run("stack", "init", "other", "--secrets-provider", "gcpkms://projects/x")
    assert ("FY511" in ran.stderr, "gcpkms://projects/x" in ran.stderr) == (True, True)
    bench.stack_file.write_text("secretsprovider: hashivault://x\nencryptedkey: abc\n", encoding="utf-8")
    assert "FY511" in bench.run(*PREVIEW).stderr


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("runtime: python\n", "missing a 'name'"),
        ("name: [\n", "could not read project file"),
        ("- a\n", "a project file must be a mapping (line 1, column 1)"),
        ("name: demo\nname: demo\n", "names 'name' twice (line 2, column 1)"),
        ("name: demo\nmain: nowhere\n", "project 'main' could not be read"),
        ("name: demo\nplugins: {}\n", "plugins is not supported"),
        ("name: demo\nrequiredPulumiVersion: '>=3.0.0'\n", "requiredPulumiVersion is not supported"),
        ("name: demo\nconfig:\n  aws:region: {default: x}\n", "it takes a 'value' and nothing else"),
        ("name: demo\nconfig:\n  a: {type: strnig}\n", "has type 'strnig'"),
        ("name: demo\nconfig:\n  a: {defualt: x}\n", "has no attribute 'defualt'"),
    ],
)
def test_a_project_file_that_cannot_be_used_is_told(bench: Bench, text: str, told: str) -> None:
    """FY513 names file, place and fault."""
    (bench.project / "Pulumi.yaml").write_text(text, encoding="utf-8")
    ran = bench.run(*PREVIEW)
    assert ("FY513" in ran.stderr, told in ran.stderr) == (True, True), ran


def test_no_project_is_told(bench: Bench) -> None:
    """FY513: outside of a project a command that needs one says where it looked."""
    (bench.project / "Pulumi.yaml").unlink()
    ran = bench.run("preview", "--stack", "organization/demo/dev")
    assert ("FY513" in ran.stderr, "searching upwards from" in ran.stderr) == (True, True)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("config: [\n", "could not read the stack file"),
        ("config:\n  a: 1\n  demo:a: 2\n", "names 'demo:a' twice, with and without its namespace"),
        ("environment: [prod]\n", "Pulumi environments (ESC) exist in Pulumi Cloud only"),
        ("konfig: {}\n", "a stack file has no 'konfig'"),
        ("config:\n  a: &x 1\n  <<: {b: 1}\n", "uses a merge key"),
    ],
)
def test_a_stack_file_that_cannot_be_used_is_told(bench: Bench, text: str, told: str) -> None:
    """FY514 names file and fault, and the file is left as it is."""
    bench.stack_file.write_text(text, encoding="utf-8")
    ran = bench.run("config", "set", "b", "1", "--stack", "dev")
    assert ("FY514" in ran.stderr, told in ran.stderr) == (True, True), ran
    assert bench.stack_file.read_text(encoding="utf-8") == text


def test_a_missing_value_stops_an_update_and_not_a_destroy(bench: Bench) -> None:
    """FY514: what the project requires must be set where its program runs."""
    text = "name: demo\nruntime: python\nconfig:\n  needed: {type: string}\n"
    (bench.project / "Pulumi.yaml").write_text(text, encoding="utf-8")
    ran = bench.run(*UP)
    assert "FY514: Stack 'dev' is missing configuration value 'needed'" in ran.stderr
    assert bench.run(*UP, "--skip-config-validation").code == 0
    assert bench.run("destroy", "--yes", "--skip-preview", "--stack", "dev").code == 0


def test_a_stack_with_resources_is_not_removed(bench: Bench) -> None:
    """FY515: `rm` names the way out; --force leaves the resources where they are."""
    urn = "urn:pulumi:dev::demo::test:index:Thing::a"
    content = json.loads(bench.checkpoint.read_bytes())
    content["checkpoint"]["latest"]["resources"] = [{"urn": urn, "custom": False, "type": "test:index:Thing"}]
    bench.checkpoint.write_text(json.dumps(content), encoding="utf-8")
    ran = bench.run("stack", "rm", "--yes", "dev")
    assert ("FY515" in ran.stderr, "pulumi destroy --yes --stack dev" in ran.stderr) == (True, True)
    assert bench.checkpoint.exists()
    bench.ok("stack", "rm", "--yes", "--force", "dev")


def test_a_deployment_that_breaks_a_rule_is_not_imported(bench: Bench) -> None:
    """FY519: an unsound deployment is refused, naming the rule."""
    deployment = json.loads(bench.ok("stack", "export", "--stack", "dev"))
    urn = "urn:pulumi:dev::demo::test:index:Thing::a"
    deployment["deployment"]["resources"] = [{"urn": urn, "custom": False, "type": "t", "parent": "urn:missing"}]
    file = bench.root / "deployment.json"
    file.write_text(json.dumps(deployment), encoding="utf-8")
    before = bench.checkpoint.read_bytes()
    ran = bench.run("stack", "import", "--stack", "dev", "--file", str(file))
    assert ("FY519" in ran.stderr, "parent urn:missing is missing" in ran.stderr) == (True, True)
    assert bench.checkpoint.read_bytes() == before


def test_a_name_that_is_taken_or_cannot_be_is_told(bench: Bench) -> None:
    """FY503 and FY501: a stack is not made twice, nor under a name that no file can have; an option is not ignored."""
    before = bench.files()
    assert "FY503: stack 'organization/demo/dev' already exists" in bench.run("stack", "init", "dev").stderr
    assert "FY501" in bench.run("stack", "init", "a b").stderr
    assert "doesn't match Pulumi.yaml" in bench.run("stack", "init", "organization/other/dev").stderr
    assert "FY504" not in bench.run(*UP).stderr
    assert {path for path in bench.files() if path.endswith("Pulumi.a b.yaml")} == set()
    assert bench.files().keys() >= before.keys()


def test_what_is_not_there_is_told(bench: Bench) -> None:
    """FY520 and FY502: a missing output, tag or stack is named."""
    assert "FY520" in bench.run("stack", "output", "nope", "--stack", "dev").stderr
    assert "FY520" in bench.run("stack", "tag", "get", "nope", "--stack", "dev").stderr
    assert "FY502" in bench.run("stack", "output", "--stack", "nope").stderr


def test_a_backend_that_cannot_be_written_is_told(bench: Bench) -> None:
    """FY507: a folder in the way of a file is told, and what was there is intact."""
    before = bench.checkpoint.read_bytes()
    shutil.rmtree(bench.state / "locks")
    (bench.state / "locks").write_text("in the way", encoding="utf-8")
    ran = bench.run(*UP)
    assert ("FY507" in ran.stderr, bench.checkpoint.read_bytes() == before) == (True, True), ran


def test_an_update_is_not_begun_without_a_word(bench: Bench) -> None:
    """FY500: up, refresh and destroy ask for --yes; contradicting options are refused."""
    for command in ("up", "refresh", "destroy"):
        ran = bench.run(command, "--stack", "dev")
        assert (ran.code, "--yes or --skip-preview or --preview-only" in ran.stderr) == (2, True)
    assert bench.run("refresh", "--preview-only", "--yes", "--stack", "dev").code == 2
    assert bench.run("up", "--yes", "--target", "urn", "--stack", "dev").code == 2
