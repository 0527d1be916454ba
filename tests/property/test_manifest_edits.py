"""Edits of any manifest: what was asked for is read back, and every line of another account stays byte for byte."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.accounts.editing import yaml_text
from orchestrator.accounts.editing.yaml_text import Change, PutEntries, SetValue, TakeOut, written
from orchestrator.accounts.editing.yaml_tree import FormNotUnderstood
from orchestrator.accounts.editing.yaml_words import flow_words, make_entry, text_word

NAMES = st.sampled_from(["a", "b-1", "c", "d"])
WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Zl", "Zp"), exclude_characters="\ufeff"), max_size=8
)
TRICKY = st.sampled_from(["on", "No", "1e3", "0x1f", "2020-01-01", "null", "", " ", "#", "a: b", "*x", "10.0.0.0/8"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | WORDS | TRICKY,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS | TRICKY, inner, max_size=3),
    max_leaves=6,
)
COMMENTS = st.sampled_from(["", "  # why", "   # {a: b}, 'c'"])


@st.composite
def _accounts(draw: st.DrawFn) -> str:
    """Return the text of a unit whose accounts are written in all the ways people do."""
    lines = ["# top", "units:", "  u:  # unit", "    accounts:"]
    for name in draw(st.lists(NAMES, min_size=1, unique=True)):
        comment = draw(COMMENTS)
        if draw(st.booleans()):
            lines += [f"      # above {name}"]
        match draw(st.integers(0, 2)):
            case 0:
                lines += [f"      {name}: {{ email: {name}@x.example,tags: {{a: 'b' }} }}{comment}"]
            case 1:
                lines += [f"      {name}:{comment}", f"        email:  {name}@x.example{comment}"]
                lines += ["        tags:", "        - one", "        - two"] if draw(st.booleans()) else []
                lines += ["        text: |", "          # no comment", ""] if draw(st.booleans()) else []
            case _:
                lines += [f'      "{name}": {{email: {name}@x.example,', f"          stage: x}}{comment}"]
        lines += draw(st.sampled_from([[], [""], ["    # lower", ""], ["        # deeper"]]))
    lines += draw(st.sampled_from([[], ["  v: {accounts: {}}"], ["# end"], ["other: [1, 2]", ""]]))
    return "\n".join(lines) + draw(st.sampled_from(["\n", ""]))


def _are_among(few: list[str], many: list[str]) -> bool:
    """Return whether lines are all there, in their order."""
    rest = iter(many)
    return all(line in rest for line in few)


ACCOUNTS = ("units", "u", "accounts")


@given(VALUES)
def test_a_written_value_is_read_back(value: object) -> None:
    """Any JSON value, written in one line, is read as itself."""
    assert yaml_text.values_of(f"a: {flow_words(value)}\n") == {"a": value}


@given(WORDS | TRICKY)
def test_a_written_key_is_read_back(word: str) -> None:
    """Any text can be a key."""
    assert yaml_text.values_of(f"{{{text_word(word)}: 1}}\n") == {word: 1}


@given(_accounts(), VALUES, st.booleans())
def test_an_added_account_changes_no_other_line(text: str, value: object, in_braces: bool) -> None:
    """With a new account a text has more lines, and the old ones in their order."""
    block = {"email": "new@x.example", "vars": value}
    entry = make_entry("new", block, in_braces=in_braces)
    changed = yaml_text.with_entries(written(text), ACCOUNTS, [("new", block, entry)]).text
    assert yaml_text.at(yaml_text.values_of(changed), (*ACCOUNTS, "new")) == block
    assert _are_among(text.splitlines(), changed.splitlines())


@given(_accounts(), st.data(), VALUES)
def test_a_changed_key_touches_its_own_account_only(text: str, data: st.DataObject, value: object) -> None:
    """Setting a key, replacing it and taking it out again leaves the text as it was."""
    name = data.draw(st.sampled_from(sorted(yaml_text.at(yaml_text.values_of(text), ACCOUNTS))))
    keys = (*ACCOUNTS, name)
    entry = make_entry("suspended", True)
    added = yaml_text.with_entries(written(text), keys, [("suspended", True, entry)])
    assert len(set(text.splitlines()) - set(added.text.splitlines())) <= 1
    replaced = yaml_text.changed(added, [SetValue((*keys, "suspended"), value)])
    assert yaml_text.at(yaml_text.values_of(replaced.text), (*keys, "suspended")) == value
    assert yaml_text.changed(replaced, [TakeOut((*keys, "suspended"))]).text.rstrip("\n") == text.rstrip("\n")


@given(_accounts(), st.data())
def test_a_removed_account_leaves_all_others(text: str, data: st.DataObject) -> None:
    """Without one account the lines of all others are as they were."""
    before = yaml_text.at(yaml_text.values_of(text), ACCOUNTS)
    name = data.draw(st.sampled_from(sorted(before)))
    changed = yaml_text.changed(written(text), [TakeOut((*ACCOUNTS, name))]).text
    after = yaml_text.at(yaml_text.values_of(changed), ACCOUNTS)
    assert after == {other: value for other, value in before.items() if other != name}
    if len(before) > 1:
        assert _are_among(changed.splitlines(), text.splitlines())


@given(_accounts(), st.data())
def test_words_move_whole(text: str, data: st.DataObject) -> None:
    """An account that moves to another unit says there what it said here."""
    before = yaml_text.at(yaml_text.values_of(text), ACCOUNTS)
    name = data.draw(st.sampled_from(sorted(before)))
    try:
        words = yaml_text.words_of(text, (*ACCOUNTS, name))
    except FormNotUnderstood:
        raise AssertionError(text) from None
    target = ("units", "w", "units", "deep", "accounts")
    rest = yaml_text.changed(written(text), [TakeOut((*ACCOUNTS, name))])
    changed = yaml_text.with_entries(rest, target, [(name, before[name], words)]).text
    assert yaml_text.at(yaml_text.values_of(changed), (*target, name)) == before[name]


@given(_accounts(), VALUES)
def test_changes_made_at_once_are_those_made_one_by_one(text: str, value: object) -> None:
    """A key put into every account, changed and taken out again: the same text to the letter."""
    names = sorted(yaml_text.at(yaml_text.values_of(text), ACCOUNTS))
    entry = [("suspended", True, make_entry("suspended", True))]
    steps: list[list[Change]] = [
        [PutEntries((*ACCOUNTS, name), entry) for name in names],
        [SetValue((*ACCOUNTS, name, "suspended"), value) for name in names],
        [TakeOut((*ACCOUNTS, name, "suspended")) for name in names],
    ]
    at_once = one_by_one = written(text)
    for changes in steps:
        at_once = yaml_text.changed(at_once, changes)
        for change in changes:
            one_by_one = yaml_text.changed(one_by_one, [change])
        assert at_once == one_by_one
