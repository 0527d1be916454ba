"""A stack's outputs: found in a checkpoint, opened or masked, and given to programs that refer to the stack.

Source: Pulumi `pkg/resource/stack/deployment.go` (DeserializeStackOutputs), `pkg/cmd/pulumi/stack/stack_output.go`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rehearsal.engine.backend import Backend
from rehearsal.engine.checkpoint import Document
from rehearsal.engine.errors import StackMissingError
from rehearsal.engine.references import parse_reference
from rehearsal.engine.resource_json import ResourceReader
from rehearsal.engine.secret_managers import SecretsManager
from rehearsal.engine.state import SecretsProvider
from rehearsal.engine.state_values import BLINDED, encode_value, plaintext_seal
from rehearsal.engine.values import Properties, Secret, Value

_ROOT = "pulumi:pulumi:Stack"


def stack_outputs(document: Document, manager: SecretsManager | None) -> Properties:
    """Return the root stack's outputs, secrets marked; without a manager secrets hold the text `[secret]`."""
    for entry in document.resources:
        if entry.get("type") == _ROOT and not entry.get("parent"):
            return ResourceReader(manager).properties(entry.get("outputs"), (str(entry.get("urn")), "outputs"))
    return {}


def shown_outputs(outputs: Properties, *, show_secrets: bool) -> dict[str, Any]:
    """Return outputs as JSON data by name, secrets in clear or as `[secret]`."""
    return {
        name: encode_value(_unwrapped(outputs[name], show_secrets=show_secrets), plaintext_seal)
        for name in sorted(outputs)
    }


@dataclass(frozen=True, slots=True)
class OtherStacks:
    """Reads outputs of other stacks of the same backend, for StackReference."""

    backend: Backend
    project: str
    manager_of: Callable[[SecretsProvider], SecretsManager]

    def __call__(self, stack_name: str) -> Properties:
        """Return another stack's outputs, secrets marked; raises StackMissingError."""
        reference = parse_reference(stack_name, self.project)
        document = self.backend.document(reference)
        if document is None:
            raise StackMissingError(
                f"no stack named '{stack_name}' found", hint="list what there is with: pulumi stack ls --all"
            )
        provider = document.secrets_provider
        return stack_outputs(document, self.manager_of(provider) if provider else None)


def _unwrapped(value: Value, *, show_secrets: bool) -> Value:
    if isinstance(value, Secret):
        return _unwrapped(value.value, show_secrets=True) if show_secrets else BLINDED
    if isinstance(value, dict):
        return {key: _unwrapped(item, show_secrets=show_secrets) for key, item in value.items()}
    if isinstance(value, list):
        return [_unwrapped(item, show_secrets=show_secrets) for item in value]
    return value
