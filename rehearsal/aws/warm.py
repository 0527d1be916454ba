"""What a process should do before it is forked into workers: load botocore's models, in one thread, offline."""

from __future__ import annotations

import threading

from botocore.credentials import Credentials

from rehearsal.aws.catalogue import full_catalogue
from rehearsal.aws.sessions import isolated_session, make_client

_NOWHERE = "http://127.0.0.1:9"  # the discard port; nothing is sent


def warm_up() -> None:
    """Load the tables, and botocore's models of the services they call, into this process.

    Starts no thread and opens no connection. Raises: RuntimeError if a thread was started after all.
    """
    before = threading.active_count()
    session = isolated_session(Credentials("warm", "up"))
    for service in full_catalogue().services:
        make_client(session, service, "us-east-1", _NOWHERE)
    if threading.active_count() != before:
        raise RuntimeError("warming up started a thread, forking now would be unsafe")
