"""Where the provider sends its calls, if a stack's config says so: `aws:endpoints` and `aws:s3UsePathStyle`.

The keys are those that Pulumi's own default provider reads; an explicit provider reads none by itself. The driver
keeps to its own namespace, so what a person sets here stays in the stack's settings file. Without them AWS is reached
as AWS's SDKs find it. docs/real-engine.md shows the whole of it.
"""

from __future__ import annotations

from typing import Any, NoReturn

import pulumi
import pulumi_aws as aws

NAMESPACE = "aws"
ENDPOINTS = "endpoints"
PATH_STYLE = "s3UsePathStyle"


def stack_endpoints() -> list[aws.ProviderEndpointArgs] | None:
    """Return the endpoints that the stack's config gives by service, None if it gives none.

    The form is Pulumi's: `[{"sts": "https://...", "s3": "https://..."}]`. Raises: pulumi.RunError for any other form,
    an unknown service or something that is no URL.
    """
    try:
        given = pulumi.Config(NAMESPACE).get_object(ENDPOINTS)
    except pulumi.ConfigTypeError as error:
        _refuse(f"is no JSON: {error}")
    if given is None:
        return None
    groups = given if isinstance(given, list) else [given]
    return [_one(group) for group in groups]


def path_style() -> bool | None:
    """Return whether S3 is asked with the bucket in the path, as endpoints without names for buckets need it."""
    return pulumi.Config(NAMESPACE).get_bool(PATH_STYLE)


def _one(group: Any) -> aws.ProviderEndpointArgs:  # noqa: ANN401  (a JSON value)
    if not isinstance(group, dict):
        _refuse("is no list of services with their URLs")
    for service, url in group.items():
        if not isinstance(url, str) or not url.startswith(("https://", "http://")):
            _refuse(f"gives {service} the address {url!r}, which is no URL")
    try:
        return aws.ProviderEndpointArgs(**group)
    except TypeError as error:
        _refuse(f"names a service that the provider has not: {str(error).rsplit(' ', 1)[-1]}")


def _refuse(what: str) -> NoReturn:
    raise pulumi.RunError(
        f"{NAMESPACE}:{ENDPOINTS} of stack {pulumi.get_stack()} {what}. Correct it, or take it out: "
        f"pulumi config rm {NAMESPACE}:{ENDPOINTS} --stack {pulumi.get_stack()}"
    )
