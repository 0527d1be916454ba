"""The inventory of an account reads every service in which the rehearsal's provider makes something."""

from __future__ import annotations

from orchestrator.rehearse.proofs.inventory_readers import NOT_READ, READERS, READERS_BY_ACCOUNT
from rehearsal.aws.catalogue import full_catalogue

SERVICES = {kind.service for kind in full_catalogue().types.values()}


def test_every_service_of_a_provider_type_is_read_or_left_out_for_a_reason() -> None:
    """A new type's service has a reader, or stands among those that are left out, and not in both."""
    read = READERS.keys() | READERS_BY_ACCOUNT.keys()
    assert SERVICES - read == set(NOT_READ)
    assert read - SERVICES == set()
    assert all(NOT_READ.values())
