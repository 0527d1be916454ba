"""The condition keys of what a service asks of another for its caller: a forward access session.

Sources: IAM User Guide, "Forward access sessions" and "AWS global condition context keys" (aws:CalledVia,
aws:ViaAWSService; who calls is the caller still); AWS re:Post, "How do I use IAM policies to restrict API calls from
specific IP addresses" (the second service sees the first one's address); AWS KMS Developer Guide, "AWS KMS condition
keys".
"""

from __future__ import annotations

from collections.abc import Mapping


def on_behalf(service: str, region: str, encryption_context: Mapping[str, str]) -> dict[str, str | list[str]]:
    """Return the keys of a use of a KMS key by a service, such as `s3`, for its caller.

    `aws:SourceIp` is taken away: it would be an address of AWS's, which nobody publishes one by one.
    """
    principal = f"{service}.amazonaws.com"
    return {
        "aws:CalledVia": [principal],
        "aws:CalledViaFirst": principal,
        "aws:CalledViaLast": principal,
        "aws:SecureTransport": "true",
        "aws:SourceIp": [],
        "aws:UserAgent": principal,
        "aws:ViaAWSService": "true",
        "kms:EncryptionContextKeys": list(encryption_context),
        "kms:ViaService": f"{service}.{region}.amazonaws.com",
        **{f"kms:EncryptionContext:{name}": value for name, value in encryption_context.items()},
    }
