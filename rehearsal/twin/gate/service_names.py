"""What botocore's models say of services: their names, operations, signing names and errors."""

from __future__ import annotations

import difflib
import fnmatch
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from rehearsal.twin.fault import Fault, FaultProblem, nearest

_ALMOST = 0.93  # likeness, from 0 to 1, of two codes that differ by a letter or two


@dataclass(frozen=True, slots=True)
class ServiceNames:
    """The names in one service's model."""

    signing_name: str
    operations: frozenset[str]
    errors: Mapping[str, int]
    """HTTP status by error code; 0 where the model leaves it to the protocol."""


def problems_with_names(fault: Fault, index: int) -> list[FaultProblem]:
    """Return what is wrong with the names of AWS's in a fault; a glob must mean some operation."""
    if not any(fnmatch.fnmatchcase(name, fault.region) for name in region_names()):
        words = f"AWS has no region {fault.region!r}{nearest(fault.region, region_names())}"
        return [FaultProblem(index, "region", words)]
    if fault.service == "*":
        return _misspelled(fault, index)
    if fault.service not in service_names():
        words = f"botocore knows no service {fault.service!r}{nearest(fault.service, service_names())}"
        return [FaultProblem(index, "service", words)]
    operations = names_of(fault.service).operations
    if any(fnmatch.fnmatchcase(name, fault.operation) for name in operations):
        return []
    words = f"{fault.service} has no operation {fault.operation!r}{nearest(fault.operation, operations)}"
    return [FaultProblem(index, "operation", words)]


# Codes that several services have: one of any service that is almost one of these is taken for a slip.
# Source: "Common Error Types" of the services' API references.
_COMMON_CODES = (
    *("AccessDenied", "AccessDeniedException", "AuthFailure", "ConflictException", "EntityAlreadyExists"),
    *("ExpiredToken", "ExpiredTokenException", "InternalError", "InternalFailure", "InternalServerError"),
    *("InternalServiceError", "InternalServerException", "InternalServiceException", "InvalidClientTokenId"),
    *("InvalidParameterException", "InvalidParameterValue", "LimitExceeded", "LimitExceededException"),
    *("NoSuchBucket", "NoSuchEntity", "NoSuchKey", "RequestLimitExceeded", "RequestTimeout", "ResourceInUseException"),
    *("ResourceNotFound", "ResourceNotFoundException", "ServiceUnavailable", "ServiceUnavailableException", "SlowDown"),
    *("Throttling", "ThrottledException", "ThrottlingException", "TooManyRequestsException", "UnauthorizedOperation"),
    *("ValidationError", "ValidationException"),
)


def _misspelled(fault: Fault, index: int) -> list[FaultProblem]:
    """Return the slip in an error code for all services, whose every code nobody could look up in time."""
    if not fault.error or fault.kind is not None or fault.error in _COMMON_CODES:
        return []
    if not difflib.get_close_matches(fault.error, _COMMON_CODES, 1, _ALMOST):
        return []
    words = f"no service is known to answer {fault.error!r}{nearest(fault.error, _COMMON_CODES)}"
    return [FaultProblem(index, "error", f"{words}. Name the service if it is what you mean.")]


@lru_cache(maxsize=1)
def service_names() -> frozenset[str]:
    """Return every service that botocore knows."""
    return frozenset(_loader().list_available_services("service-2"))


@lru_cache(maxsize=1)
def region_names() -> frozenset[str]:
    """Return every region that botocore knows, of all partitions."""
    partitions = _loader().load_data("endpoints")["partitions"]
    return frozenset(name for partition in partitions for name in partition["regions"])


@lru_cache(maxsize=64)
def names_of(service: str) -> ServiceNames:
    """Return the names of a service that botocore knows; the model itself is not kept."""
    model = _loader().load_service_model(service, "service-2")
    metadata = model["metadata"]
    signing_name = "s3control" if service == "s3control" else metadata.get("signingName") or metadata["endpointPrefix"]
    return ServiceNames(str(signing_name), frozenset(model["operations"]), dict(_errors(model["shapes"])))


def _errors(shapes: Mapping[str, Any]) -> Iterable[tuple[str, int]]:
    for name, shape in shapes.items():
        if shape.get("exception"):
            error = shape.get("error") or {}
            yield str(error.get("code") or name), int(error.get("httpStatusCode") or 0)


def _loader() -> Any:
    from botocore.loaders import create_loader

    return create_loader()
