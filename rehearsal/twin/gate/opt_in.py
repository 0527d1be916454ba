"""Regions that an account has not enabled know none of its identities.

Source: AWS Account Management Reference Guide, "Enable or disable AWS Regions in your account"; IAM User Guide,
"Managing AWS STS in an AWS Region".
"""

from __future__ import annotations

from rehearsal.twin.actions.demand import Asked
from rehearsal.twin.emulator.account_regions import OPT_IN_REGIONS
from rehearsal.twin.gate.request_context import requested_region
from rehearsal.twin.requests.refusals import Fault, Refusal


def refuse_disabled_region(asked: Asked, now: float) -> None:
    """Refuse a request in a region that the caller's account has not enabled, or not yet."""
    region, own = requested_region(asked.operation), asked.caller.account_id
    if region in OPT_IN_REGIONS and not asked.state.has_enabled(own, region, now):
        raise Refusal(Fault.UNKNOWN_KEY, note=f"account {own} has not enabled {region}")
