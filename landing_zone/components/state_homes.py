"""The state buckets of the management account, each with a key of its own, and the log of who used them."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from landing_zone.components.state_bucket import StateBucket
from landing_zone.components.state_key import StateKey
from landing_zone.components.state_log import StateLog
from landing_zone.stack_config import BootstrapConfig
from landing_zone.state_buckets import DEFAULT_BUCKET

LOGICAL_NAME = "state"
"""Of the default bucket and its key in Pulumi; others have their own name behind it."""


class StateHomes:
    """Makes every bucket and key. `key_arns` are by the buckets' names in the manifest."""

    def __init__(self, config: BootstrapConfig, provider: aws.Provider) -> None:
        states = config.states
        names = {DEFAULT_BUCKET: config.state_bucket, **states.buckets}
        log = (
            StateLog(
                f"{LOGICAL_NAME}-log",
                bucket_name=states.log_bucket,
                account_id=config.account_id,
                logged=tuple(names.values()),
                days=states.log_days,
                provider=provider,
            )
            if states.log_bucket
            else None
        )
        keys = {
            name: StateKey(
                logical_name(name),
                account_id=config.account_id,
                roles=config.management_roles,
                provider=provider,
                bucket=name,
            )
            for name in names
        }
        buckets = {
            name: StateBucket(
                logical_name(name),
                bucket_name=names[name],
                key_arn=keys[name].arn,
                provider=provider,
                states=states,
                log=log,
            )
            for name in names
        }
        self.key_arns = {name: key.arn for name, key in keys.items()}
        self._buckets = {name: bucket.bucket for name, bucket in buckets.items()}

    @property
    def bucket(self) -> pulumi.Output[str]:
        """The default bucket's name."""
        return self._buckets[DEFAULT_BUCKET]

    @property
    def key_arn(self) -> pulumi.Output[str]:
        """The ARN of the default bucket's key."""
        return self.key_arns[DEFAULT_BUCKET]

    @property
    def others(self) -> dict[str, dict[str, pulumi.Output[str]]]:
        """Bucket and key of those beside the default, by name, as the lock file has them."""
        return {
            name: {"bucket": bucket, "key_arn": self.key_arns[name]}
            for name, bucket in self._buckets.items()
            if name != DEFAULT_BUCKET
        }


def logical_name(bucket: str) -> str:
    """Return what a bucket and its key are called in Pulumi's state."""
    return LOGICAL_NAME if bucket == DEFAULT_BUCKET else f"{LOGICAL_NAME}-{bucket}"
