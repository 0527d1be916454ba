"""What moto looks up anew with every request, or by a search through all accounts: found at once instead."""

from __future__ import annotations

from functools import lru_cache
from typing import Any


def remember_lookups(dispatcher: Any) -> None:
    """Make moto remember which service answers for a host, which methods a service's class has, which accounts it has.

    For the first it lists its own folder, with a look at each of 180 entries, twice per request; for the last it copies
    and searches the list of all accounts some dozen times per request.
    """
    import moto.core.base_backend
    import moto.core.responses

    dispatcher.get_backend_for_host = lru_cache(maxsize=4096)(dispatcher.get_backend_for_host)
    responses: Any = moto.core.responses
    if not hasattr(responses.method_names_from_class, "cache_info"):
        responses.method_names_from_class = lru_cache(maxsize=None)(responses.method_names_from_class)
    _find_accounts_at_once(moto.core.base_backend.BackendDict)
    keep_operations_whole()


def keep_operations_whole() -> None:
    """Let moto's models of operations be kept as moto's from the first moment.

    botocore's method keeps its plain model under the name by which moto's, which calls it, keeps its own a moment
    later: a second request to a service could get the plain one in between, which lacks what moto asks of it.
    Source: `moto/core/model.py`, `ServiceModel.operation_model`; `botocore/utils.py`, `instance_cache`.
    """
    from botocore.model import ServiceModel as PlainServiceModel
    from moto.core.model import OperationModel, ServiceModel

    plain: Any = PlainServiceModel.operation_model
    unkept = plain.__wrapped__

    def operation_model(self: Any, operation_name: str) -> Any:
        kept = self._instance_cache.get(operation_name)
        if kept is None:
            found = unkept(self, operation_name)
            kept = self._instance_cache[operation_name] = OperationModel(found._operation_model, self, operation_name)
        return kept

    models: Any = ServiceModel
    models.operation_model = operation_model


def share_models() -> None:
    """Let all sessions of botocore read its models once: moto's EC2 alone would read its own, of 10 MB, five times.

    For the twin's process, before anything makes a session.
    """
    import botocore.session

    sessions: Any = botocore.session
    if not hasattr(sessions.create_loader, "cache_info"):
        sessions.create_loader = lru_cache(maxsize=None)(sessions.create_loader)


def _find_accounts_at_once(backends: Any) -> None:
    plain = backends.__getitem__
    if plain.__module__ == __name__:
        return

    def __getitem__(self: Any, account_id: str) -> Any:  # noqa: N807 - moto's own signature
        found = self.get(account_id)
        return plain(self, account_id) if found is None else found

    backends.__getitem__ = __getitem__
