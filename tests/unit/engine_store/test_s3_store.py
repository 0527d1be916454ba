"""The store on S3: whole objects, conditions, what is missing and what is refused."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.credentials import ReadOnlyCredentials

from rehearsal.engine.aws_access import AwsAccess, AwsChoice
from rehearsal.engine.errors import (
    BucketMissingError,
    CredentialsMissingError,
    CredentialsRefusedError,
    SecretsKeyMissingError,
    SecretsKeyUnusableError,
    StateAccessDeniedError,
    StateUnreachableError,
)
from rehearsal.engine.s3_store import S3Store, open_s3_store, opened_bucket, parse_s3_url
from rehearsal.twin.client import change_settings
from tests.support.twin_fixtures import MANAGEMENT, Keys, document
from tests.unit.engine_store.cloud_workbench import CloudBench, only_the_twin

NewUser = Callable[..., tuple[str, Keys]]


def opened(bench: CloudBench, url: str = "", **env: str) -> S3Store:
    """Open the store of a bench's bucket."""
    return open_s3_store(url or f"s3://{bench.bucket}", AwsAccess({**bench.env, **env}, only_the_twin))


def rights(bucket: str, *actions: str, prefix: str = ".pulumi/*") -> str:
    """Return a policy with actions on objects under a prefix and the right to list it, as a management role has."""
    listing: dict[str, Any] = {
        "Effect": "Allow",
        "Action": "s3:ListBucket",
        "Resource": f"arn:aws:s3:::{bucket}",
        "Condition": {"StringLike": {"s3:prefix": [prefix]}},
    }
    objects = {"Effect": "Allow", "Action": list(actions), "Resource": f"arn:aws:s3:::{bucket}/{prefix}"}
    return document(listing, objects)


def test_objects_are_written_read_copied_listed_and_removed(cloud: CloudBench) -> None:
    """What is put is what is read; a copy is its own object; what is missing is None; a list is by key."""
    store = opened(cloud)
    store.put(".pulumi/b/2.json", b"two")
    store.put(".pulumi/b/1.json", b"one")
    store.copy(".pulumi/b/1.json", ".pulumi/b/c/1.json.bak")
    store.copy(".pulumi/b/none.json", ".pulumi/b/none.bak")
    assert [info.key for info in store.list(".pulumi/b")] == [
        ".pulumi/b/1.json",
        ".pulumi/b/2.json",
        ".pulumi/b/c/1.json.bak",
    ]
    assert (store.get(".pulumi/b/c/1.json.bak"), store.get(".pulumi/b/3.json")) == (b"one", None)
    store.delete(".pulumi/b/1.json", ".pulumi/b/2.json", ".pulumi/b/none.json")
    assert [info.key for info in store.list(".pulumi/b")] == [".pulumi/b/c/1.json.bak"]


def test_a_list_longer_than_a_page_is_whole(cloud: CloudBench) -> None:
    """S3 answers at most 1000 keys at a time; a list has them all, and all can be removed at once."""
    store = opened(cloud)
    for number in range(1002):
        cloud.put(f".pulumi/history/{number:04}", b"")
    found = [info.key for info in store.list(".pulumi/history")]
    assert (len(found), found[0], found[-1]) == (1002, ".pulumi/history/0000", ".pulumi/history/1001")
    store.delete(*found)
    assert store.list(".pulumi/history") == []


def test_what_is_there_is_not_overwritten_by_a_new_object(cloud: CloudBench) -> None:
    """`put_new` writes once; the same content again is no conflict, as after a lost answer, another one is."""
    store = opened(cloud)
    assert [store.put_new("a", b"first"), store.put_new("a", b"first"), store.put_new("a", b"other")] == [
        True,
        True,
        False,
    ]
    assert store.get("a") == b"first"


def test_a_folder_in_the_bucket_keeps_its_objects_there(cloud: CloudBench) -> None:
    """`s3://bucket/a/b` puts every key under `a/b/`, as Pulumi does."""
    store = opened(cloud, f"s3://{cloud.bucket}/a/b/")
    store.put(".pulumi/x.json", b"x")
    assert (list(cloud.objects()), [info.key for info in store.list(".pulumi")]) == (
        ["a/b/.pulumi/x.json"],
        [".pulumi/x.json"],
    )


def test_a_missing_object_is_missing_for_who_may_list_a_prefix_only(cloud: CloudBench, new_user: NewUser) -> None:
    """AWS says 403 for what is not there where listing is tied to a prefix; the list then tells the difference."""
    store = opened(cloud.as_holder(new_user(rights(cloud.bucket, "s3:GetObject", "s3:PutObject"))[1]))
    store.put(".pulumi/stacks/p/dev.json.bak", b"{}")
    assert store.get(".pulumi/stacks/p/dev.json") is None
    store.copy(".pulumi/stacks/p/dev.json", ".pulumi/stacks/p/other")
    assert list(cloud.objects()) == [".pulumi/stacks/p/dev.json.bak"]


def test_a_denied_object_is_not_taken_for_a_missing_one(cloud: CloudBench, new_user: NewUser) -> None:
    """FY531 names the action and AWS's words where the object is there, and where a list is denied as well."""
    cloud.put(".pulumi/stacks/p/dev.json", b"{}")
    lister = opened(cloud.as_holder(new_user(rights(cloud.bucket, "s3:PutObject"))[1]))
    with pytest.raises(StateAccessDeniedError, match="s3:GetObject") as caught:
        lister.get(".pulumi/stacks/p/dev.json")
    assert "AccessDenied: User: arn:aws:iam::" in caught.value.why
    nobody = opened(cloud.as_holder(new_user()[1]))
    with pytest.raises(StateAccessDeniedError, match="s3:GetObject"):
        nobody.get(".pulumi/none.json")
    with pytest.raises(StateAccessDeniedError, match="s3:ListBucket"):
        nobody.list(".pulumi/stacks")
    with pytest.raises(StateAccessDeniedError, match="s3:PutObject"):
        nobody.put(".pulumi/x", b"")
    with pytest.raises(StateAccessDeniedError, match="s3:PutObject"):
        nobody.put_new(".pulumi/x", b"")
    with pytest.raises(StateAccessDeniedError, match="s3:DeleteObject"):
        nobody.delete(".pulumi/stacks/p/dev.json")
    with pytest.raises(StateAccessDeniedError, match="s3:PutObject"):
        nobody.copy(".pulumi/stacks/p/dev.json", ".pulumi/y")


@pytest.mark.parametrize("act", ["get", "put", "put_new", "copy", "list"])
def test_a_missing_bucket_is_told_whatever_is_asked(cloud: CloudBench, act: str) -> None:
    """FY530 names the bucket and has AWS's words."""
    store = opened(cloud, "s3://no-such-bucket-of-ours")
    acts: dict[str, Callable[[], object]] = {
        "get": lambda: store.get("a"),
        "put": lambda: store.put("a", b""),
        "put_new": lambda: store.put_new("a", b""),
        "copy": lambda: store.copy("a", "b"),
        "list": lambda: store.list("a"),
    }
    with pytest.raises(BucketMissingError, match="no-such-bucket-of-ours") as caught:
        acts[act]()
    assert "NoSuchBucket" in caught.value.why


def test_credentials_that_aws_does_not_know_are_told(cloud: CloudBench) -> None:
    """FY533 for a key that is not there and for a wrong secret; the secret is in no message."""
    unknown = Keys("AKIAABCDEFGHIJKLMNOP", "not-a-secret")
    wrong = Keys(cloud.aws.administrator.access_key_id, "not-a-secret")
    for keys, why in ((unknown, "InvalidAccessKeyId"), (wrong, "SignatureDoesNotMatch")):
        with pytest.raises(CredentialsRefusedError) as caught:
            opened(cloud.as_holder(keys)).get("a")
        assert (why in caught.value.why, "not-a-secret" in str(caught.value)) == (True, False)


def test_an_endpoint_that_does_not_answer_is_told(cloud: CloudBench) -> None:
    """FY534 after a few attempts, without the library's own debugging text."""
    access = AwsAccess({**cloud.env, "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, lambda _env: None)
    with pytest.raises(StateUnreachableError) as caught:
        open_s3_store("s3://bucket", access).get("a")
    assert "Debug source" not in str(caught.value)


def test_keys_that_cannot_be_renewed_are_told(cloud: CloudBench) -> None:
    """FY532 where a profile's keys come to an end in the middle of the work and cannot be had again."""

    class Ended:
        def get_frozen_credentials(self) -> None:
            raise RuntimeError("the program that gives the keys has failed")

    access = AwsAccess(cloud.env, only_the_twin)
    place = replace(access.place("s3", AwsChoice()), credentials=Ended())
    store = S3Store(opened_bucket(parse_s3_url(f"s3://{cloud.bucket}"), place), parse_s3_url("s3://b"), "s3://b")
    with pytest.raises(CredentialsMissingError, match="the program that gives the keys has failed"):
        store.get("a")


def test_keys_that_are_about_to_end_are_asked_for_again(cloud: CloudBench, request: pytest.FixtureRequest) -> None:
    """Keys with an end are renewed in the middle of the work, those without one are asked for once."""

    class Counted:
        def __init__(self, ends: datetime | None) -> None:
            self._expiry_time = ends
            self.asked = 0

        def get_frozen_credentials(self) -> ReadOnlyCredentials:
            self.asked += 1
            keys = cloud.aws.administrator
            return ReadOnlyCredentials(keys.access_key_id, keys.secret_access_key, None)

    # obstore asks again only when its last question is 0.1 s ago.
    request.addfinalizer(lambda: change_settings(cloud.twin.run, latency_ms=0))
    change_settings(cloud.twin.run, latency_ms=120)
    asked = []
    for ends in (None, datetime.now(UTC) + timedelta(seconds=60)):
        counted = Counted(ends)
        address = parse_s3_url(f"s3://{cloud.bucket}")
        place = replace(AwsAccess(cloud.env, only_the_twin).place("s3", AwsChoice()), credentials=counted)
        store = S3Store(opened_bucket(address, place), address, "s3://b")
        for _ in range(3):
            assert store.get("a") is None
        asked.append(counted.asked)
    assert asked == [1, 3]


def test_calls_that_go_together_are_all_carried_out(cloud: CloudBench) -> None:
    """What fails does not keep the others from being done, and is raised."""
    store = opened(cloud)
    missing = opened(cloud, "s3://no-such-bucket-of-ours")
    with pytest.raises(BucketMissingError):
        store.together(lambda: missing.put("a", b""), lambda: store.put("a", b"x"), lambda: store.put("b", b"y"))
    assert cloud.objects() == {"a": b"x", "b": b"y"}


def test_no_proxy_of_the_environment_gets_between(cloud: CloudBench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Signed requests go to the endpoint itself, whatever proxies and endpoints the process's environment names."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "AWS_PROXY_URL"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_SKIP_SIGNATURE", "true")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    store = opened(cloud)
    store.put("a", b"x")
    assert (store.get("a"), os.environ["AWS_ENDPOINT_URL_S3"]) == (b"x", "http://127.0.0.1:9")


def test_a_session_past_its_end_is_told(
    cloud: CloudBench, new_role: Callable[..., str], request: pytest.FixtureRequest
) -> None:
    """FY533 says that what was recorded is intact, and what to do."""
    trust = document(
        {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "sts:AssumeRole"}
    )
    role = new_role("111122223333", trust, document({"Effect": "Allow", "Action": "s3:*", "Resource": "*"}))
    store = opened(cloud.as_holder(cloud.aws.assume(role)))
    store.put("a", b"x")
    request.addfinalizer(lambda: change_settings(cloud.twin.run, clock_ahead_s=0))
    change_settings(cloud.twin.run, clock_ahead_s=7200)
    with pytest.raises(CredentialsRefusedError, match="Expired") as caught:
        store.get("a")
    assert ("intact" in str(caught.value), "sign in again" in str(caught.value)) == (True, True)


@pytest.mark.parametrize("way", ["disabled", "pending deletion"])
def test_a_state_key_that_cannot_be_used_is_told(cloud: CloudBench, way: str) -> None:
    """FY537, not a denial: the key is named with the commands that make it usable, for reading and for writing."""
    kms = cloud.aws.client("kms")
    arn = kms.create_key()["KeyMetadata"]["Arn"]
    store = opened(cloud, f"s3://{cloud.bucket}?ssetype=aws:kms&kmskeyid={arn}")
    store.put(".pulumi/x.json", b"x")
    kms.disable_key(KeyId=arn) if way == "disabled" else kms.schedule_key_deletion(KeyId=arn, PendingWindowInDays=7)
    for act in (lambda: store.get(".pulumi/x.json"), lambda: store.put(".pulumi/y.json", b"y")):
        with pytest.raises(SecretsKeyUnusableError) as caught:
            act()
        assert (way in caught.value.why, f"aws kms enable-key --key-id {arn}" in caught.value.hint) == (True, True)
        pending = f"aws kms cancel-key-deletion --key-id {arn}" in caught.value.hint
        assert pending is (way == "pending deletion")


def test_a_state_key_that_is_not_there_is_told(cloud: CloudBench) -> None:
    """FY536 for a key that is to encrypt the state and does not exist; AWS's words are quoted."""
    key = f"arn:aws:kms:us-east-1:{MANAGEMENT}:key/11111111-2222-3333-4444-555555555555"
    with pytest.raises(SecretsKeyMissingError) as caught:
        opened(cloud, f"s3://{cloud.bucket}?ssetype=aws:kms&kmskeyid={key}").put(".pulumi/x.json", b"x")
    assert caught.value.why.startswith("KMS.NotFoundException: ")
