"""Check: inputs verified and completed."""

from __future__ import annotations

import json
from typing import Any

from rehearsal.aws.checking import CheckContext, Checked, check
from rehearsal.aws.tags import TagRules
from rehearsal.aws.wire import UNKNOWN
from tests.unit.aws_provider.bookshelf import BOOK

CONTEXT = CheckContext("novel", b"seed", "eu-west-1", TagRules({"org": "acme", "env": "dev"}))


def checked(olds: dict[str, Any] | None = None, /, **inputs: Any) -> Checked:
    """Return the check of a book by an author and with these inputs."""
    return check(BOOK, {"author": "ann", **inputs}, olds or {}, CONTEXT)


def problems(**inputs: Any) -> dict[str, str]:
    """Return what is wrong with these inputs: path to reason."""
    return {problem.path: problem.reason for problem in checked(**inputs).problems}


def test_an_unknown_property_is_refused_with_the_nearest_known_and_where_to_read_on() -> None:
    """What the table does not list is an error with type, property, nearest name and the page on adding it."""
    reason = problems(autor="bob")["autor"]
    assert 'FY652: the rehearsal provider does not offer "autor" of aws:library/book:Book' in reason
    assert 'the nearest it knows is "author"' in reason
    assert "docs/add-a-resource-type.md" in reason


def test_every_problem_is_reported_at_once() -> None:
    """All problems of a resource are found by one check."""
    assert set(problems(author=None, pages="many", cover={"colour": "green"})) == {"author", "pages", "cover.colour"}


def test_a_missing_required_property_is_a_problem() -> None:
    """A required property that is not given is named."""
    assert problems(author=None) == {"author": "is required"}


def test_a_value_of_the_wrong_kind_is_a_problem_at_its_path() -> None:
    """A wrong value is reported with the path that leads to it, through lists and objects."""
    found = problems(
        pages=True, blurb=7, genres="crime", chapters=[{"name": "one"}, {"pages": "x"}], cover={"weight": 1}
    )
    assert found == {
        "pages": "must be a whole number, not a flag",
        "blurb": "must be a text, not the number 7",
        "genres": "must be a set of text, not text",
        "chapters[1].name": "is required",
        "chapters[1].pages": "must be a whole number, not text",
        "cover.weight": "is not known; known are colour, hard",
    }


def test_a_broken_document_is_a_problem() -> None:
    """A policy document that is no JSON is refused before AWS sees it."""
    assert "contains an invalid JSON policy" in problems(contract="{")["contract"]


def test_unknown_values_are_no_problem() -> None:
    """A value known only later passes, wherever it is."""
    found = checked(author=UNKNOWN, pages=UNKNOWN, chapters=[{"name": UNKNOWN}], cover=UNKNOWN, contract=UNKNOWN)
    assert found.problems == ()


def test_defaults_are_filled_in_and_listed() -> None:
    """Defaults and made-up names are added, and named in `__defaults` as Pulumi's bridge does."""
    inputs = checked().inputs
    assert (inputs["pages"], inputs["keepOnDelete"]) == (1, False)
    assert inputs["__defaults"] == ["keepOnDelete", "pages", "title"]


def test_a_made_up_name_comes_from_the_seed() -> None:
    """The name is the resource's with seven hexadecimal digits, the same for the same seed."""
    name = checked().inputs["title"]
    assert name.removeprefix("novel-").isalnum()
    assert len(name.removeprefix("novel-")) == 7
    assert checked().inputs["title"] == name
    other = check(BOOK, {"author": "ann"}, {}, CheckContext("novel", b"another seed"))
    assert other.inputs["title"] != name


def test_a_made_up_name_is_kept() -> None:
    """An existing resource keeps the name made up for it, whatever the seed is now."""
    old = {"title": "novel-0000000", "__defaults": ["title"]}
    assert checked(old).inputs["title"] == "novel-0000000"


def test_a_given_name_taken_away_is_made_up_anew() -> None:
    """Where the program gave the old name and gives none now, a new one is made up."""
    assert checked({"title": "Emma", "__defaults": []}).inputs["title"] != "Emma"


def test_a_given_name_is_honoured() -> None:
    """A name in the program is used as it is and not listed as a default."""
    inputs = checked(title="Emma").inputs
    assert inputs["title"] == "Emma"
    assert "title" not in inputs["__defaults"]


def test_a_name_too_long_for_aws_is_a_problem() -> None:
    """A name longer than AWS takes is refused with both lengths."""
    assert problems(title="x" * 41)["title"].endswith("has 41 characters, AWS takes at most 40")


def test_default_tags_are_merged_under_the_resources_own() -> None:
    """`tagsAll` holds the provider's default tags with the resource's own on top; `tags` stays what was given."""
    inputs = checked(tags={"env": "prod", "a": "b"}).inputs
    assert inputs["tagsAll"] == {"org": "acme", "env": "prod", "a": "b"}
    assert inputs["tags"] == {"env": "prod", "a": "b"}


def test_an_unknown_tag_makes_all_tags_unknown() -> None:
    """While one tag is not known, what all tags will be isn't either."""
    assert checked(tags={"a": UNKNOWN}).inputs["tagsAll"] is UNKNOWN


def test_the_region_is_the_providers_unless_given() -> None:
    """A regional resource records its region: its own argument, else the provider's region."""
    assert checked().inputs["region"] == "eu-west-1"
    assert checked(region="us-east-1").inputs["region"] == "us-east-1"


def test_a_document_given_as_an_object_becomes_text() -> None:
    """A policy document may be written as an object and is recorded as JSON text."""
    inputs = checked(contract={"Version": "1", "Statement": []}).inputs
    assert json.loads(inputs["contract"]) == {"Version": "1", "Statement": []}
    assert checked(contract={"Version": UNKNOWN}).inputs["contract"] is UNKNOWN
