"""The pages about the provider say what is so."""

from __future__ import annotations

import importlib.util
import inspect
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from rehearsal.aws.api_calls import all_calls
from rehearsal.aws.catalogue import Catalogue, full_catalogue
from rehearsal.aws.coverage import pages
from rehearsal.aws.not_emulated import strangers
from rehearsal.aws.plugin import AwsProvider
from rehearsal.aws.resource_type import ResourceType
from rehearsal.aws.sdk_reference import describe, main, real_arguments, real_type, token_of
from rehearsal.twin.client import count_calls
from tests.rehearsed.aws_provider import test_provider_types_on_the_twin as checks
from tests.rehearsed.aws_provider.cases import Case
from tests.rehearsed.aws_provider.world import World
from tests.support.repository import ROOT
from tests.support.twin_fixtures import RunningTwin, TwinAws
from tests.unit.aws_provider.driving import Driver

KINDS = [pytest.param(kind, id=kind.type) for kind in full_catalogue().types.values()]
CHECKS = [
    checks.test_what_is_created_reads_back,
    checks.test_a_refresh_of_an_untouched_resource_changes_nothing,
    checks.test_changes_in_place,
    checks.test_changes_that_mean_another_resource,
    checks.test_an_import_by_id_finds_the_same_resource,
    checks.test_drift_is_seen_and_undone,
    checks.test_what_is_deleted_is_gone,
]
_BOTO_NAMES = {"monitoring": "cloudwatch", "servicequotas": "service-quotas", "sso": "sso-admin"}
"""By signing name, where boto3 has another one."""


def test_the_pages_of_types_are_current() -> None:
    """docs/provider-types.md and the pages below it are what the tables say; `make docs` writes them anew."""
    folder = ROOT / "docs"
    found = [folder / "provider-types.md", *(folder / "provider-types").glob("*.md")]
    written = {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in found}
    assert written == pages(full_catalogue())


def test_what_is_not_emulated_is_said_of_types_that_exist() -> None:
    """No sentence on a page of types is about a type that nobody offers."""
    assert strangers(frozenset(full_catalogue().types)) == frozenset()


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in checks.CASES])
def test_a_page_names_every_operation_that_is_called(
    case: Case, world: World, new_world: Callable[[], World], aws: TwinAws
) -> None:
    """What the twin is asked while a resource is made, read and deleted is on the type's page."""
    home = new_world() if case.own_account else world
    hand, inputs = case.driver(home), case.inputs(home)
    before = count_calls(aws.run)
    made = hand.create(case.kind.type, home.name("page"), inputs)
    hand.refresh(made)
    hand.delete(made)
    asked = {_as_on_pages(call) for call, times in count_calls(aws.run).items() if times != before.get(call)}
    assert {call for call in asked if not call.startswith("sts:")} - all_calls(case.kind) == set()


def _as_on_pages(call: str) -> str:
    service, _, name = call.partition(":")
    return f"{_BOTO_NAMES.get(service, service)}:{name}"


@pytest.mark.parametrize("kind", KINDS)
def test_a_table_uses_the_real_types_names(kind: ResourceType) -> None:
    """Every property of a table exists in pulumi_aws under that name, as input or as output."""
    real = real_type(kind.type)
    assert {item.name for item in kind.given if item.name != "tagsAll"} - real.inputs == set()
    assert kind.by_name.keys() - real.inputs - real.outputs - {"id"} == set()


@pytest.mark.parametrize("kind", KINDS)
def test_a_table_requires_what_the_real_type_requires(kind: ResourceType) -> None:
    """A property is required in the table exactly if it is in pulumi_aws."""
    assert {item.name for item in kind.given if item.required} == real_type(kind.type).required


def test_functions_take_the_real_arguments() -> None:
    """Every argument of a function exists in pulumi_aws."""
    for token, function in full_catalogue().functions.items():
        assert {item.name for item in function.arguments} - real_arguments(token) == set(), token


def test_the_sdk_reference_marks_required_inputs() -> None:
    """The look-up of the page prints inputs with a star where they are required, and outputs."""
    assert describe("aws:s3/bucketVersioning:BucketVersioning") == (
        "inputs:  bucket*, expectedBucketOwner, mfa, region, versioningConfiguration*\noutputs: \n"
    )


@pytest.mark.parametrize("written", ["aws.s3.BucketVersioning", "aws:s3/bucketVersioning:BucketVersioning"])
def test_the_sdk_reference_takes_a_type_as_programs_name_it(written: str) -> None:
    """A type can be looked up by its token, and by the name of its class in a program."""
    assert token_of(written) == "aws:s3/bucketVersioning:BucketVersioning"


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("aws.sqs.Quee", 'pulumi_aws.sqs has no type "Quee"; nearest: Queue'),
        ("aws.sq.Queue", 'pulumi_aws has no service "sq"'),
        ("Queue", '"Queue" names no resource type'),
    ],
)
def test_the_sdk_reference_says_what_it_cannot_find(
    written: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A type that is not there is an exit code 2 and a line that names what is nearest, not a traceback."""
    assert main([written]) == 2
    assert words in capsys.readouterr().err


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """Return the Python blocks of the page on adding a type, as one module."""
    page = (ROOT / "docs" / "add-a-resource-type.md").read_text(encoding="utf-8")
    source: Path = tmp_path_factory.mktemp("docs") / "page_example.py"
    source.write_text("\n".join(re.findall(r"```python\n(.*?)```", page, re.DOTALL)), encoding="utf-8")
    spec = importlib.util.spec_from_file_location(source.stem, source)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_example_of_the_page_passes(
    check: Callable[..., Any], example: ModuleType, world: World, running_twin: RunningTwin, aws: TwinAws
) -> None:
    """The type and the case that docs/add-a-resource-type.md shows pass the tests every type has to pass."""
    catalogue = Catalogue({kind.type: kind for kind in example.TYPES})
    provider = AwsProvider(running_twin.environment(aws.administrator), catalogue=catalogue)
    hand = Driver(provider, **world.hand.settings).configure()
    looking = {"untouched": checks.create} if "untouched" in inspect.signature(check).parameters else {}
    check(example.SNS[0], replace(world, hand=hand), **looking)
