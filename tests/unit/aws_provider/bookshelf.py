"""A make-believe AWS service and its table, by which the framework is tested without any AWS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from rehearsal.aws.kinds import DOCUMENT, FLAG, TEXT_LIST, TEXT_SET, WHOLE, list_of, record
from rehearsal.aws.operations import ID, TAG_KEYS, TAGS, OrElse, operation
from rehearsal.aws.properties import AutoName, Property, ReplacesIf, output
from rehearsal.aws.resource_type import Change, ResourceType, Tagging

MISSING = "NoSuchBook"
TAKEN = "BookExists"


class BookService:
    """The client: keeps books by title. A call named in `failing` is answered with that error code."""

    class meta:  # noqa: N801, D106 - botocore's attribute
        class service_model:  # noqa: N801, D106
            service_id = "Books"

    def __init__(self) -> None:
        self.books: dict[str, dict[str, Any]] = {}
        self.calls: list[str] = []
        self.failing: dict[str, str] = {}

    def create_book(self, **given: Any) -> dict[str, Any]:
        """Keep a new book."""
        self._called("CreateBook")
        if given["Title"] in self.books:
            raise refused("CreateBook", TAKEN)
        self.books[given["Title"]] = {"Pages": 1, "Shelf": "A", **given, "Isbn": f"isbn-{len(self.books)}"}
        return {"Book": self.books[given["Title"]]}

    def get_book(self, Title: str) -> dict[str, Any]:
        """Return a book."""
        self._called("GetBook")
        return {"Book": self._book("GetBook", Title)}

    def set_pages(self, Title: str, Pages: int) -> None:
        """Change the number of pages."""
        self._called("SetPages")
        self._book("SetPages", Title)["Pages"] = Pages

    def set_blurb(self, Title: str, Blurb: str) -> None:
        """Change the blurb."""
        self._called("SetBlurb")
        self._book("SetBlurb", Title)["Blurb"] = Blurb

    def tag_book(self, Title: str, Tags: list[Mapping[str, str]]) -> None:
        """Add tags."""
        self._called("TagBook")
        book = self._book("TagBook", Title)
        kept = [tag for tag in book.get("Tags", []) if tag["Key"] not in {new["Key"] for new in Tags}]
        book["Tags"] = [*kept, *Tags]

    def untag_book(self, Title: str, TagKeys: list[str]) -> None:
        """Remove tags."""
        self._called("UntagBook")
        book = self._book("UntagBook", Title)
        book["Tags"] = [tag for tag in book["Tags"] if tag["Key"] not in TagKeys]

    def delete_book(self, Title: str) -> None:
        """Throw a book away."""
        self._called("DeleteBook")
        self._book("DeleteBook", Title)
        del self.books[Title]

    def _book(self, call: str, title: str) -> dict[str, Any]:
        if title not in self.books:
            raise refused(call, MISSING)
        return self.books[title]

    def _called(self, call: str) -> None:
        self.calls.append(call)
        if call in self.failing:
            raise refused(call, self.failing[call])


def refused(call: str, code: str) -> ClientError:
    """Return the error botocore raises for this answer."""
    return ClientError({"Error": {"Code": code, "Message": f"{code} it is"}}, call)


class Library:
    """An account whose every client is the book service."""

    account_id = "111122223333"
    partition = "aws"
    user_arn = "arn:aws:iam::111122223333:user/reader"
    user_id = "AIDAREADER"
    region = "eu-west-1"

    def __init__(self) -> None:
        self.service = BookService()

    def client(self, service: str, region: str) -> BookService:
        """Return the book service."""
        return self.service


class StoppedClock:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> float:
        """Return the seconds slept."""
        return self.seconds

    def sleep(self, seconds: float) -> None:
        """Let them pass."""
        self.seconds += seconds


BOOK = ResourceType(
    type="aws:library/book:Book",
    title="Library Book",
    service="library",
    properties=(
        Property("title", replaces=True, auto_name=AutoName(longest=40)),
        Property("author", required=True, replaces=True),
        Property("pages", WHOLE, default=1),
        Property("blurb"),
        Property("shelf", replaces=ReplacesIf("from A to B", lambda old, new: (old, new) == ("A", "B")), computed=True),
        Property("contract", DOCUMENT, replaces=True),
        Property("cover", record(Property("hard", FLAG), Property("colour", one_of=("red", "blue"))), replaces=True),
        Property("chapters", list_of(Property("name", required=True), Property("pages", WHOLE)), replaces=True),
        Property("genres", TEXT_SET, replaces=True),
        Property("parts", TEXT_LIST, replaces=True),
        Property("keepOnDelete", FLAG, default=False, unread=True),
        output("isbn"),
        output("password", secret=True, aws="Isbn"),
    ),
    id="{title}",
    create=operation(
        "create_book",
        Title="title",
        Author="author",
        Blurb="blurb",
        Contract="contract",
        Cover="cover",
        Chapters="chapters",
        Genres="genres",
        Parts="parts",
        Tags=TAGS,
    ),
    read=operation("get_book", answer="Book", Title=ID),
    changes=(
        Change(("pages",), operation("set_pages", Title=ID, Pages="pages")),
        Change(("blurb",), operation("set_blurb", Title=ID, Blurb=OrElse("blurb", ""))),
        Change(("shelf",), operation("set_shelf", Title=ID, Shelf="shelf")),
    ),
    delete=operation("delete_book", Title=ID),
    tagging=Tagging(
        add=operation("tag_book", Title=ID, Tags=TAGS), remove=operation("untag_book", Title=ID, TagKeys=TAG_KEYS)
    ),
    not_found=(MISSING,),
    already_exists=(TAKEN,),
)
