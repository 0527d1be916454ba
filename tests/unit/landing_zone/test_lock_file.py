"""The lock file: written whole, read strictly, and never allowed to contradict the manifest."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from landing_zone.errors import AccountNotCreated, LockConflict, LockUnreadable
from landing_zone.lock import HEADER, Lock, load_lock, lock_path, resolve_lock, write_lock
from tests.unit.landing_zone.fleets import ORGANIZATION_ID, ROOT_ID, edited, parsed

LOCK = Lock(ORGANIZATION_ID, ROOT_ID, {"prod": "012345678901", "audit": "100000000002"})
GOOD = f'organization_id: {ORGANIZATION_ID}\nroot_id: {ROOT_ID}\naccounts: {{prod: "012345678901"}}\n'

ALIAS_BOMB = b"a0: &a0 {x: 1}\n" + b"".join(
    b"a%d: &a%d [%s]\n" % (at, at, b", ".join([b"*a%d" % (at - 1)] * 9)) for at in range(1, 10)
)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """A lock survives its file, leading zeros of ids included."""
    write_lock(tmp_path / "fleet.lock.yaml", LOCK)
    assert load_lock(tmp_path / "fleet.lock.yaml") == LOCK


def test_the_file_reads_well_in_a_diff(tmp_path: Path) -> None:
    """The file says who writes it, and lists accounts by name, one a line."""
    write_lock(tmp_path / "fleet.lock.yaml", LOCK)
    assert (tmp_path / "fleet.lock.yaml").read_text(encoding="utf-8") == (
        f"{HEADER}organization_id: {ORGANIZATION_ID}\nroot_id: {ROOT_ID}\n"
        'accounts:\n  audit: "100000000002"\n  prod: "012345678901"\n'
    )


def test_writing_leaves_nothing_else_behind(tmp_path: Path) -> None:
    """Only the lock file is in the folder after it was written twice."""
    write_lock(tmp_path / "fleet.lock.yaml", LOCK)
    write_lock(tmp_path / "fleet.lock.yaml", Lock(ORGANIZATION_ID, ROOT_ID))
    assert [path.name for path in tmp_path.iterdir()] == ["fleet.lock.yaml"]
    assert load_lock(tmp_path / "fleet.lock.yaml").accounts == {}


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    """A lock that can't be written leaves the one before, and no half of itself."""
    path = tmp_path / "fleet.lock.yaml"
    write_lock(path, LOCK)
    with pytest.raises(UnicodeEncodeError):
        write_lock(path, Lock(ORGANIZATION_ID, ROOT_ID, {"\ud800": "100000000009"}))
    assert load_lock(path) == LOCK
    assert [left.name for left in tmp_path.iterdir()] == ["fleet.lock.yaml"]


def test_no_file_is_an_empty_lock(tmp_path: Path) -> None:
    """Before the organisation is created there is no file and no id."""
    lock = load_lock(tmp_path / "fleet.lock.yaml")
    assert lock == Lock()
    assert lock.is_empty


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "fleet.lock.yaml:1:1: the file is empty"),
        ("- a\n", "fleet.lock.yaml:1:1: the file must hold keys and values"),
        ("a: [", "fleet.lock.yaml:1:5: not YAML: while parsing a flow"),
        (GOOD.replace("root_id", "rootid"), "unknown key rootid"),
        (GOOD.replace(ORGANIZATION_ID, "acme"), "organization_id is 'acme', which is no such id"),
        (GOOD.replace(ROOT_ID, "root"), "root_id is 'root', which is no such id"),
        (GOOD.replace('{prod: "012345678901"}', "[prod]"), "accounts is no mapping of names to ids"),
        (GOOD.replace('"012345678901"', "100000000001"), "the id of prod is 100000000001, not 12 digits in quotes"),
        (GOOD.replace('"012345678901"', '"1"'), "the id of prod is '1', not 12 digits in quotes"),
        (GOOD.replace("}", ', dev: "012345678901"}'), "prod and dev have one id, 012345678901"),
        (GOOD.replace("}", ', prod: "012345678902"}'), 'fleet.lock.yaml:3:34: the key "prod" stands here twice'),
    ],
)
def test_a_damaged_file_is_refused(tmp_path: Path, text: str, why: str) -> None:
    """A lock that Fleetyard can't have written is refused, with what is wrong and how to get the good one back."""
    path = tmp_path / "fleet.lock.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(LockUnreadable) as caught:
        load_lock(path)
    assert caught.value.why.startswith(why)
    assert caught.value.hint == f"take back the last good one: git checkout -- {path}"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"accounts: \xff", "byte 10 is not UTF-8"),
        (b"#" * 5_000_001, "it has more than 5,000,000 bytes"),
        (b"accounts: " + b"[" * 3000, "fleet.lock.yaml:1:61: not read: nested deeper than 50 levels"),
        (b"accounts: &a {x: *a}", "fleet.lock.yaml:1:11: an alias contains itself"),
        (b"root_id: " + b"9" * 5000, f"fleet.lock.yaml:1:10: '{'9' * 79}... (5,002 characters)' is no int"),
        (b"root_id: !!python/name:os.system", "fleet.lock.yaml:1:10: the YAML tag"),
        (b"root_id: \x00", "fleet.lock.yaml:1:1: not YAML"),
        (ALIAS_BOMB, "fleet.lock.yaml:6:1: not read: more than 100,000 values"),
    ],
    ids=["encoding", "size", "nesting", "circle", "number", "tag", "control", "aliases"],
)
def test_a_file_that_would_exhaust_its_reader_is_refused(tmp_path: Path, content: bytes, why: str) -> None:
    """A lock is read within the bounds of a manifest; whatever is in the file, it is LockUnreadable."""
    path = tmp_path / "fleet.lock.yaml"
    path.write_bytes(content)
    with pytest.raises(LockUnreadable) as caught:
        load_lock(path)
    assert caught.value.why.startswith(why)


def test_a_file_saved_with_a_mark_of_its_encoding_is_read(tmp_path: Path) -> None:
    """A byte order mark, which some editors write, does no harm."""
    path = tmp_path / "fleet.lock.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert load_lock(path).accounts == {"prod": "012345678901"}


def test_an_account_without_id_is_not_created() -> None:
    """Asking for an id that AWS has not given yet names the account and the command that creates it."""
    with pytest.raises(AccountNotCreated) as caught:
        LOCK.account_id("dev")
    assert caught.value.account == "dev"
    assert caught.value.hint == "fleetyard up --stack 'organization/*'"


def test_errors_travel_between_processes() -> None:
    """An error raised in a worker is the same when it arrives."""
    error = AccountNotCreated("dev")
    arrived = pickle.loads(pickle.dumps(error))  # noqa: S301  (our own bytes)
    assert (type(arrived), str(arrived), arrived.account) == (AccountNotCreated, str(error), "dev")


def test_ids_of_the_manifest_are_added() -> None:
    """The management account's id, and ids that accounts give themselves, need no lock."""
    manifest = parsed(edited(("audit@small.example}", 'audit@small.example, id: "100000000002"}')))
    assert resolve_lock(manifest, Lock()).accounts == {"root": "100000000001", "audit": "100000000002"}
    assert resolve_lock(manifest, LOCK).accounts == {"root": "100000000001", **LOCK.accounts}


@pytest.mark.parametrize(
    ("accounts", "why"),
    [
        ({"root": "900000000009"}, "root is 100000000001 in the manifest and 900000000009 in the lock file"),
        ({"prod": "100000000001"}, "100000000001 would be the id of prod and of root"),
    ],
)
def test_a_lock_of_another_organisation_is_refused(accounts: dict[str, str], why: str) -> None:
    """A lock that names another id than the manifest, or one id for two accounts, is refused."""
    with pytest.raises(LockConflict) as caught:
        resolve_lock(parsed(), Lock(ORGANIZATION_ID, ROOT_ID, accounts))
    assert caught.value.why == why


def test_the_lock_stands_beside_the_manifest() -> None:
    """The lock's place follows from the manifest's."""
    assert lock_path(Path("/fleets/acme/fleet.yaml")) == Path("/fleets/acme/fleet.lock.yaml")
