"""What all documents are made of: the document around its statements, and trust in principals of an account."""

from __future__ import annotations

from typing import Any

from landing_zone.identifiers import account_root_arn

Document = dict[str, Any]
Statement = dict[str, Any]


def document(*statements: Statement) -> Document:
    """Return a policy document of these statements."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def trusted_in_account(sid: str, account_id: str, condition: dict[str, Any]) -> Statement:
    """Return the trust in those principals of an account that fit the condition, and whose own policy allows the hop.

    The principal is the account and who is meant stands in the condition, because a role or user named as principal is
    kept by its unique id, and the trust would break when it is made anew.
    """
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"AWS": account_root_arn(account_id)},
        "Action": "sts:AssumeRole",
        "Condition": condition,
    }
