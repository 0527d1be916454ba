"""Changes of those of moto's services that are loaded with their first request: EC2 alone takes half a second.

Each service's file says what moto does otherwise. Here stands only when: once per process, before moto sees a request
to the service.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

from rehearsal.twin.emulator.baseline_services import know_alarms
from rehearsal.twin.emulator.dynamodb_tables import make_tables_like_aws
from rehearsal.twin.emulator.ec2 import make_ec2_like_aws
from rehearsal.twin.emulator.finding_services import make_guardduty_like_aws, make_security_hub_like_aws
from rehearsal.twin.emulator.identity_center import change_groups, make_identity_center_like_aws
from rehearsal.twin.emulator.lambda_functions import make_functions_like_aws
from rehearsal.twin.emulator.log_groups import encrypt_log_groups
from rehearsal.twin.emulator.ram import make_shares_like_aws
from rehearsal.twin.emulator.secrets_manager import make_secrets_like_aws
from rehearsal.twin.emulator.ssm_settings import keep_service_settings

_FIXES: Mapping[str, Callable[[], None]] = {
    "monitoring": know_alarms,
    "dynamodb": make_tables_like_aws,
    "ec2": make_ec2_like_aws,
    "guardduty": make_guardduty_like_aws,
    "identitystore": change_groups,
    "lambda": make_functions_like_aws,
    "logs": encrypt_log_groups,
    "ram": make_shares_like_aws,
    "secretsmanager": make_secrets_like_aws,
    "securityhub": make_security_hub_like_aws,
    "sso": make_identity_center_like_aws,
    "ssm": keep_service_settings,
}
"""By signing name, as operations name their service."""


class LateFixes:
    """Applies a service's changes when it is first asked for; safe to call from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting = dict(_FIXES)

    def apply(self, service: str) -> None:
        """Change a service of moto's, unless that is done."""
        if service not in self._waiting:
            return
        with self._lock:
            fix = self._waiting.get(service)
            if fix is not None:
                fix()
                del self._waiting[service]
