"""The resources that the engine itself answers for: references to other stacks' outputs.

Source: Pulumi `pkg/resource/deploy/builtins.go`.
"""

from __future__ import annotations

from collections.abc import Mapping

from rehearsal.engine.properties import has_secret
from rehearsal.engine.provider_calls import ProviderFailure, ReadBack
from rehearsal.engine.update import StackOutputs
from rehearsal.engine.values import Value
from rehearsal.errors import RehearsalError

STACK_REFERENCE = "pulumi:pulumi:StackReference"


def read_stack_reference(inputs: Mapping[str, Value], name: str, stack_outputs: StackOutputs) -> ReadBack:
    """Return a stack reference's state: the outputs of the stack that it names.

    Raises: ProviderFailure when there is no such stack.
    """
    name = str(inputs.get("name") or name)
    try:
        outputs = stack_outputs(name)
    except RehearsalError as error:
        raise ProviderFailure(str(error)) from error
    secret_names = sorted(key for key, value in outputs.items() if has_secret(value))
    return ReadBack(name, {"name": name}, {"name": name, "outputs": outputs, "secretOutputNames": list(secret_names)})
