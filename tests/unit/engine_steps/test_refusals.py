"""What the engine refuses, and in which words: nothing that a program asks for is ignored."""

from __future__ import annotations

from collections.abc import Callable

import pulumi
import pytest
from google.protobuf import struct_pb2
from pulumi import ResourceOptions as Options
from pulumi.runtime.proto import callback_pb2, resource_pb2, resource_pb2_grpc

from rehearsal.engine.errors import StateNotWrittenError
from rehearsal.engine.update import ConfigValue, UpdateKind, UpdateOptions, UpdateResult
from tests.support.stub_provider import THING
from tests.unit.engine_steps.trials import Recorder, Stub, Thing, Trial, WireProgram, registering

DENY_ALL = {"pulumi:disable-default-providers": ConfigValue('["*"]', is_object=True)}
HOOKS = resource_pb2.RegisterResourceRequest.ResourceHooksBinding(before_create=["audit"])


@pytest.mark.parametrize(
    ("option", "fields"),
    [
        ("a remote component", {"remote": True}),
        ("resource hooks", {"hooks": HOOKS}),
        ("transforms", {"transforms": [callback_pb2.Callback(token="t")]}),
        ("replace_with", {"replace_with": ["urn:pulumi:dev::trial::a:b:C::d"]}),
        ("replacement_trigger", {"replacement_trigger": struct_pb2.Value(string_value="x")}),
        ("hide_diffs", {"hideDiffs": ["colour"]}),
        ("a parameterised package", {"packageRef": "ref"}),
    ],
)
def test_an_unsupported_option_is_refused_by_resource_and_name(option: str, fields: dict[str, object]) -> None:
    """The update fails before the resource is made."""
    done = Trial().up(registering(**fields))
    assert f"resource t ({THING}) uses {option}, which the embedded engine does not support" in done.error
    assert done.calls("Create") == []


@pytest.mark.parametrize(
    ("words", "call"),
    [
        ("a call of a resource's method", lambda m: m.Call(resource_pb2.ResourceCallRequest(tok="a:b:C/d"))),
        ("parameterisation", lambda m: m.RegisterPackage(resource_pb2.RegisterPackageRequest(name="p"))),
        ("a resource transform", lambda m: m.RegisterStackTransform(callback_pb2.Callback())),
        ("resource hooks", lambda m: m.RegisterResourceHook(resource_pb2.RegisterResourceHookRequest(name="h"))),
    ],
)
def test_an_unsupported_request_is_refused_by_name(
    words: str, call: Callable[[resource_pb2_grpc.ResourceMonitorStub], None]
) -> None:
    """Methods, packages, transforms and hooks fail the update in clear words."""
    assert words in Trial().up(WireProgram(call)).error


@pytest.mark.parametrize("kind", [UpdateKind.REFRESH, UpdateKind.DESTROY])
def test_run_program_is_refused_where_no_program_runs(kind: UpdateKind) -> None:
    """Refresh and destroy work from the state alone."""
    trial = Trial()
    run = trial.refresh if kind is UpdateKind.REFRESH else trial.destroy
    done = run(UpdateOptions(run_program=True))
    assert done.error.startswith(f"{kind} with --run-program is not supported by the embedded engine")
    assert done.outcome.result is UpdateResult.FAILED


def test_a_resource_without_an_explicit_provider_is_denied_in_pulumis_words() -> None:
    """Nothing is launched."""
    done = Trial(config=DENY_ALL).preview(lambda: Thing("t", colour="x") and None)
    urn = f"urn:pulumi:dev::trial::{THING}::t"
    assert done.error.endswith(f"Default provider for 'stub' disabled. '{urn}' must use an explicit provider.")
    assert done.providers == ()


def test_a_read_without_an_explicit_provider_is_denied_in_pulumis_words() -> None:
    """The program gets an exception; Pulumi names the type twice."""
    done = Trial(config=DENY_ALL).up(lambda: Thing("t", Options(id="x")) and None)
    words = f"Default provider for '{THING}' disabled. '{THING}' must use an explicit provider."
    assert words in " ".join([done.error, *done.said("error")])
    assert done.outcome.program_error


def test_an_invoke_without_an_explicit_provider_is_denied_in_pulumis_words() -> None:
    """The program gets an exception."""

    def program(monitor: resource_pb2_grpc.ResourceMonitorStub) -> None:
        monitor.Invoke(resource_pb2.ResourceInvokeRequest(tok="stub:index:echo"))

    done = Trial(config=DENY_ALL).up(WireProgram(program))
    assert (
        "Invoke: Default provider for 'stub' disabled. 'stub:index:echo' must use an explicit provider." in done.error
    )


def test_denial_spares_the_engines_own_package() -> None:
    """A stack reference needs no explicit provider."""
    trial = Trial(config=DENY_ALL, stacks={"organization/other/dev": {"x": 1}})
    done = trial.up(lambda: pulumi.export("x", pulumi.StackReference("organization/other/dev").get_output("x")))
    assert done.outcome.outputs == {"x": 1}


def test_a_duplicate_name_is_refused() -> None:
    """The first registration stands, the second fails the update."""

    def program() -> None:
        provider = Stub()
        first = Thing("a", Options(provider=provider))
        Thing("a", Options(provider=provider, depends_on=[first]))

    urn = f"urn:pulumi:dev::trial::{THING}::a"
    assert f"Duplicate resource URN '{urn}'; try giving it a unique name" in Trial().up(program).error


def test_refused_inputs_are_told_with_property_value_and_reason() -> None:
    """In Pulumi's words; a secret value is masked."""

    def program() -> None:
        Thing("a", Options(provider=Stub()), invalid="is bad")

    error = Trial().up(program).error
    assert f"{THING} resource 'a': property invalid value {{is bad}} has a problem: is bad" in error


def test_a_missing_parent_is_refused() -> None:
    """A child cannot come before its parent."""
    urn = "urn:pulumi:dev::trial::own:index:Box::nowhere"
    assert f"could not find parent resource {urn}" in Trial().up(registering(parent=urn)).error


def test_a_provider_of_an_unknown_package_is_refused_with_what_there_is() -> None:
    """The message names the package and the packages at hand."""
    done = Trial().up(lambda: pulumi.ProviderResource("other", "p", {}) and None)
    assert "no resource plugin for package 'other' (the embedded engine has: stub)" in done.error


def test_a_state_that_cannot_be_written_ends_the_update() -> None:
    """Nothing more is begun once a change could not be recorded."""

    def program() -> None:
        provider = Stub()
        Thing("a", Options(provider=provider))

    done = Trial(journal=Recorder(refusal=StateNotWrittenError("no space left"))).up(program)
    assert "no space left" in done.error
    assert done.calls("Create") == []


def test_an_unreadable_list_of_denied_packages_ends_the_update() -> None:
    """Rather than denying nothing."""
    done = Trial(config={"pulumi:disable-default-providers": ConfigValue("*")}).up(lambda: None)
    assert done.error.startswith("pulumi:disable-default-providers is no JSON list of package names")


def test_a_custom_timeout_that_is_none_is_refused() -> None:
    """The resource and the text are named."""
    timeouts = resource_pb2.RegisterResourceRequest.CustomTimeouts(create="soon")
    assert "resource t: 'soon' is no duration" in Trial().up(registering(customTimeouts=timeouts)).error
