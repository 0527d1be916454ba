"""From a provider's settings to an account it may act in: prove the twin, become somebody, look where one is."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from botocore.exceptions import BotoCoreError, ClientError

from rehearsal.aws.aws_errors import passes, refusal
from rehearsal.aws.call import Account
from rehearsal.aws.credentials import identify
from rehearsal.aws.errors import AccountNotAllowed, EndpointRefused, NoRegion, StsBusy
from rehearsal.aws.sessions import TwinAccount, account_pool
from rehearsal.aws.settings import ProviderSettings
from rehearsal.errors import RehearsalError
from rehearsal.twin.proof import prove_twin


def connect_to_twin(env: Mapping[str, str], settings: ProviderSettings) -> Account:
    """Return the account the provider acts in.

    Raises: EndpointRefused before anything is sent to an endpoint that is not our twin; NoRegion, NoCredentials,
    RoleNotAssumed, StsBusy, AccountNotAllowed, AwsCallError.
    """
    endpoint, twin = _proven_twin(env, settings)
    identity = identify(settings, env)
    if not identity.region:
        raise NoRegion(
            "the provider has no region", not_run="everything of this provider", hint="set region or AWS_REGION"
        )
    try:
        account = account_pool().enter(twin, identity, lambda: TwinAccount(endpoint, identity))
    except (ClientError, BotoCoreError) as error:
        refused = refusal("retrieving AWS account details", "STS", error)
        if not passes(error):
            raise refused from error
        raise StsBusy(
            "STS does not say at the moment which account this is",
            why=str(refused),
            not_run="everything of this provider",
            hint=StsBusy.later,
        ) from error
    refuse_wrong_account(settings, account.account_id)
    return account


def refuse_wrong_account(settings: ProviderSettings, account_id: str) -> None:
    """Raise AccountNotAllowed if the provider's guards exclude the account.

    A guard without the account's id (`skipRequestingAccountId`) refuses, as the real provider does.
    """
    known = "" if settings.skip_requesting_account_id else account_id
    allowed = not settings.allowed_account_ids or known in settings.allowed_account_ids
    if allowed and known not in settings.forbidden_account_ids:
        return
    wanted = ", ".join(settings.allowed_account_ids) or f"any but {', '.join(settings.forbidden_account_ids)}"
    raise AccountNotAllowed(
        f"AWS account ID not allowed: {known}", why=f"the provider is for {wanted}", not_run="no resource was touched"
    )


def _proven_twin(env: Mapping[str, str], settings: ProviderSettings) -> tuple[str, str]:
    """Return the endpoint and a name for this run of the twin, which another twin on the same port does not share."""
    try:
        run = prove_twin(env)
    except RehearsalError as error:
        raise EndpointRefused(
            error.summary,
            subject=error.subject,
            why=error.why or str(error),
            not_run="nothing was sent",
            hint=error.hint,
        ) from error
    ours = (run.endpoint, run.insecure_endpoint)
    for url in settings.endpoints:
        if url not in ours:
            raise EndpointRefused(
                "an endpoint in the provider's settings is not our twin",
                subject=url,
                why=f"the twin is at {run.endpoint}",
                not_run="nothing was sent",
                hint="leave endpoints out: AWS_ENDPOINT_URL leads every service to the twin",
            )
    return env["AWS_ENDPOINT_URL"].rstrip("/"), hashlib.sha256(run.token.encode()).hexdigest()
