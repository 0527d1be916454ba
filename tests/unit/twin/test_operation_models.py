"""moto's models of operations, as several requests at once see them."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.model import OperationNotFoundError
from moto.core.model import OperationModel, ServiceModel

from rehearsal.twin.emulator.lookups import keep_operations_whole

DESCRIPTION = {
    "metadata": {"protocol": "rest-xml", "serviceId": "Zones"},
    "operations": {"ListZones": {"name": "ListZones", "http": {"method": "GET", "requestUri": "/zones"}}},
    "shapes": {},
}


class Watched(dict[Any, Any]):
    """Keeps what was ever put into it."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[object] = []

    def __setitem__(self, key: Any, value: Any) -> None:
        """Note it, and keep it."""
        self.seen.append(value)
        super().__setitem__(key, value)


def test_no_other_model_is_ever_kept() -> None:
    """A second request can't find botocore's plain model in place of moto's, whenever it comes."""
    keep_operations_whole()
    service: Any = ServiceModel(DESCRIPTION, "zones")
    service._instance_cache = Watched()
    first = service.operation_model("ListZones")
    assert first.http_trait.path == "/zones"
    assert service.operation_model("ListZones") is first
    assert [type(each) for each in service._instance_cache.seen] == [OperationModel]


def test_an_operation_that_is_not_there() -> None:
    """What a service does not have is refused as before."""
    keep_operations_whole()
    with pytest.raises(OperationNotFoundError):
        ServiceModel(DESCRIPTION, "zones").operation_model("MakeZone")
