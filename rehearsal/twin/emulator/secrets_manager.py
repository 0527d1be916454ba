"""What moto's Secrets Manager gets wrong: an empty description leaves the old one; why a deleted one's name is taken.

Source: AWS Secrets Manager API Reference, "UpdateSecret", "CreateSecret", InvalidRequestException.
moto's modules have no types, hence `Any` for them.
"""

from __future__ import annotations

from functools import wraps
from typing import Any

from rehearsal.twin.emulator.checks import Call, check_first

_SCHEDULED = "You can't create this secret because a secret with this name is already scheduled for deletion."


def make_secrets_like_aws() -> None:
    """Change moto's Secrets Manager."""
    from moto.secretsmanager import exceptions, models, responses

    def check(call: Call) -> None:
        name, known = call.text("Name"), call.backend.secrets
        if name in known and known[name].is_deleted():
            raise exceptions.InvalidRequestException(_SCHEDULED)

    check_first(responses.SecretsManagerResponse, "create_secret", check)
    _take_descriptions_away(models.SecretsManagerBackend)


def _take_descriptions_away(backend: Any) -> None:
    """Take an empty description as none."""
    plain = backend.update_secret

    @wraps(plain)
    def update_secret(self: Any, secret_id: str, **asked: Any) -> Any:
        answer = plain(self, secret_id, **asked)
        if asked.get("description") == "":
            self.secrets[secret_id].description = None
        return answer

    backend.update_secret = update_secret
