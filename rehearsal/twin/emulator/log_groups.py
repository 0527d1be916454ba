"""Keys of log groups that are there already, which moto only takes when it makes one.

moto's modules have no types and are changed here, hence `Any` for them.
Source: Amazon CloudWatch Logs API Reference, "AssociateKmsKey", "DisassociateKmsKey".
"""

from __future__ import annotations

from typing import Any


def encrypt_log_groups() -> None:
    """Let moto's log groups take and lose a KMS key; it is kept, nothing is encrypted."""
    from moto.logs import exceptions, responses

    def group(response: Any) -> Any:
        name = response._get_param("logGroupName")
        arn = response._get_param("resourceIdentifier") or ""
        found = response.logs_backend.groups.get(name or arn.partition(":log-group:")[2].removesuffix(":*"))
        if found is None:
            raise exceptions.ResourceNotFoundException
        return found

    def associate_kms_key(self: Any) -> str:
        group(self).kms_key_id = self._get_param("kmsKeyId")
        return ""

    def disassociate_kms_key(self: Any) -> str:
        group(self).kms_key_id = None
        return ""

    logs: Any = responses.LogsResponse
    logs.associate_kms_key, logs.disassociate_kms_key = associate_kms_key, disassociate_kms_key
