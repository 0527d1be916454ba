"""The protocol: what an engine gets from the provider, on a make-believe account."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2

from rehearsal.aws.catalogue import Catalogue
from rehearsal.aws.errors import AccountNotAllowed, EndpointRefused
from rehearsal.aws.function import Function
from rehearsal.aws.kinds import WHOLE
from rehearsal.aws.plugin import AwsProvider
from rehearsal.aws.properties import Property
from rehearsal.aws.settings import ProviderSettings
from rehearsal.aws.wire import UNKNOWN, to_struct
from tests.unit.aws_provider.bookshelf import BOOK, Library
from tests.unit.aws_provider.driving import AbortedError, CallContext, Driver, RefusedInputsError

COUNT = Function(
    "aws:library/count:count", "library", (Property("least", WHOLE),), lambda call: {"books": len(call.aws.books)}
)
CATALOGUE = Catalogue({BOOK.type: BOOK}, {COUNT.type: COUNT})


class Notebook:
    """Remembers creations in memory."""

    def __init__(self) -> None:
        self.begun: set[tuple[str, str]] = set()

    def begin(self, urn: str, account_id: str) -> None:
        """Write it down."""
        self.begun.add((urn, account_id))

    def end(self, urn: str, account_id: str) -> None:
        """Cross it out."""
        self.begun.discard((urn, account_id))

    def recorded(self, urn: str, account_id: str) -> None:
        """Cross it out."""
        self.end(urn, account_id)

    def began(self, urn: str, account_id: str) -> bool:
        """Look it up."""
        return (urn, account_id) in self.begun


def driver(library: Library, notebook: Notebook | None = None) -> Driver:
    """Return a configured provider that acts in the library."""
    return unconfigured(library, notebook).configure()


def unconfigured(library: Library, notebook: Notebook | None = None) -> Driver:
    """Return a provider for the library that is not configured yet."""

    def connect(env: Mapping[str, str], settings: ProviderSettings) -> Library:  # noqa: ARG001 - the protocol's
        return library

    creations = notebook or Notebook()
    return Driver(AwsProvider({}, connect=connect, catalogue=CATALOGUE, creations=creations), region="eu-west-1")


def test_the_provider_accepts_plain_values_only() -> None:
    """It says that it accepts neither secrets nor outputs nor resources, and that it previews."""
    provider = unconfigured(Library()).provider
    answer = provider.Configure(provider_pb2.ConfigureRequest(), CallContext())
    assert answer == provider_pb2.ConfigureResponse(supportsPreview=True)
    shake = provider.Handshake(provider_pb2.ProviderHandshakeRequest(), CallContext())
    assert shake == provider_pb2.ProviderHandshakeResponse()


def test_the_version_is_that_of_the_programs_it_serves() -> None:
    """The plugin's version is that of the installed pulumi-aws, so that engines do not take it for an old one."""
    version = unconfigured(Library()).provider.GetPluginInfo(empty_pb2.Empty(), CallContext()).version
    assert version.split(".")[0] == "7"


def test_the_schema_lists_what_is_offered() -> None:
    """The schema is JSON made from the tables: types with inputs and secret outputs, and functions."""
    answer = unconfigured(Library()).provider.GetSchema(provider_pb2.GetSchemaRequest(), CallContext())
    schema = json.loads(answer.schema)
    assert schema["resources"][BOOK.type]["requiredInputs"] == ["author"]
    assert schema["resources"][BOOK.type]["properties"]["password"] == {"type": "string", "secret": True}
    assert list(schema["functions"]) == [COUNT.type]


def test_a_wrong_configuration_is_refused_by_check() -> None:
    """An unknown setting is a check failure of the provider resource."""
    wrong = Driver(unconfigured(Library()).provider, regionn="eu-west-1")
    with pytest.raises(RefusedInputsError, match="FY653"):
        wrong.configure()


@pytest.mark.parametrize(
    ("old", "new", "diffs", "replaces"),
    [
        ({"region": "eu-west-1"}, {"region": "us-east-1"}, ["region"], ["region"]),
        ({"region": "eu-west-1"}, {"region": "eu-west-1", "profile": "x"}, ["profile"], []),
        ({"region": "eu-west-1"}, {"region": "eu-west-1"}, [], []),
        ({}, {"region": "eu-west-1"}, ["region"], []),
    ],
)
def test_only_another_region_replaces_a_provider(
    old: dict[str, str], new: dict[str, str], diffs: list[str], replaces: list[str]
) -> None:
    """A changed region replaces the provider and its resources; any other change of settings is an update."""
    request = provider_pb2.DiffRequest(olds=to_struct(old), news=to_struct(new))
    answer = unconfigured(Library()).provider.DiffConfig(request, CallContext())
    assert (list(answer.diffs), list(answer.replaces)) == (diffs, replaces)


@pytest.mark.parametrize("error", [EndpointRefused("no twin of ours"), AccountNotAllowed("AWS account ID not allowed")])
def test_a_connection_refused_is_a_refused_configuration(error: Exception) -> None:
    """Configure fails with the whole text of the error, code first."""

    def connect(env: Mapping[str, str], settings: ProviderSettings) -> Library:  # noqa: ARG001 - the protocol's
        raise error

    with pytest.raises(AbortedError, match=r"^FY65[58]: ") as caught:
        Driver(AwsProvider({}, connect=connect, catalogue=CATALOGUE)).configure()
    assert caught.value.code == grpc.StatusCode.INVALID_ARGUMENT


def test_an_unconfigured_provider_acts_on_nothing() -> None:
    """Before Configure there is no account, and a resource is refused."""
    with pytest.raises(AbortedError, match="FY660"):
        unconfigured(Library()).check(BOOK.type, "emma", {"author": "ann"})


def test_an_unknown_type_is_refused_with_the_nearest_known() -> None:
    """A type that is not in the catalogue is an error naming it, the nearest, and the page that tells how to add it."""
    words = r"FY650: .* aws:library/bok:Bok(.|\n)*aws:library/book:Book(.|\n)*docs/add-a-resource-type.md"
    with pytest.raises(AbortedError, match=words):
        driver(Library()).check("aws:library/bok:Bok", "emma", {})


def test_a_childs_type_is_the_last_of_its_urn() -> None:
    """A resource inside components is recognised by the last type of its URN."""
    request = provider_pb2.CheckRequest(
        urn="urn:pulumi:s::p::my:index:Shop$aws:library/book:Book::emma", news=to_struct({"author": "ann"})
    )
    provider = driver(Library()).provider
    assert not provider.Check(request, CallContext()).failures


def test_a_previewed_creation_knows_what_was_asked_and_nothing_else() -> None:
    """A preview answers inputs as they are and everything AWS will choose as unknown, and touches nothing."""
    library = Library()
    outputs = driver(library).preview(BOOK.type, "emma", {"author": "ann", "title": "Emma"})
    assert (outputs["author"], outputs["title"], outputs["pages"]) == ("ann", "Emma", 1)
    assert all(outputs[name] is UNKNOWN for name in ("isbn", "shelf", "id"))
    assert library.service.calls == []


def test_a_previewed_update_keeps_what_does_not_change() -> None:
    """A preview of an update answers the old outputs with the new inputs on top, without what was taken away."""
    library = Library()
    hand = driver(library)
    old = hand.create(BOOK.type, "emma", {"author": "ann", "blurb": "fine"})
    request = provider_pb2.UpdateRequest(
        id=old.id,
        urn=old.urn,
        olds=to_struct(old.outputs),
        news=to_struct(hand.check(BOOK.type, "emma", {"author": "ann", "pages": 7}, old)),
        preview=True,
    )
    fields = hand.provider.Update(request, CallContext()).properties.fields
    assert fields["pages"].number_value == 7
    assert fields["isbn"].string_value == "isbn-0"
    assert "blurb" not in fields


def test_secret_outputs_are_marked() -> None:
    """An output declared secret in the table leaves the provider as a secret."""
    hand = driver(Library())
    inputs = to_struct(hand.check(BOOK.type, "emma", {"author": "ann"}))
    urn = f"urn:pulumi:s::p::{BOOK.type}::emma"
    answer = hand.provider.Create(provider_pb2.CreateRequest(urn=urn, properties=inputs), CallContext())
    assert "1b47061264138c4ac30d75fd1eb44270" in str(answer.properties.fields["password"])
    assert answer.properties.fields["isbn"].string_value == "isbn-0"


def test_an_incomplete_resource_travels_with_its_error() -> None:
    """A half-done creation is a status whose details hold id, state and reason, so that the engine keeps it."""
    library = Library()
    library.service.failing["SetPages"] = "AccessDenied"
    with pytest.raises(AbortedError, match="SetPages, AccessDenied") as caught:
        driver(library).create(BOOK.type, "emma", {"author": "ann", "title": "Emma", "pages": 7})
    incomplete = caught.value.incomplete
    assert incomplete is not None
    assert (incomplete.id, list(incomplete.reasons)) == ("Emma", [str(caught.value)])
    assert incomplete.properties.fields["isbn"].string_value == "isbn-0"


def test_a_denied_call_is_permission_denied() -> None:
    """AWS's refusals for want of rights carry gRPC's code for that."""
    library = Library()
    library.service.failing["CreateBook"] = "AccessDenied"
    with pytest.raises(AbortedError) as caught:
        driver(library).create(BOOK.type, "emma", {"author": "ann"})
    assert caught.value.code == grpc.StatusCode.PERMISSION_DENIED


def test_a_creation_repeated_after_a_crash_finds_its_own_resource() -> None:
    """A creation begun by a run that died before recording it is completed by the next run."""
    library, notebook = Library(), Notebook()
    inputs = {"author": "ann", "title": "Emma"}
    first = driver(library, notebook).create(BOOK.type, "emma", inputs)
    again = driver(library, notebook).create(BOOK.type, "emma", inputs)
    assert again.outputs == first.outputs


def test_another_stack_does_not_get_ones_resource() -> None:
    """A name that another resource of ours has is taken: AWS's error stands, as it would in production."""
    library, notebook = Library(), Notebook()
    inputs = {"author": "ann", "title": "Emma"}
    driver(library, notebook).create(BOOK.type, "emma", inputs)
    for _ in range(2):  # the refusal is remembered: trying again does not make it one's own
        with pytest.raises(AbortedError, match="BookExists"):
            driver(library, notebook).create(BOOK.type, "other", inputs)


def test_a_deleted_resource_is_not_ones_own_any_more() -> None:
    """What somebody makes under a name after one's own resource was deleted is theirs."""
    library, notebook = Library(), Notebook()
    inputs = {"author": "ann", "title": "Emma"}
    hand = driver(library, notebook)
    hand.delete(hand.create(BOOK.type, "emma", inputs))
    driver(library, Notebook()).create(BOOK.type, "theirs", inputs)
    with pytest.raises(AbortedError, match="BookExists"):
        driver(library, notebook).create(BOOK.type, "emma", inputs)


def test_a_recorded_resource_is_not_taken_for_its_replacement() -> None:
    """Where the engine has the old resource on record, a creation is a replacement and never takes the old one over."""
    library, notebook = Library(), Notebook()
    inputs = {"author": "ann", "title": "Emma"}
    hand = driver(library, notebook)
    old = hand.create(BOOK.type, "emma", inputs)
    hand.diff(old, inputs)
    with pytest.raises(AbortedError, match="BookExists"):
        hand.create(BOOK.type, "emma", inputs)


def test_what_was_on_record_and_is_forgotten_is_not_taken_over() -> None:
    """A resource that a run has seen in its state, and that the state has lost since, is not made again."""
    library, notebook = Library(), Notebook()
    inputs = {"author": "ann", "title": "Emma"}
    hand = driver(library, notebook)
    hand.diff(hand.create(BOOK.type, "emma", inputs), inputs)
    with pytest.raises(AbortedError, match="BookExists"):
        driver(library, notebook).create(BOOK.type, "emma", inputs)


def test_an_import_may_name_the_region() -> None:
    """An id to import may end with `@` and a region, which is then the resource's."""
    hand = driver(Library())
    hand.create(BOOK.type, "emma", {"author": "ann", "title": "Emma"})
    found = hand.import_(BOOK.type, "emma", "Emma@us-east-1")
    assert found is not None
    assert (found.id, found.outputs["region"]) == ("Emma", "us-east-1")


def test_a_function_answers() -> None:
    """A function of the catalogue is answered with its result."""
    hand = driver(Library())
    hand.create(BOOK.type, "emma", {"author": "ann"})
    assert hand.invoke(COUNT.type) == {"books": 1}


def test_an_unknown_function_is_refused() -> None:
    """A function that is not in the catalogue is an error naming it and the nearest."""
    with pytest.raises(AbortedError, match=r"FY651: .*aws:library/cout:cout(.|\n)*aws:library/count:count"):
        driver(Library()).invoke("aws:library/cout:cout")


@pytest.mark.parametrize(("arguments", "path"), [({"least": "x"}, "least"), ({"most": 1}, "most")])
def test_wrong_arguments_of_a_function_are_refused(arguments: dict[str, Any], path: str) -> None:
    """An unknown or wrong argument is a failure at its path."""
    with pytest.raises(RefusedInputsError) as caught:
        driver(Library()).invoke(COUNT.type, **arguments)
    assert set(caught.value.failures) == {path}


def test_cancelling_tells_who_serves_it() -> None:
    """Cancel reaches the server that hosts the provider; without one it does nothing."""
    told: list[str] = []
    Driver(AwsProvider({}, catalogue=CATALOGUE, on_cancel=lambda: told.append("stop"))).cancel()
    unconfigured(Library()).cancel()
    assert told == ["stop"]
