"""What the twin says of requests without an action, and of filters that it does not know."""

from __future__ import annotations

import pytest

from tests.rehearsed.twin.rules.raw_requests import send, signed_form
from tests.support.twin_fixtures import Keys, TwinAws, refused


@pytest.mark.parametrize("body", ["", "{}", "Version=2010-05-08"])
def test_a_query_without_an_action_is_said_to_miss_it(aws: TwinAws, account: str, body: str) -> None:
    """A request to a query service that names no action is a MissingAction, in XML.

    Source: IAM API Reference, "Common Error Types".
    """
    keys: Keys = aws.into(account)
    status, answer = send(signed_form(aws.run, keys, "iam", body))
    assert (status, "<Code>MissingAction</Code>" in answer) == (400, True)


def test_a_filter_that_is_not_emulated_is_named(aws: TwinAws, account: str) -> None:
    """Of a listing that the twin has, but not with that filter, it names the filter."""
    with refused("UnsupportedOperation") as told:
        aws.client("ec2", aws.into(account)).describe_vpcs(Filters=[{"Name": "no-such-filter", "Values": ["x"]}])
    assert "with the filter 'no-such-filter'" in told.message
