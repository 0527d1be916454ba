"""The life of one resource as its table says, on a make-believe service."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from rehearsal.aws.aws_errors import AwsCallError
from rehearsal.aws.call import Call
from rehearsal.aws.checking import CheckContext, check
from rehearsal.aws.lifecycle import Found, IncompleteResourceError, Lifecycle
from rehearsal.aws.tags import TagRules
from tests.unit.aws_provider.bookshelf import BOOK, Library, StoppedClock

TAG_RULES = TagRules({"org": "acme"})
BOOKS = Lifecycle(BOOK, TAG_RULES)


def asked(**inputs: Any) -> dict[str, Any]:
    """Return checked inputs of a book."""
    given = {"title": "Emma", "author": "ann", **inputs}
    return check(BOOK, given, {}, CheckContext("emma", b"", "eu-west-1", TAG_RULES)).inputs


def call(library: Library, **about: Any) -> Call:
    """Return a call in the library."""
    tags = (about.get("asked") or {}).get("tagsAll") or {}
    return Call(library, "library", "eu-west-1", StoppedClock(), tags=tags, **about)


def created(library: Library, **inputs: Any) -> Found:
    """Create a book and forget the calls it took."""
    found = BOOKS.create(call(library, asked=asked(**inputs)))
    library.service.calls.clear()
    return found


def test_creation_reads_back_the_whole_state() -> None:
    """The outputs are what AWS tells, what was asked and AWS does not tell, all tags, region and id."""
    found = BOOKS.create(call(Library(), asked=asked(tags={"a": "b"}, keepOnDelete=True)))
    assert found.id == "Emma"
    assert found.outputs == {
        "title": "Emma",
        "author": "ann",
        "pages": 1,
        "shelf": "A",
        "keepOnDelete": True,
        "isbn": "isbn-0",
        "password": "isbn-0",
        "tags": {"a": "b"},
        "tagsAll": {"a": "b", "org": "acme"},
        "region": "eu-west-1",
        "id": "Emma",
    }


def test_creation_changes_what_the_create_call_could_not_say() -> None:
    """What was asked and isn't so after the create call is changed at once, and nothing else is."""
    library = Library()
    found = BOOKS.create(call(library, asked=asked(pages=300, blurb="fine")))
    assert found.outputs["pages"] == 300
    assert library.service.calls == ["CreateBook", "GetBook", "SetPages", "GetBook"]


def test_a_refused_creation_quotes_aws() -> None:
    """The error says what was being done to which resource, the call, AWS's code and AWS's words."""
    library = Library()
    library.service.failing["CreateBook"] = "AccessDenied"
    with pytest.raises(AwsCallError) as caught:
        BOOKS.create(call(library, asked=asked()))
    assert str(caught.value) == (
        "creating Library Book (Emma): operation error Books: CreateBook, AccessDenied: AccessDenied it is"
    )
    assert caught.value.denied


def test_a_half_done_creation_keeps_the_resource() -> None:
    """If something fails once the resource exists, the error carries its id and what is known of it."""
    library = Library()
    library.service.failing["SetPages"] = "Throttling"
    with pytest.raises(IncompleteResourceError, match="SetPages, Throttling") as caught:
        BOOKS.create(call(library, asked=asked(pages=300)))
    assert caught.value.id == "Emma"
    assert caught.value.state["pages"] == 1
    assert caught.value.state["isbn"] == "isbn-0"


def test_a_resource_that_can_not_be_read_after_creation_is_kept_as_asked() -> None:
    """Where not even reading works, what was asked is what is known."""
    library = Library()
    library.service.failing["GetBook"] = "AccessDenied"
    with pytest.raises(IncompleteResourceError) as caught:
        BOOKS.create(call(library, asked=asked(pages=300)))
    assert (caught.value.id, caught.value.state["pages"]) == ("Emma", 300)


def test_a_name_taken_by_somebody_else_is_aws_error() -> None:
    """A resource that exists already is never taken over unless it is known to be ours."""
    library = Library()
    created(library)
    with pytest.raises(AwsCallError, match="BookExists"):
        BOOKS.create(call(library, asked=asked()))


def test_ones_own_resource_is_taken_over_after_a_crash() -> None:
    """A resource that we began to create and that is exactly what is asked becomes the result of the creation."""
    library = Library()
    first = created(library)
    again = BOOKS.create(call(library, asked=asked()), may_adopt=True)
    assert (again.id, again.outputs) == (first.id, first.outputs)


def test_a_resource_that_is_not_what_was_asked_is_not_taken_over() -> None:
    """Even a resource of our own is left alone if it differs from what is asked."""
    library = Library()
    created(library, tags={"owner": "them"})
    with pytest.raises(AwsCallError, match="BookExists"):
        BOOKS.create(call(library, asked=asked()), may_adopt=True)


def test_an_update_makes_only_the_calls_that_are_needed() -> None:
    """Each changed property leads to its own call, unchanged ones to none."""
    library = Library()
    old = created(library, blurb="fine")
    outputs = BOOKS.update(call(library, id="Emma", asked=asked(blurb="fine", pages=2), state=old.outputs))
    assert outputs["pages"] == 2
    assert library.service.calls == ["SetPages", "GetBook"]


def test_a_property_taken_away_is_emptied() -> None:
    """Where the program no longer gives a property, AWS is told the table's word for none."""
    library = Library()
    old = created(library, blurb="fine")
    BOOKS.update(call(library, id="Emma", asked=asked(), state=old.outputs))
    assert library.service.books["Emma"]["Blurb"] == ""


def test_tags_are_changed_one_by_one() -> None:
    """Only tags that differ are set, only tags that are gone are removed."""
    library = Library()
    old = created(library, tags={"a": "1", "b": "2"})
    BOOKS.update(call(library, id="Emma", asked=asked(tags={"b": "3", "c": "4"}), state=old.outputs))
    assert {tag["Key"]: tag["Value"] for tag in library.service.books["Emma"]["Tags"]} == {
        "b": "3",
        "c": "4",
        "org": "acme",
    }
    assert library.service.calls == ["UntagBook", "TagBook", "GetBook"]


def test_an_ignored_property_is_not_changed() -> None:
    """A property under ignoreChanges leads to no call even if it differs."""
    library = Library()
    old = created(library)
    BOOKS.update(call(library, id="Emma", asked=asked(pages=9), state=old.outputs), ignored=("pages",))
    assert library.service.books["Emma"]["Pages"] == 1


def test_a_failed_update_tells_what_is_there_now() -> None:
    """If an update fails half way, the error carries the state as AWS tells it."""
    library = Library()
    old = created(library)
    library.service.failing["SetBlurb"] = "Throttling"
    with pytest.raises(IncompleteResourceError) as caught:
        BOOKS.update(call(library, id="Emma", asked=asked(pages=2, blurb="x"), state=old.outputs))
    assert caught.value.state["pages"] == 2
    assert "blurb" not in caught.value.state


def test_an_update_of_something_unreadable_is_refused() -> None:
    """If the resource can't be read either, the error is AWS's alone and the old state stands."""
    library = Library()
    old = created(library)
    library.service.failing = {"SetPages": "AccessDenied", "GetBook": "AccessDenied"}
    with pytest.raises(AwsCallError, match=r"updating Library Book \(Emma\): .* SetPages, AccessDenied"):
        BOOKS.update(call(library, id="Emma", asked=asked(pages=2), state=old.outputs))


def test_a_refresh_without_drift_changes_nothing() -> None:
    """Reading a resource that nobody touched gives the same outputs and inputs."""
    library = Library()
    inputs = asked(tags={"a": "b"}, genres=["satire", "novel"], contract='{"Statement": [ {"Action": ["a:B"]} ]}')
    old = BOOKS.create(call(library, asked=inputs))
    found = BOOKS.read(call(library, id="Emma", state=old.outputs), inputs)
    assert found == replace(old, inputs=inputs)


def test_a_refresh_shows_drift_in_outputs_and_inputs() -> None:
    """What was changed behind the program appears in the state, and in the inputs where the program had set it."""
    library = Library()
    old = created(library)
    library.service.books["Emma"] |= {"Pages": 7, "Blurb": "theirs"}
    found = BOOKS.read(call(library, id="Emma", state=old.outputs), old.inputs)
    assert found is not None
    assert (found.outputs["pages"], found.outputs["blurb"], found.inputs["pages"]) == (7, "theirs", 7)
    assert "blurb" not in found.inputs


def test_a_refresh_finds_a_resource_gone() -> None:
    """AWS's word for "there is none" makes the resource gone, not an error."""
    library = Library()
    old = created(library)
    library.service.books.clear()
    assert BOOKS.read(call(library, id="Emma", state=old.outputs), old.inputs) is None


def test_a_refresh_that_is_refused_is_an_error() -> None:
    """Any other answer of AWS is an error: a resource one may not read is not gone."""
    library = Library()
    old = created(library)
    library.service.failing["GetBook"] = "AccessDenied"
    with pytest.raises(AwsCallError, match=r"reading Library Book \(Emma\)"):
        BOOKS.read(call(library, id="Emma", state=old.outputs), old.inputs)


def test_an_import_tells_the_inputs_that_would_make_the_resource() -> None:
    """Reading by id alone yields every property that says something as inputs."""
    library = Library()
    created(library, pages=300)
    found = BOOKS.read(call(library, id="Emma"), {})
    assert found is not None
    assert found.inputs == {
        "title": "Emma",
        "author": "ann",
        "pages": 300,
        "shelf": "A",
        "tagsAll": {"org": "acme"},
        "region": "eu-west-1",
        "__defaults": [],
    }


def test_a_tag_equal_to_a_default_one_is_its_own_only_if_asked_for() -> None:
    """A default tag found on a resource is not taken for its own unless the program names it there too."""
    library = Library()
    plain = created(library)
    named = created(library, title="Persuasion", tags={"org": "acme"})
    assert "tags" not in plain.outputs
    found = BOOKS.read(call(library, id="Persuasion", state=named.outputs), named.inputs)
    assert found is not None
    assert found.outputs["tags"] == {"org": "acme"}


def test_ignored_tags_are_nobodys_business() -> None:
    """Tags under ignoreTags and AWS's own are neither shown nor removed."""
    library = Library()
    books = Lifecycle(BOOK, TagRules({}, ("audit",), ("tmp:",)))
    old = books.create(call(library, asked=asked()))
    library.service.tag_book(
        Title="Emma", Tags=[{"Key": key, "Value": "x"} for key in ("audit", "tmp:1", "aws:made-by", "real")]
    )
    found = books.read(call(library, id="Emma", state=old.outputs), old.inputs)
    assert found is not None
    assert found.outputs["tagsAll"] == {"org": "acme", "real": "x"}


def test_deleting_what_is_gone_is_done() -> None:
    """A resource that is not there any more counts as deleted."""
    library = Library()
    old = created(library)
    BOOKS.delete(call(library, id="Emma", state=old.outputs))
    BOOKS.delete(call(library, id="Emma", state=old.outputs))
    assert library.service.books == {}


def test_a_refused_deletion_is_an_error() -> None:
    """Any other answer to a deletion is an error with AWS's words."""
    library = Library()
    old = created(library)
    library.service.failing["DeleteBook"] = "DeleteConflict"
    with pytest.raises(AwsCallError, match=r"deleting Library Book \(Emma\): .* DeleteConflict"):
        BOOKS.delete(call(library, id="Emma", state=old.outputs))


def test_waiting_ends_with_an_answer() -> None:
    """Something that is not ready is asked for again until it answers."""
    answers = iter([None, None, "ready"])
    assert call(Library()).wait_for(lambda: next(answers), "the book") == "ready"


def test_waiting_ends_with_the_time() -> None:
    """Something that never gets ready is an error that names it, after the time allowed."""
    waiting = call(Library(), timeout=10.0)
    with pytest.raises(TimeoutError, match="the book took longer than 10 seconds"):
        waiting.wait_for(lambda: None, "the book")
    assert waiting.clock.now() <= 10.0
