"""How the provider answers when it can't: gRPC statuses with the error's whole text.

An incomplete resource travels as Pulumi's ErrorResourceInitFailed in the status's details, from which the engine learns
the id and state. Source: Pulumi `proto/pulumi/provider.proto`, `pkg/resource/plugin/provider_plugin.go`.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterator
from contextlib import contextmanager

import grpc
from pulumi.runtime.proto import provider_pb2, status_pb2

from rehearsal.aws.aws_errors import AwsCallError
from rehearsal.aws.lifecycle import IncompleteResourceError
from rehearsal.aws.wire import to_struct
from rehearsal.errors import RehearsalError

_DETAILS = "grpc-status-details-bin"


class _Status(namedtuple("_Status", ("code", "details", "trailing_metadata")), grpc.Status):
    """A status as `ServicerContext.abort_with_status` takes it."""


@contextmanager
def answering(context: grpc.ServicerContext) -> Iterator[None]:
    """Turn the provider's errors into gRPC statuses; anything else is a bug and passes."""
    try:
        yield
    except IncompleteResourceError as error:
        context.abort_with_status(_incomplete(error))
    except AwsCallError as error:
        code = grpc.StatusCode.PERMISSION_DENIED if error.denied else grpc.StatusCode.UNKNOWN
        context.abort(code, str(error))
    except RehearsalError as error:
        context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))


def _incomplete(error: IncompleteResourceError) -> grpc.Status:
    code = grpc.StatusCode.UNKNOWN
    failed = provider_pb2.ErrorResourceInitFailed(
        id=error.id, properties=to_struct(error.state), reasons=[str(error.reason)]
    )
    status = status_pb2.Status(code=code.value[0], message=str(error))
    status.details.add().Pack(failed)
    return _Status(code, str(error), ((_DETAILS, status.SerializeToString()),))
