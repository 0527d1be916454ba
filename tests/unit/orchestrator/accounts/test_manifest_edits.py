"""Edits of the manifest: the lines that are meant change, every other one stays, and nothing half is written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from landing_zone.errors import AccountUnknown
from orchestrator.accounts.editing.manifest_edits import (
    ManifestEditor,
    add_account,
    move_account,
    remove_account,
    replace_file,
    set_account_key,
)
from orchestrator.accounts.errors import EditRefused, ManifestChanged, ManifestNotEditable, ManifestUnwritable

FLEET = """\
# The fleet of ours.
organization: small
management_account_id: "100000000001"
region: eu-west-1
imports: [teams/*.yaml]        # one file per team
callers: {administrator: a,   management: m}
roles:
  Admin: { managed_policies: [AdministratorAccess] }
management_roles:
  Management-Admin:
    trusted: {users: [ops]}
    state: write
    grants:
    - {roles: [Admin], accounts: ["*"]}    # everywhere
units:
  core:
    accounts:
      root: {email: root@small.example, management: true}
      # the next one is odd
      odd: {email: 'odd@small.example', tags: {"team": red,}}   # keep this
  empty: {accounts: {}}
"""
TEAM = """\
units:
  shop:
    accounts:
      shop-prod:
        email: prod@small.example      # of the whole team
        stage: prod
        vars:
          text: >-
            two
            lines
        # the end of shop-prod
      # about shop-dev
      shop-dev: {email: dev@small.example}

defaults: {accounts: {tags: {owner: shop}}}
"""
BLOCK = {"email": "new@small.example", "stage": "prod", "id": "200000000002", "vars": {"cidr": "10.0.0.0/16"}}
NEW_LINE = 'new: {email: new@small.example, stage: prod, id: "200000000002", vars: {cidr: 10.0.0.0/16}}'


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    """Return a manifest that imports another file."""
    (tmp_path / "teams").mkdir()
    (tmp_path / "teams" / "shop.yaml").write_bytes(TEAM.encode())
    (tmp_path / "fleet.yaml").write_bytes(FLEET.encode())
    return tmp_path / "fleet.yaml"


def _own(fleet: Path) -> str:
    return fleet.read_bytes().decode()


def _team(fleet: Path) -> str:
    return (fleet.parent / "teams" / "shop.yaml").read_bytes().decode()


def test_an_account_is_added_after_the_last_one_of_its_unit(fleet: Path) -> None:
    """A new account is one line at the end of its unit, in the file that has the unit; all other lines stay."""
    add_account(fleet, "core", "new", BLOCK)
    last = "      odd: {email: 'odd@small.example', tags: {\"team\": red,}}   # keep this\n"
    assert _own(fleet) == FLEET.replace(last, f"{last}      {NEW_LINE}\n")


def test_an_account_is_added_to_the_imported_file_of_its_unit(fleet: Path) -> None:
    """The file that is changed is the one that defines the unit's accounts."""
    edit = add_account(fleet, "shop", "new", BLOCK)
    last = "      shop-dev: {email: dev@small.example}\n"
    assert _own(fleet) == FLEET
    assert _team(fleet) == TEAM.replace(last, f"{last}      {NEW_LINE}\n")
    assert edit.manifest.account("new").id == "200000000002"


def test_an_account_is_written_as_its_neighbour_is(fleet: Path) -> None:
    """Where the last account has a line for each key, so has the new one."""
    remove_account(fleet, "shop-dev")
    add_account(fleet, "shop", "new", {"email": "new@small.example", "stage": "dev"})
    added = "      new:\n        email: new@small.example\n        stage: dev\n"
    end = "        # the end of shop-prod\n      # about shop-dev\n"
    assert _team(fleet) == TEAM.replace(f"{end}      shop-dev: {{email: dev@small.example}}\n", f"{end}{added}")


def test_an_empty_unit_gets_its_first_account(fleet: Path) -> None:
    """A unit in braces that has no account gets the first one inside its braces."""
    add_account(fleet, "empty", "new", {"email": "new@small.example"})
    assert _own(fleet) == FLEET.replace("{accounts: {}}", "{accounts: {new: {email: new@small.example}}}")


@pytest.mark.parametrize(
    ("name", "key", "value", "before", "after"),
    [
        ("root", "stage", "on", "management: true}", 'management: true, stage: "on"}'),
        ("odd", "suspended", True, '{"team": red,}}', '{"team": red,}, suspended: true}'),
        ("odd", "email", "o@small.example", "'odd@small.example'", "o@small.example"),
        ("odd", "tags", None, ', tags: {"team": red,}}', "}"),
        ("odd", "email", None, "", ""),
    ],
)
def test_one_key_is_changed_and_nothing_else(
    fleet: Path, name: str, key: str, value: object, before: str, after: str
) -> None:
    """A key is added, replaced or removed in place, and one that must be there is not removed."""
    if key == "email" and value is None:
        with pytest.raises(EditRefused, match="email"):
            set_account_key(fleet, name, key, value)
        assert _own(fleet) == FLEET
        return
    set_account_key(fleet, name, key, value)
    assert _own(fleet) == FLEET.replace(before, after)


def test_a_key_is_set_in_the_file_that_has_the_email(fleet: Path) -> None:
    """A key that no file has goes to the file that defines the account, after its other keys."""
    set_account_key(fleet, "shop-prod", "suspended", value=True)
    last = "            lines\n        # the end of shop-prod\n"
    assert _team(fleet) == TEAM.replace(last, f"{last}        suspended: true\n")
    set_account_key(fleet, "shop-prod", "suspended", value=None)
    assert _team(fleet) == TEAM


def test_a_block_value_is_replaced_by_one_line(fleet: Path) -> None:
    """A value of several lines gives way to the new one; what stands around it stays."""
    set_account_key(fleet, "shop-prod", "vars", {"a": 1})
    old = "        vars:\n          text: >-\n            two\n            lines\n"
    assert _team(fleet) == TEAM.replace(old, "        vars: {a: 1}\n")


def test_removing_keeps_the_words_above_an_account(fleet: Path) -> None:
    """A comment above an account stays, as it may speak of more than that one."""
    remove_account(fleet, "shop-dev")
    assert _team(fleet) == TEAM.replace("      shop-dev: {email: dev@small.example}\n", "")


def test_the_last_account_of_a_unit_leaves_the_unit(fleet: Path) -> None:
    """A unit whose last account is removed stays, and says that it has none."""
    remove_account(fleet, "shop-dev")
    remove_account(fleet, "shop-prod")
    assert "    accounts: {}\n      # about shop-dev\n" in _team(fleet)
    add_account(fleet, "shop", "again", {"email": "again@small.example"})
    assert "    accounts:\n      again: {email: again@small.example}\n" in _team(fleet)


def test_a_moved_account_takes_its_lines_with_it(fleet: Path) -> None:
    """An account moves with its comments, into a unit that is made if that was asked for."""
    move_account(fleet, "shop-prod", "old/shops", make_unit=True)
    lines = TEAM[TEAM.index("      shop-prod:") : TEAM.index("      # about shop-dev")]
    deeper = "".join(f"    {line}\n" for line in lines.splitlines())
    moved = f"  old:\n    units:\n      shops:\n        accounts:\n{deeper}"
    assert _team(fleet) == TEAM.replace(lines, "").replace("\ndefaults:", f"{moved}\ndefaults:")


def test_many_accounts_are_one_edit(fleet: Path) -> None:
    """Several changes are checked and written together."""
    editor = ManifestEditor(fleet)
    editor.add_accounts("core", {f"n{at}": {"email": f"n{at}@small.example"} for at in range(3)})
    editor.move("odd", "shop")
    editor.set_key("shop-dev", "stage", "dev")
    edit = editor.finish()
    assert [change.path.name for change in edit.changes] == ["shop.yaml", "fleet.yaml"]
    assert _own(fleet) == FLEET
    assert "+      n2: {email: n2@small.example}\n" in edit.diff
    assert {path.name for path in edit.write()} == {"shop.yaml", "fleet.yaml"}
    assert [each.unit for each in edit.manifest.accounts if each.name == "odd"] == ["shop"]


def test_line_endings_and_byte_order_mark_stay(fleet: Path) -> None:
    """A file with Windows line endings and a byte order mark keeps both."""
    before = b"\xef\xbb\xbf" + FLEET.replace("\n", "\r\n").encode()
    fleet.write_bytes(before)
    set_account_key(fleet, "odd", "suspended", value=True)
    add_account(fleet, "core", "new", {"email": "new@small.example"})
    after = fleet.read_bytes()
    assert after.startswith(b"\xef\xbb\xbf")
    assert after.count(b"\r\n") == after.count(b"\n") == before.count(b"\n") + 1


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (lambda path: add_account(path, "core", "shop-dev", BLOCK), "an account shop-dev already"),
        (lambda path: add_account(path, "cor", "new", BLOCK), 'did you mean "core"'),
        (lambda path: add_account(path, "core", "n w", BLOCK), "n w"),
        (lambda path: add_account(path, "core", "new", {**BLOCK, "email": "dev@small.example"}), "dev@small.example"),
        (lambda path: add_account(path, "core", "new", {**BLOCK, "id": "100000000001"}), "100000000001"),
        (lambda path: remove_account(path, "root"), "management"),
        (lambda path: set_account_key(path, "root", "suspended", value=True), "cannot be suspended"),
        (lambda path: move_account(path, "odd", "nowhere"), 'no unit "nowhere"'),
    ],
)
def test_an_edit_that_would_spoil_the_manifest_is_refused(
    fleet: Path, edit: Callable[[Path], object], words: str
) -> None:
    """Names, emails and ids appear once; whatever the manifest's own rules refuse is told, and nothing is written."""
    with pytest.raises(EditRefused, match=words.replace('"', ".")):
        edit(fleet)
    assert (_own(fleet), _team(fleet)) == (FLEET, TEAM)


def test_every_problem_of_an_edit_is_told(fleet: Path) -> None:
    """All that would be wrong with the manifest is told at once."""
    with pytest.raises(EditRefused) as refused:
        add_account(fleet, "core", "new", {"email": "nobody", "id": "12", "unknown": 1})
    assert all(word in refused.value.why for word in ("email", "id", "unknown"))


def test_what_an_edit_writes_has_no_line_yet(fleet: Path) -> None:
    """A problem in the lines of the change itself is told as such; nobody finds them in a file."""
    with pytest.raises(EditRefused) as refused:
        add_account(fleet, "core", "new", {"email": "nobody"})
    assert "in the lines of this change: " in refused.value.why


def test_two_problems_in_the_same_words_are_told_by_their_lines(fleet: Path) -> None:
    """Each is told once with its file, line, column and keys as the file has them, whatever the edit takes out."""
    text = (
        FLEET
        + "log_archive: odd\ntrusted_services: [a.amazonaws.com]\ndelegated_administrators: {a.amazonaws.com: odd}\n"
    )
    fleet.write_text(text, encoding="utf-8")
    with pytest.raises(EditRefused) as refused:
        remove_account(fleet, "odd")
    last = len(text.splitlines())
    lines = refused.value.why.strip().splitlines()
    assert [line.strip().split(", ")[0].rpartition("fleet.yaml")[2] for line in lines] == [
        f":{last - 2}:14",
        f":{last}:45",
    ]
    assert ", delegated_administrators.a.amazonaws.com: " in lines[1]


def test_an_unknown_account_is_told_with_the_nearest_name(fleet: Path) -> None:
    """A name that no file has is refused with the one that was probably meant."""
    with pytest.raises(AccountUnknown, match="shop-prod"):
        set_account_key(fleet, "shop-prd", "stage", "x")


def test_an_account_written_by_an_alias_is_not_touched(fleet: Path) -> None:
    """Where a change would reach another account as well, it is refused."""
    accounts = "one: &one {email: one@small.example, tags: &t {a: b}}, two: {email: two@small.example, tags: *t}"
    shared = FLEET.replace("  empty: {accounts: {}}", f"  empty: {{accounts: {{{accounts}}}}}")
    fleet.write_text(shared)
    with pytest.raises(ManifestNotEditable, match="by hand"):
        remove_account(fleet, "one")
    set_account_key(fleet, "two", "tags", {"c": "d"})
    assert _own(fleet) == shared.replace("*t}", "{c: d}}")


def test_a_file_that_changed_meanwhile_is_left_alone(fleet: Path) -> None:
    """What somebody else wrote since the manifest was read is never overwritten."""
    editor = ManifestEditor(fleet)
    editor.set_key("odd", "suspended", value=True)
    edit = editor.finish()
    fleet.write_text(FLEET + "# somebody else\n")
    with pytest.raises(ManifestChanged):
        edit.write()
    assert _own(fleet) == FLEET + "# somebody else\n"


def test_files_are_all_written_or_none(fleet: Path) -> None:
    """When the second file cannot be written the first is as it was."""

    def failing(path: Path, content: bytes) -> None:
        if path.name == "fleet.yaml":
            raise OSError(30, "Read-only file system")
        replace_file(path, content)

    editor = ManifestEditor(fleet)
    editor.set_key("odd", "suspended", value=True)
    editor.set_key("shop-dev", "suspended", value=True)
    edit = editor.finish()
    with pytest.raises(ManifestUnwritable, match="Read-only file system"):
        edit.write(failing)
    assert (_own(fleet), _team(fleet)) == (FLEET, TEAM)


def test_a_link_stays_a_link(fleet: Path) -> None:
    """A manifest that is a link is written where it leads to."""
    target = fleet.with_name("real.yaml")
    fleet.rename(target)
    fleet.symlink_to(target)
    set_account_key(fleet, "odd", "suspended", value=True)
    assert fleet.is_symlink()
    assert "suspended: true" in target.read_text()


def test_many_edits_at_once_are_those_made_one_by_one(fleet: Path) -> None:
    """Accounts of many units, and keys of many accounts, whatever files and forms they are in, read as single edits."""
    blocks = {name: {"email": f"{name}@small.example", "stage": "prod"} for name in ("a", "b", "c")}
    added = {"core": {"a": blocks["a"]}, "empty": {"b": blocks["b"]}, "shop": {"c": blocks["c"]}}
    values: dict[str, dict[str, object | None]] = {
        "odd": {"email": "o@small.example", "tags": None, "adopted": True},
        "shop-prod": {"stage": None, "adopted": True},
        "shop-dev": {"adopted": True, "aws_name": "Shop Dev"},
    }
    at_once, single = ManifestEditor(fleet), ManifestEditor(fleet)
    at_once.set_keys(values)
    at_once.add_all(added)
    for name, keys in values.items():
        for key, value in keys.items():
            single.set_key(name, key, value)
    for unit, accounts in added.items():
        single.add_accounts(unit, accounts)
    edit = at_once.finish()
    assert edit == single.finish()
    assert len(edit.changes) == 2
    assert {"a", "b", "c"} <= {account.name for account in edit.manifest.accounts}


def test_one_edit_that_is_not_understood_keeps_all_from_being_made(fleet: Path) -> None:
    """A name that is taken, or an account that is not there, refuses the rest with it; the files stay as they are."""
    before = _own(fleet)
    editor = ManifestEditor(fleet)
    with pytest.raises(EditRefused, match="there is an account odd already"):
        editor.add_all({"shop": {"new": {"email": "new@small.example"}}, "core": {"odd": {"email": "x@small.example"}}})
    with pytest.raises(AccountUnknown):
        editor.set_keys({"odd": {"adopted": True}, "nobody": {"adopted": True}})
    assert (editor.finish().changes, _own(fleet)) == ((), before)
