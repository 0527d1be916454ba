"""The credentials that AWS's tools would use in this process, and whose they are."""

from __future__ import annotations

from collections.abc import Mapping

from orchestrator.errors import AwsUnreachable, CallerRefused, NoCaller
from orchestrator.next_steps import LATER
from orchestrator.people.sign_in import CurrentSession

_ANY_REGION = "us-east-1"


def read_session(profile: str | None, env: Mapping[str, str]) -> CurrentSession:
    """Return the session of a profile, or of AWS's credential chain, having asked STS who it is.

    botocore reads the process environment, which `env` is a copy of; a profile with MFA asks for the code on the
    terminal. Raises: NoCaller, CallerRefused, AwsUnreachable.
    """
    import botocore.session  # noqa: PLC0415  (only this command needs it)
    from botocore.config import Config  # noqa: PLC0415
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    from orchestrator.passing_failures import passes  # noqa: PLC0415

    subject = f"profile {profile}" if profile else "the credentials in use"
    try:
        session = botocore.session.Session(profile=profile)
        credentials = session.get_credentials()
        if credentials is None:
            raise _no_credentials(subject, "there are none in the environment, the AWS config files or the machine")
        frozen = credentials.get_frozen_credentials()
        region = env.get("AWS_REGION") or session.get_config_variable("region") or _ANY_REGION
        config = Config(connect_timeout=10, read_timeout=20, retries={"total_max_attempts": 2})
        arn = session.create_client("sts", region_name=region, config=config).get_caller_identity()["Arn"]
    except (BotoCoreError, ClientError, EOFError) as error:
        if not isinstance(error, EOFError) and passes(error):
            raise AwsUnreachable(
                "AWS does not answer", subject=subject, why=str(error), not_run="no link was made", hint=LATER
            ) from error
        if not isinstance(error, ClientError):
            words = str(error) or "an MFA code is needed, and nobody is there to type it"
            raise _no_credentials(subject, words) from error
        raise CallerRefused(
            "AWS refuses these credentials",
            subject=subject,
            why=str(error),
            not_run="no link was made",
            hint='become the role anew; in a rehearsal: eval "$(fleetyard twin env)"',
        ) from error
    return CurrentSession(
        arn=str(arn),
        access_key_id=frozen.access_key,
        secret_access_key=frozen.secret_key,
        session_token=frozen.token or "",
        region=region,
        # botocore tells it of credentials that it renews itself; of others nobody knows.
        expires=getattr(credentials, "_expiry_time", None),
    )


def _no_credentials(subject: str, why: str) -> NoCaller:
    return NoCaller(
        "there are no credentials to sign in with",
        subject=subject,
        why=why,
        not_run="no link was made",
        hint="fleetyard profiles write, then: fleetyard console --sign-in --profile PROFILE",
    )
