"""Secrets under a KMS key: Pulumi's form, one request for each command, and what KMS refuses told by name."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Callable

import pytest

from rehearsal.engine.errors import SecretsKeyMismatchError
from tests.support.twin_fixtures import Keys, document
from tests.unit.engine_store.cloud_workbench import CloudBench, on_twin
from tests.unit.engine_store.workbench import nothing_to_do

STATE = ".pulumi/stacks/demo/dev.json"
GET = ("config", "get", "k", "--stack", "dev")
UP = ("up", "--yes", "--skip-preview", "--stack", "dev")
CHANGE = ("stack", "change-secrets-provider", "--stack", "dev")
NewUser = Callable[..., tuple[str, Keys]]


@pytest.fixture
def url(secrets_key: str) -> str:
    """Return the secrets provider of the key."""
    return f"awskms:///{secrets_key}"


@pytest.fixture
def bench(cloud: CloudBench, url: str) -> CloudBench:
    """Return a bench with a stack under the key that has one secret."""
    bench = cloud.having(on_twin(nothing_to_do))
    bench.ok("stack", "init", "dev", "--secrets-provider", url)
    bench.ok("config", "set", "--secret", "k", "hunter2", "--stack", "dev")
    return bench


def own_key(bench: CloudBench) -> str:
    """Return the ARN of a key that a test may break."""
    return str(bench.aws.client("kms").create_key()["KeyMetadata"]["Arn"])


def provider_in_state(bench: CloudBench) -> dict[str, object]:
    """Return the state's `secrets_providers`."""
    latest = json.loads(bench.objects()[STATE])["checkpoint"]["latest"]
    return dict(latest["secrets_providers"])


def test_stack_file_and_state_have_pulumis_form(bench: CloudBench, url: str) -> None:
    """The URL and the wrapped key stand in both; what is wrapped are 32 bytes; the file has no salt."""
    lines = bench.stack_file.read_text(encoding="utf-8").splitlines()
    key = lines[1].removeprefix("encryptedkey: ")
    assert lines[0] == f"secretsprovider: {url}"
    assert provider_in_state(bench) == {"type": "cloud", "state": {"url": url, "encryptedkey": key}}
    plain = bench.aws.client("kms").decrypt(CiphertextBlob=b64decode(key))["Plaintext"]
    assert (len(plain), "hunter2" in bench.stack_file.read_text(encoding="utf-8")) == (32, False)
    assert bench.ok(*GET).strip() == "hunter2"


def test_a_command_asks_kms_once(bench: CloudBench) -> None:
    """However many secrets there are; making a stack wraps once, and unwraps nothing."""
    for number in range(5):
        bench.ok("config", "set", "--secret", f"k{number}", "v", "--stack", "dev")
    for args in (GET, ("config", "--show-secrets", "--stack", "dev"), UP):
        with bench.counted() as calls:
            bench.ok(*args)
        assert {name: count for name, count in calls.items() if name.startswith("kms")} == {"kms:Decrypt": 1}, args
    with bench.counted() as calls:
        bench.ok("stack", "ls")
    assert not [name for name in calls if name.startswith("kms")]


def test_an_encryption_context_is_part_of_the_key(cloud: CloudBench, url: str) -> None:
    """`context_…` of the URL goes to Encrypt and Decrypt; without it, or with another, the key does not open."""
    cloud.ok("stack", "init", "dev", "--secrets-provider", f"{url}?context_stack=dev")
    cloud.ok("config", "set", "--secret", "k", "v", "--stack", "dev")
    assert cloud.ok(*GET).strip() == "v"
    text = cloud.stack_file.read_text(encoding="utf-8")
    cloud.stack_file.write_text(text.replace("context_stack=dev", "context_stack=prod"), encoding="utf-8")
    assert "FY539" in cloud.run(*GET).stderr


def test_an_alias_names_a_key(cloud: CloudBench, secrets_key: str) -> None:
    """`awskms://alias/…` is wrapped by the key behind it."""
    alias = f"alias/{cloud.bucket}"
    cloud.aws.client("kms").create_alias(AliasName=alias, TargetKeyId=secrets_key)
    cloud.ok("stack", "init", "dev", "--secrets-provider", f"awskms://{alias}")
    cloud.ok("config", "set", "--secret", "k", "v", "--stack", "dev")
    assert cloud.ok(*GET).strip() == "v"


def test_a_stack_file_that_names_the_key_already_is_taken_over(cloud: CloudBench, bench: CloudBench, url: str) -> None:
    """A file made beforehand keeps its wrapped key, with the same provider asked for or none."""
    before = bench.stack_file.read_bytes()
    for args in (("--secrets-provider", url), ()):
        bench.ok("stack", "rm", "--yes", "--preserve-config", "dev")
        bench.ok("stack", "init", "dev", *args)
        assert (bench.stack_file.read_bytes(), provider_in_state(bench)["type"]) == (before, "cloud")
    assert cloud.ok(*GET).strip() == "hunter2"


def test_a_stack_file_without_its_key_takes_the_states(bench: CloudBench) -> None:
    """A lost `encryptedkey` is no reason for a new one, which would open nothing."""
    before = bench.stack_file.read_text(encoding="utf-8")
    lines = [line for line in before.splitlines(keepends=True) if not line.startswith("encryptedkey")]
    bench.stack_file.write_text("".join(lines), encoding="utf-8")
    assert bench.ok(*GET).strip() == "hunter2"
    bench.ok(*UP)
    assert bench.stack_file.read_text(encoding="utf-8").splitlines()[:2].count(before.splitlines()[1]) == 1


def test_a_stack_file_of_another_stack_is_told(bench: CloudBench, url: str) -> None:
    """FY539: its key is not the state's; nothing is changed, and `config refresh` takes the right one over."""
    bench.ok(*UP)
    bench.ok("stack", "init", "other", "--secrets-provider", url, "--no-select")
    other = bench.project / "Pulumi.other.yaml"
    bench.stack_file.write_bytes(other.read_bytes())
    before = bench.objects()
    for args in (UP, ("preview", "--stack", "dev"), ("config", "set", "--secret", "a", "b", "--stack", "dev")):
        ran = bench.run(*args)
        assert (SecretsKeyMismatchError.code in ran.stderr, "pulumi config refresh" in ran.stderr) == (True, True), ran
    assert (bench.objects(), bench.stack_file.read_bytes()) == (before, other.read_bytes())
    bench.ok("config", "refresh", "--force", "--stack", "dev")
    assert bench.ok(*GET).strip() == "hunter2"


@pytest.mark.parametrize("key", ["AAAA", "not base64!"])
def test_a_wrapped_key_that_is_damaged_is_told(cloud: CloudBench, url: str, key: str) -> None:
    """FY539 or FY510: nothing is changed."""
    cloud.stack_file.write_text(f"secretsprovider: {url}\nencryptedkey: {key}\n", encoding="utf-8")
    ran = cloud.run("stack", "init", "dev")
    assert ("FY539" in ran.stderr or "FY510" in ran.stderr, "Traceback" in ran.stderr) == (True, False), ran
    assert STATE not in cloud.objects()


@pytest.mark.parametrize(
    "key", ["alias/there-is-none", "arn:aws:kms:us-east-1:111122223333:key/00000000-0000-0000-0000-000000000000"]
)
def test_a_missing_key_is_told(cloud: CloudBench, key: str) -> None:
    """FY536 names the key and AWS's words; no stack and no stack file are made."""
    ran = cloud.run("stack", "init", "dev", "--secrets-provider", f"awskms:///{key}")
    assert ("FY536" in ran.stderr, key in ran.stderr, "NotFoundException" in ran.stderr) == (True, True, True), ran
    assert (cloud.stack_file.exists(), STATE in cloud.objects()) == (False, False)


@pytest.mark.parametrize("way", ["disabled", "pending deletion"])
def test_a_key_that_cannot_be_used_is_told(cloud: CloudBench, way: str) -> None:
    """FY537 for a disabled key and one pending deletion, for a new stack and an old one; nothing is changed."""
    arn = own_key(cloud)
    bench = cloud.having(on_twin(nothing_to_do))
    bench.ok("stack", "init", "dev", "--secrets-provider", f"awskms:///{arn}")
    kms = cloud.aws.client("kms")
    kms.disable_key(KeyId=arn) if way == "disabled" else kms.schedule_key_deletion(KeyId=arn, PendingWindowInDays=7)
    before = bench.objects()
    for args in (UP, ("stack", "init", "more", "--secrets-provider", f"awskms:///{arn}")):
        ran = bench.run(*args)
        assert ("FY537" in ran.stderr, "aws kms enable-key" in ran.stderr) == (True, True), ran
    assert bench.objects() == before


def test_a_key_that_is_denied_is_told(bench: CloudBench, new_user: NewUser, secrets_key: str) -> None:
    """FY538 names kms:Decrypt or kms:Encrypt and has AWS's words; nothing is changed."""
    user = bench.as_holder(new_user(document({"Effect": "Allow", "Action": "s3:*", "Resource": "*"}))[1])
    before = bench.objects()
    for args, action in (
        (UP, "kms:Decrypt"),
        (("stack", "init", "b", "--secrets-provider", f"awskms:///{secrets_key}"), "kms:Encrypt"),
    ):
        ran = user.run(*args)
        assert ("FY538" in ran.stderr, action in ran.stderr, "AccessDenied" in ran.stderr) == (True, True, True), ran
    assert bench.objects() == before


def test_credentials_that_kms_does_not_know_are_told(bench: CloudBench, url: str) -> None:
    """FY533 for state on files as well; the secret key is in no message."""
    (bench.root / "state").mkdir()
    unknown = bench.as_holder(Keys("AKIAABCDEFGHIJKLMNOP", "no-secret"))
    files = unknown.having(PULUMI_BACKEND_URL=f"file://{bench.root}/state")
    ran = files.run("stack", "init", "x", "--secrets-provider", url)
    assert ("FY533" in ran.stderr, "kms:Encrypt" in ran.stderr, "no-secret" in ran.stderr) == (True, True, False)
    assert not (bench.project / "Pulumi.x.yaml").exists()


def test_pulumis_override_is_refused_unless_it_changes_nothing(bench: CloudBench, url: str) -> None:
    """FY511: the variable would give the stack a new key that opens none of its secrets."""
    assert "FY511" in bench.run(*GET, PULUMI_CLOUD_SECRET_OVERRIDE="awskms://alias/other").stderr
    assert bench.run(*GET, PULUMI_CLOUD_SECRET_OVERRIDE=url).stdout.strip() == "hunter2"


# -- changing the provider ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["passphrase", "same", "context"])
def test_the_secrets_provider_is_changed_in_file_and_state(bench: CloudBench, url: str, way: str) -> None:
    """To a passphrase and back, to the same key anew, to another URL: secrets stay, ciphertexts do not."""
    wanted = {"passphrase": "passphrase", "same": url, "context": f"{url}?context_a=b"}[way]
    before = bench.stack_file.read_text(encoding="utf-8")
    bench.ok(*CHANGE, wanted)
    after = bench.stack_file.read_text(encoding="utf-8")
    assert not set(before.splitlines()[1:2]) & set(after.splitlines())
    assert ("encryptionsalt" in after, "encryptedkey" in after) == (way == "passphrase", way != "passphrase")
    assert provider_in_state(bench)["type"] == ("passphrase" if way == "passphrase" else "cloud")
    assert bench.ok(*GET).strip() == "hunter2"
    bench.ok(*CHANGE, url)
    bench.ok(*UP)
    assert bench.ok(*GET).strip() == "hunter2"


def test_a_change_that_is_denied_leaves_all_as_it_was(bench: CloudBench, new_user: NewUser, secrets_key: str) -> None:
    """FY538 or FY531: without the right to wrap, or to write state, neither file nor state changes."""
    arn = f"arn:aws:s3:::{bench.bucket}"
    read = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": [arn, f"{arn}/*"]}
    locks = {"Effect": "Allow", "Action": ["s3:PutObject", "s3:DeleteObject"], "Resource": f"{arn}/.pulumi/locks/*"}
    some = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": secrets_key}
    every = {"Effect": "Allow", "Action": "kms:*", "Resource": secrets_key}
    before = bench.objects(), bench.stack_file.read_bytes()
    for policy, code in ((document(read, locks, some), "FY538"), (document(read, locks, every), "FY531")):
        ran = bench.as_holder(new_user(policy)[1]).run(*CHANGE, f"awskms:///{secrets_key}")
        assert (code in ran.stderr, (bench.objects(), bench.stack_file.read_bytes()) == before) == (True, True), ran


def test_another_provider_for_a_file_with_secrets_is_refused(bench: CloudBench) -> None:
    """A new stack over a stack file whose secrets its provider could not open is not made."""
    bench.ok("stack", "rm", "--yes", "--preserve-config", "dev")
    before = bench.stack_file.read_bytes()
    ran = bench.run("stack", "init", "dev", "--secrets-provider", "passphrase")
    assert ("FY500" in ran.stderr, bench.stack_file.read_bytes() == before) == (True, True), ran
