"""Commands around stacks and configuration: the same words, codes and files from either engine."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from pulumi.automation import PulumiCommand

from tests.unit.engine_store.workbench import PASSPHRASE, SALT, Bench, embedded, new_bench, real

ENGINES = [pytest.param(embedded, id="embedded"), pytest.param(real, id="real", marks=pytest.mark.real_engine)]


@pytest.fixture(params=ENGINES)
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    """Return a project without stacks, under each engine."""
    engine: Callable[[], PulumiCommand] = request.param
    return new_bench(tmp_path, engine())


@pytest.fixture
def dev(bench: Bench) -> Bench:
    """Return a project with a stack `dev`."""
    bench.ok("stack", "init", "dev")
    return bench


def test_a_stack_is_made_once(bench: Bench) -> None:
    """`init` makes a stack with the salt of its stack file; a second time it exists already."""
    bench.ok("stack", "init", "dev")
    state = json.loads(bench.checkpoint.read_bytes())
    assert state["checkpoint"]["stack"] == "organization/demo/dev"
    assert state["checkpoint"]["latest"]["secrets_providers"] == {"type": "passphrase", "state": {"salt": SALT}}
    assert (bench.state / "meta.yaml").read_text(encoding="utf-8") == "version: 1\n"
    again = bench.run("stack", "init", "dev")
    assert (again.code, again.error) == (1, "StackAlreadyExistsError")


def test_a_stack_that_is_not_there_is_told(bench: Bench) -> None:
    """A missing stack ends with code 6 and the SDK's own error, for every command that needs one."""
    for command in (("stack", "select"), ("stack", "output", "--json"), ("config", "--json"), ("cancel", "--yes")):
        ran = bench.run(*command, "--stack", "nope")
        assert (ran.code, ran.error) == (6, "StackNotFoundError"), command


def test_the_selected_stack_is_meant_where_none_is_named(dev: Bench) -> None:
    """`select` is remembered per project folder; PULUMI_STACK goes before it."""
    dev.ok("stack", "init", "other", "--no-select")
    dev.ok("config", "set", "who", "dev")
    dev.ok("config", "set", "who", "other", "--stack", "other")
    dev.ok("stack", "select", "other")
    assert dev.ok("config", "get", "who") == "other"
    assert dev.run("config", "get", "who", env={"PULUMI_STACK": "dev"}).stdout == "dev"
    assert [row["current"] for row in json.loads(dev.ok("stack", "ls", "--json"))] == [False, True]


def test_stacks_are_listed_by_name(dev: Bench) -> None:
    """`ls` gives name, whether selected, time and number of resources; in full outside of the project."""
    (row,) = json.loads(dev.ok("stack", "ls", "--json"))
    assert (row["name"], row["current"], row["resourceCount"]) == ("dev", True, 0)
    assert row["lastUpdate"].endswith("Z")
    (dev.project / "Pulumi.yaml").write_text("name: elsewhere\nruntime: python\n", encoding="utf-8")
    assert json.loads(dev.ok("stack", "ls", "--json")) == []
    assert [row["name"] for row in json.loads(dev.ok("stack", "ls", "--json", "--all"))] == ["organization/demo/dev"]


def test_an_empty_stack_is_removed_with_its_stack_file(dev: Bench) -> None:
    """`rm` needs --yes, and leaves the state as .bak only."""
    assert dev.run("stack", "rm", "dev").code != 0
    assert dev.ok("stack", "rm", "--yes", "dev") == "Stack 'dev' has been removed!"
    assert not dev.checkpoint.exists()
    assert not dev.stack_file.exists()
    assert dev.checkpoint.with_name("dev.json.bak").exists()


def test_a_stack_file_may_be_kept(dev: Bench) -> None:
    """`rm --preserve-config` leaves the stack file."""
    dev.ok("stack", "rm", "--yes", "--preserve-config", "dev")
    assert dev.stack_file.exists()


def test_values_are_set_and_read(dev: Bench) -> None:
    """What is set is read back to the letter, in clear and as JSON."""
    for key, value in (("zero", "0123"), ("word", "true"), ("empty", ""), ("text", "a: b # c"), ("lines", "x\ny")):
        dev.ok("config", "set", key, "--plaintext", "--", value)
        assert dev.ok("config", "get", key) == value.split("\n")[0] + value[len(value.split("\n")[0]) :]
    shown = json.loads(dev.ok("config", "--json"))
    assert shown["demo:zero"] == {"value": "0123", "secret": False}
    assert shown["demo:lines"] == {"value": "x\ny", "secret": False}


def test_secrets_are_encrypted_in_the_file(dev: Bench) -> None:
    """A secret value is in no file in clear; it is shown on demand."""
    dev.ok("config", "set", "--secret", "password", "--", "hunter2-in-clear")
    assert b"hunter2" not in b"".join(dev.files().values())
    assert json.loads(dev.ok("config", "--json")) == {"demo:password": {"secret": True}}
    shown = {"value": "hunter2-in-clear", "secret": True}
    assert json.loads(dev.ok("config", "--json", "--show-secrets")) == {"demo:password": shown}
    assert json.loads(dev.ok("config", "get", "password", "--json")) == shown


def test_paths_go_inside_values(dev: Bench) -> None:
    """With --path lists and maps are built, read and taken apart; words get types inside."""
    for key, value in (("o.list[0]", "5"), ("o.list[1]", "007"), ("o.on", "true"), ('o["a.b"]', "x")):
        dev.ok("config", "set", "--path", key, value)
    dev.ok("config", "set", "--path", "--secret", "o.hidden", "s")
    shown = json.loads(dev.ok("config", "get", "o", "--json"))
    assert shown["objectValue"] == {"a.b": "x", "hidden": "s", "list": [5, "007"], "on": True}
    assert shown["secret"] is True
    assert dev.ok("config", "get", "--path", "o.list[1]") == "007"
    dev.ok("config", "rm", "--path", "o.hidden")
    dev.ok("config", "rm-all", "--path", "o.on", "o.list[0]")
    assert json.loads(dev.ok("config", "get", "o", "--json"))["value"] == '{"a.b":"x","list":["007"]}'


def test_many_values_are_set_at_once(dev: Bench) -> None:
    """`set-all` takes pairs or JSON; `rm-all` takes keys."""
    dev.ok("config", "set-all", "--plaintext", "a=1=2", "--secret", "b=s", "--plaintext", "x:c=")
    assert json.loads(dev.ok("config", "--json", "--show-secrets")) == {
        "demo:a": {"value": "1=2", "secret": False},
        "demo:b": {"value": "s", "secret": True},
        "x:c": {"value": "", "secret": False},
    }
    dev.ok(
        "config", "set-all", "--json", '{"demo:o": {"value": "{\\"k\\":1}", "objectValue": {"k": 1}, "secret": false}}'
    )
    dev.ok("config", "rm-all", "a", "b", "x:c", "not-there")
    assert json.loads(dev.ok("config", "--json")) == {
        "demo:o": {"value": '{"k":1}', "objectValue": {"k": 1}, "secret": False}
    }


def test_a_value_that_is_not_there_is_told(dev: Bench) -> None:
    """`get` of a missing key fails and names key and stack."""
    ran = dev.run("config", "get", "nope")
    assert (ran.code, "configuration key 'nope' not found for stack 'dev'" in ran.stderr) == (1, True)


def test_the_projects_values_are_listed_too(dev: Bench) -> None:
    """Values of the project file appear where the stack says nothing."""
    text = 'name: demo\nruntime: python\nconfig:\n  pulumi:disable-default-providers: {value: ["*"]}\n  size: small\n'
    (dev.project / "Pulumi.yaml").write_text(text, encoding="utf-8")
    shown = json.loads(dev.ok("config", "--json"))
    assert shown["pulumi:disable-default-providers"]["objectValue"] == ["*"]
    assert shown["demo:size"]["value"] == "small"
    dev.ok("config", "set", "size", "big")
    assert json.loads(dev.ok("config", "--json"))["demo:size"]["value"] == "big"


def test_another_file_may_hold_the_configuration(dev: Bench) -> None:
    """`--config-file` reads and writes the named file, and leaves the stack's own."""
    before = dev.stack_file.read_bytes()
    other = dev.project / "other.yaml"
    dev.ok("config", "set", "a", "1", "--config-file", str(other))
    assert "demo:a" in other.read_text(encoding="utf-8")
    assert dev.stack_file.read_bytes() == before


def test_tags_are_set_listed_and_removed(dev: Bench) -> None:
    """A stack's tags lie beside its state."""
    dev.ok("stack", "tag", "set", "b", "2")
    dev.ok("stack", "tag", "set", "a", "1")
    assert json.loads(dev.ok("stack", "tag", "ls", "--json")) == {"a": "1", "b": "2"}
    assert dev.ok("stack", "tag", "get", "a") == "1"
    dev.ok("stack", "tag", "rm", "a")
    assert dev.run("stack", "tag", "get", "a").code == 1
    assert json.loads((dev.state / "stacks/demo/dev.pulumi-tags").read_bytes()) == {"version": 1, "tags": {"b": "2"}}


def test_an_exported_deployment_is_imported(dev: Bench) -> None:
    """`export` and `import` are each other's reverse, with secrets in clear or encrypted."""
    deployment = json.loads(dev.ok("stack", "export", "--show-secrets"))
    root = {
        "urn": "urn:pulumi:dev::demo::pulumi:pulumi:Stack::demo-dev",
        "custom": False,
        "type": "pulumi:pulumi:Stack",
    }
    secret = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "plaintext": '"clear-text"'}
    deployment["deployment"]["resources"] = [{**root, "outputs": {"s": secret, "n": 1}}]
    file = dev.root / "deployment.json"
    file.write_text(json.dumps(deployment), encoding="utf-8")
    assert dev.ok("stack", "import", "--file", str(file)) == "Import complete."
    assert b"clear-text" not in dev.checkpoint.read_bytes()
    assert json.loads(dev.ok("stack", "output", "--json")) == {"n": 1, "s": "[secret]"}
    assert json.loads(dev.ok("stack", "output", "--json", "--show-secrets")) == {"n": 1, "s": "clear-text"}
    assert dev.ok("stack", "output", "n") == "1"
    assert json.loads(dev.ok("stack", "export"))["deployment"]["resources"][0]["outputs"]["n"] == 1
    shown = json.loads(dev.ok("stack", "export", "--show-secrets"))["deployment"]["resources"][0]
    assert shown["outputs"]["s"]["plaintext"] == '"clear-text"'


def test_another_stacks_deployment_is_refused(dev: Bench) -> None:
    """A deployment whose resources belong to another stack is not imported."""
    deployment = json.loads(dev.ok("stack", "export"))
    urn = "urn:pulumi:prod::demo::pulumi:pulumi:Stack::demo-prod"
    deployment["deployment"]["resources"] = [{"urn": urn, "custom": False, "type": "pulumi:pulumi:Stack"}]
    file = dev.root / "deployment.json"
    file.write_text(json.dumps(deployment), encoding="utf-8")
    before = dev.checkpoint.read_bytes()
    ran = dev.run("stack", "import", "--file", str(file))
    assert ran.code == 1
    assert "is from a different stack (prod != dev)" in ran.stderr
    assert dev.checkpoint.read_bytes() == before


def test_locks_are_cancelled(dev: Bench) -> None:
    """`cancel` removes every lock of the stack."""
    lock = dev.state / "locks/organization/demo/dev/x.json"
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.write_text("{}", encoding="utf-8")
    assert dev.ok("cancel", "--yes", "--stack", "dev") == "The currently running update for 'dev' has been canceled!"
    assert not lock.exists()


def test_a_lock_of_another_machine_is_told_in_the_sdks_words(dev: Bench) -> None:
    """A stack locked elsewhere is not removed, and the holder is named."""
    lock = dev.state / "locks/organization/demo/dev/x.json"
    lock.parent.mkdir(parents=True, exist_ok=True)
    held = {
        "pid": 7,
        "username": "ann",
        "hostname": "elsewhere",
        "timestamp": "2026-01-02T03:04:05Z",
        "extra": {"a": 1},
    }
    lock.write_text(json.dumps(held), encoding="utf-8")
    ran = dev.run("stack", "rm", "--yes", "dev")
    assert (ran.code, ran.error) == (1, "ConcurrentUpdateError")
    assert "created by ann@elsewhere (pid 7) at 2026-01-02T03:04:05Z" in ran.stderr
    assert dev.checkpoint.exists()


def test_who_and_which_version_is_answered(dev: Bench) -> None:
    """`whoami` names the backend, `version` is a version, and no plugin is installed."""
    assert json.loads(dev.ok("whoami", "--json"))["url"] == f"file://{dev.root}/state"
    assert dev.ok("whoami") == json.loads(dev.ok("whoami", "--json"))["user"]
    assert dev.ok("version").lstrip("v").startswith("3.")
    assert json.loads(dev.ok("plugin", "ls", "--json")) == []


def test_a_stack_without_history_says_so(dev: Bench) -> None:
    """Before the first update there are no entries."""
    assert json.loads(dev.ok("stack", "history", "--json")) == []


@pytest.mark.parametrize("name", ["a b", "acme/x/y"])
def test_a_name_that_cannot_be_is_refused(bench: Bench, name: str) -> None:
    """A stack name is refused in the same words."""
    ran = bench.run("stack", "init", name)
    assert ran.code == 1
    assert ("may only contain alphanumeric" in ran.stderr) or ("must be 'organization'" in ran.stderr)


def test_a_wrong_passphrase_changes_nothing(dev: Bench) -> None:
    """Neither reading a secret nor setting one works with a wrong passphrase, and no file changes."""
    dev.ok("config", "set", "--secret", "a", "s")
    before = dev.files()
    wrong = dev.with_passphrase(f"not {PASSPHRASE}")
    for command in (("config", "get", "a"), ("config", "set", "--secret", "b", "t")):
        ran = wrong.run(*command)
        assert (ran.code, "incorrect passphrase" in ran.stderr) == (1, True), command
    assert dev.files() == before


def test_the_project_is_found_upwards(dev: Bench) -> None:
    """Commands work in folders under the project's, and with `--cwd`."""
    below = dev.project / "a" / "b"
    below.mkdir(parents=True)
    dev.ok("config", "set", "x", "1")
    inside = dev.command.run(["config", "get", "x", "--stack", "dev"], str(below), dev.env)
    outside = dev.command.run(["config", "get", "x", "--stack", "dev", "--cwd", str(below)], str(dev.root), dev.env)
    assert (inside.stdout, outside.stdout) == ("1", "1")


def test_stack_files_lie_in_the_projects_folder_for_them(bench: Bench) -> None:
    """`stackConfigDir` is taken under the project's folder, also when it begins with a slash."""
    bench.stack_file.unlink()
    for folder, there in (("config", "config"), ("/abs", "abs")):
        text = f"name: demo\nruntime: python\nstackConfigDir: {folder}\n"
        (bench.project / "Pulumi.yaml").write_text(text, encoding="utf-8")
        file = bench.project / there / "Pulumi.dev.yaml"
        file.parent.mkdir()
        file.write_text(f"encryptionsalt: {SALT}\n", encoding="utf-8")
        bench.ok("stack", "init", "dev")
        bench.ok("config", "set", "a", "1")
        assert "demo:a" in file.read_text(encoding="utf-8")
        bench.ok("stack", "rm", "--yes", "dev")
        assert not file.exists()
