"""Regions that an account has to enable before it can use them.

Source: AWS Account Management Reference Guide, "Enable or disable AWS Regions in your account" (which are enabled by
default; enabling takes some minutes), "ListRegions", "EnableRegion", "GetRegionOptStatus".
"""

from __future__ import annotations

from typing import Any

from rehearsal.twin.emulator.organization import Answer, AwsError, Params, Rules, clock, page

OPT_IN_REGIONS = frozenset(
    {
        "af-south-1",
        "ap-east-1",
        "ap-east-2",
        "ap-south-2",
        "ap-southeast-3",
        "ap-southeast-4",
        "ap-southeast-5",
        "ap-southeast-6",
        "ap-southeast-7",
        "ca-west-1",
        "eu-central-2",
        "eu-south-1",
        "eu-south-2",
        "il-central-1",
        "me-central-1",
        "me-south-1",
        "mx-central-1",
    }
)
_BY_DEFAULT = (
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
)
_REGIONS = tuple(sorted({*OPT_IN_REGIONS, *_BY_DEFAULT}))

Switched = dict[str, tuple[bool, float]]
"""Regions that were enabled (or disabled), and when that is done."""


def region_status(region: str, switched: Switched, now: float) -> str:
    """Return the opt-in status of a region in AWS's word."""
    if region not in OPT_IN_REGIONS:
        return "ENABLED_BY_DEFAULT"
    on, ready = switched.get(region, (False, 0.0))
    if now < ready:
        return "ENABLING" if on else "DISABLING"
    return "ENABLED" if on else "DISABLED"


def list_regions(switched: Switched, params: Params, rules: Rules) -> Answer:
    """ListRegions."""
    now, wanted = clock(rules), params.get("RegionOptStatusContains") or ()
    found = [(region, region_status(region, switched, now)) for region in _REGIONS]
    chosen = [each for each in found if not wanted or each[1] in wanted]
    return page("Regions", chosen, params, lambda each: {"RegionName": each[0], "RegionOptStatus": each[1]}, 50)


def get_region_opt_status(switched: Switched, params: Params, rules: Rules) -> Answer:
    """GetRegionOptStatus."""
    region = _known(params)
    return {"RegionName": region, "RegionOptStatus": region_status(region, switched, clock(rules))}


def enable_region(switched: Switched, params: Params, rules: Rules) -> Answer:
    """EnableRegion; one that is enabled already stays so."""
    return _switch(switched, params, rules, on=True)


def disable_region(switched: Switched, params: Params, rules: Rules) -> Answer:
    """DisableRegion."""
    return _switch(switched, params, rules, on=False)


def _switch(switched: Switched, params: Params, rules: Rules, *, on: bool) -> Answer:
    region, now = _known(params), clock(rules)
    if region not in OPT_IN_REGIONS:
        words = f"The Region {region} is enabled by default and can be neither enabled nor disabled."
        raise AwsError("ValidationException", words, "invalidRegionOptTarget")
    status = region_status(region, switched, now)
    if status == ("DISABLING" if on else "ENABLING"):
        raise AwsError("ConflictException", f"The Region {region} is in the status {status}.")
    if status not in (("ENABLED", "ENABLING") if on else ("DISABLED", "DISABLING")):
        switched[region] = (on, now + rules.region_delay_s)
    return {}


def _known(params: Params) -> str:
    region: Any = params.get("RegionName")
    if region not in _REGIONS:
        raise AwsError("ValidationException", f"There is no Region {region}.", "invalidRegionOptTarget")
    return str(region)
