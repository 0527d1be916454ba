"""AssumeRoleWithWebIdentity on the twin: a token opens a role if it is its issuer's and the role's trust lets it in."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from landing_zone.documents.access import document as statements
from landing_zone.documents.people import pipeline_statements
from landing_zone.people import PipelineTrust
from orchestrator.rehearse.token_issuer import TokenIssuer
from rehearsal.twin.client import change_settings
from rehearsal.twin.errors import BadTwinOption
from rehearsal.twin.run_file import TwinRun
from tests.support.twin_fixtures import MANAGEMENT, TwinAws, keys_of, refused

AUDIENCE = "sts.amazonaws.com"
MAIN = "repo:acme/fleet:ref:refs/heads/main"


@dataclass(frozen=True, slots=True)
class Scene:
    """A role that trusts main of one repository, and the issuer of the tokens."""

    aws: TwinAws
    issuer: TokenIssuer
    role_arn: str

    def become(self, token: str, **more: object) -> Any:
        """Ask for the role with a token, and return STS's answer."""
        return self.aws.client("sts").assume_role_with_web_identity(
            RoleArn=self.role_arn, RoleSessionName="run-1", WebIdentityToken=token, **more
        )


@pytest.fixture(scope="module")
def issuer(twin: TwinRun, aws: TwinAws) -> Iterator[TokenIssuer]:
    """Return an issuer whose key the twin has, and whose provider the management account has."""
    found = TokenIssuer(host="issuer.acme.example")
    change_settings(twin, issuers={found.host: found.jwks})
    aws.client("iam").create_open_id_connect_provider(
        Url=f"https://{found.host}", ClientIDList=[AUDIENCE], ThumbprintList=["ab" * 20]
    )
    yield found
    change_settings(twin, issuers={})


@pytest.fixture
def scene(aws: TwinAws, issuer: TokenIssuer, new_role: Callable[..., str]) -> Scene:
    """Return a role of the management account that trusts main of acme/fleet."""
    trust = pipeline_statements(MANAGEMENT, [PipelineTrust(issuer.host, AUDIENCE, (MAIN,))])
    return Scene(aws, issuer, new_role(MANAGEMENT, json.dumps(statements(*trust))))


def test_the_right_token_becomes_the_role(scene: Scene) -> None:
    """A token of the repository's main branch becomes the role, and STS says whose it was."""
    answer = scene.become(scene.issuer.token(MAIN, AUDIENCE))
    who = scene.aws.client("sts", keys_of(answer["Credentials"])).get_caller_identity()["Arn"]
    role = scene.role_arn.rpartition("/")[2]
    assert who == f"arn:aws:sts::{MANAGEMENT}:assumed-role/{role}/run-1"
    assert (answer["SubjectFromWebIdentityToken"], answer["Audience"]) == (MAIN, AUDIENCE)


@pytest.mark.parametrize(
    "subject",
    [
        pytest.param("repo:acme/other:ref:refs/heads/main", id="another repository"),
        pytest.param("repo:evil/fleet:ref:refs/heads/main", id="another owner"),
        pytest.param("repo:acme/fleet:ref:refs/heads/main-2", id="another branch"),
        pytest.param("repo:acme/fleet:pull_request", id="a pull request"),
    ],
)
def test_other_subjects_are_denied(scene: Scene, subject: str) -> None:
    """What the trust policy does not name stays out, with AWS's words."""
    with refused("AccessDenied") as said:
        scene.become(scene.issuer.token(subject, AUDIENCE))
    assert said.message == "Not authorized to perform sts:AssumeRoleWithWebIdentity"


def test_another_audience_is_refused(scene: Scene) -> None:
    """A token for somebody else's audience is none for this provider."""
    with refused("InvalidIdentityToken") as said:
        scene.become(scene.issuer.token(MAIN, "https://elsewhere.example"))
    assert said.message == "Incorrect token audience"


def test_an_expired_token_is_refused(scene: Scene) -> None:
    """A token is good until its own end."""
    with refused("ExpiredTokenException"):
        scene.become(scene.issuer.token(MAIN, AUDIENCE, seconds=-1))


@pytest.mark.parametrize("expires", [None, "zz", float("nan"), float("inf"), True, []])
def test_a_token_says_when_it_ends(scene: Scene, expires: object) -> None:
    """A token whose end is missing or no number is none.

    RFC 7519, section 4.1.4; AWS STS API Reference, "AssumeRoleWithWebIdentity", InvalidIdentityToken.
    """
    with refused("InvalidIdentityToken"):
        scene.become(scene.issuer.token(MAIN, AUDIENCE, more={"exp": expires}))


def test_a_token_may_end_far_away(scene: Scene) -> None:
    """No end is too late, and one long before all times is past."""
    assert scene.become(scene.issuer.token(MAIN, AUDIENCE, more={"exp": 10**400}))["Audience"] == AUDIENCE
    with refused("ExpiredTokenException"):
        scene.become(scene.issuer.token(MAIN, AUDIENCE, more={"exp": -(10**30)}))


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_another_algorithm_is_refused(scene: Scene, algorithm: str) -> None:
    """A token that says it is signed otherwise, or not at all, is not believed."""
    with refused("InvalidIdentityToken"):
        scene.become(scene.issuer.token(MAIN, AUDIENCE, algorithm=algorithm))


def test_a_token_signed_by_another_key_is_refused(scene: Scene) -> None:
    """Whoever signs in the issuer's name without its key is refused."""
    with refused("InvalidIdentityToken") as said:
        scene.become(TokenIssuer(scene.issuer.host).token(MAIN, AUDIENCE))
    assert "verification key" in said.message


def test_an_issuer_without_a_provider_is_refused(scene: Scene) -> None:
    """An issuer that the account has no provider for is named."""
    with refused("InvalidIdentityToken") as said:
        scene.become(TokenIssuer("stranger.example").token(MAIN, AUDIENCE))
    assert said.message == "No OpenIDConnect provider found in your account for https://stranger.example"


def test_no_token_at_all(scene: Scene) -> None:
    """What is no token is said to be none."""
    with refused("InvalidIdentityToken"):
        scene.become("token")


def test_no_longer_than_the_role_allows(scene: Scene) -> None:
    """A session longer than the role's longest is refused."""
    with refused("ValidationError"):
        scene.become(scene.issuer.token(MAIN, AUDIENCE), DurationSeconds=7200)


def test_keys_have_to_be_keys(twin: TwinRun) -> None:
    """What is no JWKS by issuer is refused when it is handed to the twin."""
    with pytest.raises(BadTwinOption, match="the keys of each issuer of tokens"):
        change_settings(twin, issuers={"issuer.acme.example": "none"})
