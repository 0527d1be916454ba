"""The regions of AWS's commercial partition, from the list that botocore brings along."""

from __future__ import annotations

import json
import re
from importlib.resources import files

PARTITION = "aws"


def known_regions() -> tuple[str, ...]:
    """Return the names of all regions of the partition `aws`, without pseudo-regions such as aws-global.

    A region newer than the installed botocore is not among them. Read when asked for, since importing botocore would
    slow every start. Source: botocore, data/partitions.json, whose regionRegex tells regions from pseudo-regions.
    """
    text = files("botocore").joinpath("data", "partitions.json").read_text(encoding="utf-8")
    partition = next(one for one in json.loads(text)["partitions"] if one["id"] == PARTITION)
    form = re.compile(partition["regionRegex"])
    return tuple(sorted(region for region in partition["regions"] if form.fullmatch(region)))
