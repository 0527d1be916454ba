"""AssumeRoleWithSAML on the twin: a response opens a role if its provider signed it and the role's trust lets it in."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from lxml import etree
from signxml import XMLSigner

from orchestrator.rehearse.saml_issuer import ATTRIBUTES, SIGN_IN, SamlIssuer
from rehearsal.twin.client import last_denials
from rehearsal.twin.run_file import TwinRun
from tests.support.twin_fixtures import MANAGEMENT, TwinAws, document, keys_of, refused

ACTION = "sts:AssumeRoleWithSAML"
TAGS = {f"{ATTRIBUTES}PrincipalTag:team": ["blue"], f"{ATTRIBUTES}TransitiveTagKeys": ["team"]}
CONFIRMATION = "Subject/SubjectConfirmation/SubjectConfirmationData"
DENIED = "Not authorized to perform sts:AssumeRoleWithSAML"


@dataclass(frozen=True, slots=True)
class Door:
    """A role that trusts people of one SAML provider, and the identity provider behind it."""

    aws: TwinAws
    issuer: SamlIssuer
    provider: str
    role: str

    def unsigned(self, attributes: Mapping[str, Sequence[str]] | None = None) -> str:
        """Return a good response, before anybody has signed it."""
        return self.issuer.unsigned(self.role, self.provider, "ann", attributes)

    def become(self, response: str, **more: object) -> Any:
        """Ask for the role with a response as it is posted, and return STS's answer."""
        asked = {"RoleArn": self.role, "PrincipalArn": self.provider, "SAMLAssertion": response, **more}
        return self.aws.client("sts").assume_role_with_saml(**asked)

    def enter(self, attributes: Mapping[str, Sequence[str]] | None = None, **more: object) -> Any:
        """Ask for the role with a good response."""
        return self.become(self.issuer.signed(self.unsigned(attributes)), **more)


@pytest.fixture(scope="module")
def issuer() -> SamlIssuer:
    """Return a company's identity provider."""
    return SamlIssuer("https://idp.acme.example/saml")


@pytest.fixture(scope="module")
def provider(aws: TwinAws, issuer: SamlIssuer) -> str:
    """Return the ARN of its SAML provider in the management account."""
    made = aws.client("iam").create_saml_provider(Name="corporate", SAMLMetadataDocument=issuer.metadata)
    return str(made["SAMLProviderArn"])


@pytest.fixture
def door_with(aws: TwinAws, issuer: SamlIssuer, provider: str, new_role: Callable[..., str]) -> Callable[..., Door]:
    """Return a maker of roles that trust the provider: `door_with(condition, *further_actions, **of_the_role)`."""

    def make(condition: Mapping[str, Any] | None = None, *actions: str, **more: object) -> Door:
        trust = {"Effect": "Allow", "Principal": {"Federated": provider}, "Action": [ACTION, *actions]}
        given = {"Condition": condition} if condition else {}
        return Door(aws, issuer, provider, new_role(MANAGEMENT, document({**trust, **given}), **more))

    return make


@pytest.fixture
def door(door_with: Callable[..., Door]) -> Door:
    """Return a role that trusts whoever the provider sends to AWS's sign-in page."""
    return door_with({"StringEquals": {"SAML:aud": SIGN_IN}})


def test_the_right_response_becomes_the_role(door: Door) -> None:
    """A signed response becomes the role, and STS tells whose it was ("AssumeRoleWithSAML", response elements)."""
    answer = door.enter()
    who = door.aws.client("sts", keys_of(answer["Credentials"])).get_caller_identity()["Arn"]
    assert who == f"arn:aws:sts::{MANAGEMENT}:assumed-role/{door.role.rpartition('/')[2]}/ann"
    assert (answer["Subject"], answer["SubjectType"], answer["Issuer"]) == ("ann", "persistent", door.issuer.entity_id)
    assert answer["Audience"] == SIGN_IN
    hashed = hashlib.sha1(f"{door.issuer.entity_id}{MANAGEMENT}/corporate".encode(), usedforsecurity=False)
    assert answer["NameQualifier"] == base64.b64encode(hashed.digest()).decode()


def test_a_signed_response_will_do(door: Door) -> None:
    """The response as a whole may be signed in place of the assertion."""
    moved = re.sub(r"<ds:Signature .*?</ds:Signature>", "", door.unsigned())
    assert door.become(_sign_response(door.issuer, moved))["Subject"] == "ann"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(">ann<", ">eve<", id="another session name"),
        pytest.param("role/", "role/x", id="another role"),
        pytest.param(SIGN_IN, "https://us-east-1.signin.aws.amazon.com/saml", id="another recipient"),
    ],
)
def test_a_changed_response_is_refused(door: Door, old: str, new: str) -> None:
    """What was changed after it was signed is not believed ("Troubleshoot SAML federation with IAM")."""
    good = base64.b64decode(door.issuer.signed(door.unsigned())).decode()
    assert old in good
    with refused("InvalidIdentityToken") as said:
        door.become(_text(good.replace(old, new)))
    assert said.message == "Response signature invalid"


def test_another_key_is_refused(door: Door) -> None:
    """Whoever signs in the provider's name without its key is refused."""
    with refused("InvalidIdentityToken") as said:
        door.become(SamlIssuer(door.issuer.entity_id).signed(door.unsigned()))
    assert said.message == "Response signature invalid"


def test_an_unsigned_response_is_refused(door: Door) -> None:
    """A response that nobody signed is nobody's."""
    with refused("InvalidIdentityToken") as said:
        door.become(_text(re.sub(r"<ds:Signature .*?</ds:Signature>", "", door.unsigned())))
    assert said.message == "Response signature invalid"


def test_an_empty_signature_is_none(door: Door) -> None:
    """A signature with nothing in it signs nothing."""
    signed = base64.b64decode(door.issuer.signed(door.unsigned())).decode()
    empty = re.sub(r"(<ds:Signature[^>]*>).*?(</ds:Signature>)", r"\1\2", signed, flags=re.DOTALL)
    assert empty != signed
    with refused("InvalidIdentityToken"):
        door.become(base64.b64encode(empty.encode()).decode())


def test_a_second_assertion_is_refused(door: Door) -> None:
    """An assertion that was signed does not vouch for another one beside it."""
    good = base64.b64decode(door.issuer.signed(door.unsigned())).decode()
    assertion = good[good.index("<saml:Assertion") : good.index("</saml:Assertion>") + len("</saml:Assertion>")]
    bare = re.sub(r"<ds:Signature.*?</ds:Signature>", "", assertion, flags=re.DOTALL)
    with refused("InvalidIdentityToken") as said:
        door.become(_text(good.replace("<saml:Assertion", f"{bare.replace('>ann<', '>eve<')}<saml:Assertion", 1)))
    assert said.message == "Invalid SAML response"


def test_no_document_type_is_read(door: Door, twin: TwinRun) -> None:
    """A response with entities of its own is refused before anything of it is read."""
    good = base64.b64decode(door.issuer.signed(door.unsigned())).decode()
    with refused("InvalidIdentityToken"):
        door.become(_text(f'<!DOCTYPE x [<!ENTITY who SYSTEM "file:///etc/passwd">]>{good}'))
    assert "document type" in last_denials(twin, 1)[0]["reason"]


@pytest.mark.parametrize(
    ("old", "new", "code", "words"),
    [
        pytest.param(
            "urn:amazon:webservices",
            "https://elsewhere.example",
            "InvalidIdentityToken",
            "Response does not contain the required audience",
            id="audience",
        ),
        pytest.param(
            f'Recipient="{SIGN_IN}"',
            'Recipient="https://elsewhere.example"',
            "InvalidIdentityToken",
            "Invalid SAML response",
            id="recipient",
        ),
        pytest.param(">ann</saml:NameID>", "></saml:NameID>", "AccessDenied", DENIED, id="nobody"),
        pytest.param(
            f"{ATTRIBUTES}RoleSessionName",
            f"{ATTRIBUTES}Nothing",
            "InvalidIdentityToken",
            "RoleSessionName is required in AuthnResponse",
            id="no session name",
        ),
        pytest.param(
            ">ann</saml:AttributeValue>",
            ">Ann Lee</saml:AttributeValue>",
            "InvalidIdentityToken",
            "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}",
            id="session name with a space",
        ),
        pytest.param(f'Name="{ATTRIBUTES}Role"', 'Name="role"', "AccessDenied", DENIED, id="no role"),
        pytest.param(":saml-provider/", ":saml-provider/x", "AccessDenied", DENIED, id="role of another provider"),
        pytest.param(
            "https://idp.acme.example/saml",
            "https://idp.evil.example/saml",
            "InvalidIdentityToken",
            "Issuer not present in specified provider",
            id="issuer",
        ),
        pytest.param(
            "status:Success",
            "status:Responder",
            "IDPRejectedClaim",
            "The identity provider reported that authentication failed",
            id="status",
        ),
    ],
)
def test_what_aws_refuses(door: Door, old: str, new: str, code: str, words: str) -> None:
    """A response for another purpose is refused as AWS refuses it ("Troubleshoot SAML federation with IAM")."""
    text = door.unsigned()
    assert old in text
    with refused(code) as said:
        door.become(door.issuer.signed(text.replace(old, new)))
    assert said.message == words


@pytest.mark.parametrize(
    ("element", "attribute", "minutes", "words"),
    [
        pytest.param("Conditions", "NotOnOrAfter", -1, "Response has expired", id="expired"),
        pytest.param(CONFIRMATION, "NotOnOrAfter", -1, "Response has expired", id="confirmation expired"),
        pytest.param(".", "IssueInstant", -6, "Token must be redeemed within 5 minutes of issuance", id="old"),
        pytest.param("AuthnStatement", "SessionNotOnOrAfter", -1, "Response has expired", id="session over"),
    ],
)
def test_past_its_time(door: Door, element: str, attribute: str, minutes: int, words: str) -> None:
    """A response is good until its ends, and for five minutes, in STS's own words."""
    with refused("ExpiredTokenException") as said:
        door.become(door.issuer.signed(_at(door.unsigned(), element, attribute, minutes)))
    assert said.message == words


def test_before_its_time(door: Door) -> None:
    """A response is not good before its NotBefore."""
    with refused("InvalidIdentityToken") as said:
        door.become(door.issuer.signed(_at(door.unsigned(), "Conditions", "NotBefore", 1)))
    assert said.message == "Response is not yet valid"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("***not base64***", "Invalid base64 SAMLResponse", id="base64"),
        pytest.param(base64.b64encode(b"response").decode(), "Invalid SAML response", id="XML"),
        pytest.param(base64.b64encode(b"<a/>").decode(), "Invalid SAML response", id="SAML"),
    ],
)
def test_no_response_at_all(door: Door, text: str, words: str) -> None:
    """What is no response is said to be none."""
    with refused("InvalidIdentityToken") as said:
        door.become(text)
    assert said.message == words


def test_a_provider_that_is_not_there(door: Door) -> None:
    """A provider that the account does not have is refused ("Troubleshoot SAML federation with IAM")."""
    with refused("InvalidIdentityToken") as said:
        door.enter(PrincipalArn=f"{door.provider}-2")
    assert said.message == "Specified provider doesn't exist"


def test_encrypted_assertions_are_not_emulated(door: Door) -> None:
    """An encrypted assertion is refused by name: the twin has no key for it."""
    text = re.sub(
        r"<saml:Assertion .*</saml:Assertion>", "<saml:EncryptedAssertion/>", door.unsigned(), flags=re.DOTALL
    )
    with refused("UnsupportedOperation"):
        door.become(_text(text))


@pytest.mark.parametrize(
    "condition",
    [
        pytest.param({"StringEquals": {"saml:sub": "ann", "saml:sub_type": "persistent"}}, id="subject"),
        pytest.param({"StringEquals": {"saml:iss": "https://idp.acme.example/saml"}}, id="issuer"),
        pytest.param({"StringEquals": {"saml:doc": f"{MANAGEMENT}/corporate"}}, id="document"),
        pytest.param({"ForAnyValue:StringEquals": {"saml:edupersonaffiliation": "staff"}}, id="affiliation"),
        pytest.param({"StringEquals": {"sts:RoleSessionName": "ann"}}, id="session name"),
    ],
)
def test_what_the_response_says_is_a_condition(door_with: Callable[..., Door], condition: dict[str, Any]) -> None:
    """Trusts read the response by AWS's keys, and deny what does not match ("Available keys for SAML-based ...")."""
    told = {"urn:oid:1.3.6.1.4.1.5923.1.1.1.1": ["member", "staff"]}
    assert door_with(condition).enter(told)["Subject"] == "ann"
    [(operator, wanted)] = condition.items()
    with refused("AccessDenied") as said:
        door_with({operator: {key: f"{value}-not" for key, value in wanted.items()}}).enter(told)
    assert said.message == DENIED


def test_another_provider_is_not_trusted(aws: TwinAws, provider: str, issuer: SamlIssuer, new_role: Any) -> None:
    """A role that trusts another provider refuses this one's people."""
    federated = {"Federated": f"{provider}-other"}
    role = new_role(MANAGEMENT, document({"Effect": "Allow", "Principal": federated, "Action": ACTION}))
    with refused("AccessDenied") as said:
        Door(aws, issuer, provider, role).enter()
    assert said.message == DENIED


def test_the_subject_goes_with_the_session(door_with: Callable[..., Door]) -> None:
    """Policies read saml:sub and the provider in every request of the session ("SAML role permissions policies")."""
    door = door_with()
    name = door.role.rpartition("/")[2]
    for subject, provider in (("ann", door.provider), ("eve", door.provider), ("ann", f"{door.provider}-2")):
        policy = document(
            {
                "Effect": "Allow",
                "Action": "iam:ListRoles",
                "Resource": "*",
                "Condition": {"StringEquals": {"saml:sub": subject, "aws:FederatedProvider": provider}},
            }
        )
        door.aws.client("iam").put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=policy)
        iam = door.aws.client("iam", keys_of(door.enter()["Credentials"]))
        if (subject, provider) == ("ann", door.provider):
            assert iam.list_roles(MaxItems=1)["Roles"]
        else:
            with refused("AccessDenied"):
                iam.list_roles(MaxItems=1)


def test_tags_and_source_identity_need_their_rights(door_with: Callable[..., Door]) -> None:
    """Attributes for tags and a source identity ask for sts:TagSession and sts:SetSourceIdentity of the trust."""
    told = {**TAGS, f"{ATTRIBUTES}SourceIdentity": ["ann.lee"]}
    for missing in ("sts:TagSession", "sts:SetSourceIdentity"):
        granted = {"sts:TagSession", "sts:SetSourceIdentity"} - {missing}
        with refused("AccessDenied") as said:
            door_with(None, *granted).enter(told)
        assert said.message == DENIED
    answer = door_with(None, "sts:TagSession", "sts:SetSourceIdentity").enter(told)
    assert (answer["SourceIdentity"], answer["PackedPolicySize"] > 0) == ("ann.lee", True)


def test_tags_are_the_sessions(door_with: Callable[..., Door], new_role: Callable[..., str]) -> None:
    """Tags of the response are principal tags, and transitive ones go along a chain ("Pass session tags")."""
    door = door_with(None, "sts:TagSession")
    statement = {"Effect": "Allow", "Action": ["sts:AssumeRole", "sts:TagSession"]}
    door.aws.client("iam").put_role_policy(
        RoleName=door.role.rpartition("/")[2],
        PolicyName="inline",
        PolicyDocument=document({**statement, "Resource": "*"}),
    )
    blue = {"Condition": {"StringEquals": {"aws:PrincipalTag/team": "blue"}}}
    second = new_role(MANAGEMENT, document({**statement, "Principal": {"AWS": door.role}, **blue}))
    third = new_role(MANAGEMENT, document({**statement, "Principal": {"AWS": MANAGEMENT}, **blue}))
    door.aws.client("iam").put_role_policy(
        RoleName=second.rpartition("/")[2],
        PolicyName="inline",
        PolicyDocument=document({**statement, "Resource": "*"}),
    )
    chained = door.aws.assume(second, keys_of(door.enter(TAGS)["Credentials"]))
    assert door.aws.assume(third, chained).session_token
    with refused("AccessDenied"):
        door.aws.assume(second, keys_of(door.enter({})["Credentials"]))


@pytest.mark.parametrize("identity", ["x", "ann lee"])
def test_a_source_identity_of_other_signs(door: Door, identity: str) -> None:
    """A source identity is refused unless it is one ("Troubleshoot SAML federation with IAM")."""
    with refused("InvalidIdentityToken") as said:
        door.enter({f"{ATTRIBUTES}SourceIdentity": [identity]})
    assert said.message.startswith("Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64}")


def test_how_long_a_session_lasts(door_with: Callable[..., Door]) -> None:
    """An hour unless asked for otherwise, up to the role's longest; the response only makes it shorter.

    Source: "AssumeRoleWithSAML", DurationSeconds; "Configure SAML assertions ...", SessionDuration.
    """
    door = door_with(MaxSessionDuration=7200)
    until = _at(door.unsigned(), "AuthnStatement", "SessionNotOnOrAfter", 20)
    shorter = {f"{ATTRIBUTES}SessionDuration": ["900"]}
    assert _minutes(door.enter()) == 60
    assert _minutes(door.enter(DurationSeconds=7200)) == 120
    assert _minutes(door.enter(shorter, DurationSeconds=7200)) == 15
    assert _minutes(door.enter({f"{ATTRIBUTES}SessionDuration": ["43200"]})) == 60
    assert _minutes(door.become(door.issuer.signed(until), DurationSeconds=7200)) == 20
    with refused("ValidationError") as said:
        door.enter(DurationSeconds=7201)
    assert said.message == "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."


def test_session_policies_limit(door: Door) -> None:
    """A session policy limits who comes by SAML as well."""
    door.aws.client("iam").put_role_policy(
        RoleName=door.role.rpartition("/")[2],
        PolicyName="inline",
        PolicyDocument=document({"Effect": "Allow", "Action": "iam:List*", "Resource": "*"}),
    )
    only = document({"Effect": "Allow", "Action": "iam:ListUsers", "Resource": "*"})
    iam = door.aws.client("iam", keys_of(door.enter(Policy=only)["Credentials"]))
    assert "Users" in iam.list_users(MaxItems=1)
    with refused("AccessDenied"):
        iam.list_roles(MaxItems=1)


def test_a_provider_follows_its_metadata(aws: TwinAws, new_role: Callable[..., str], account: str) -> None:
    """New metadata bring new keys: who signed with the old one is refused from then on ("UpdateSAMLProvider")."""
    iam, first = aws.client("iam", aws.into(account)), SamlIssuer("https://idp.acme.example/saml")
    second = SamlIssuer(first.entity_id)
    made = iam.create_saml_provider(Name="rolling", SAMLMetadataDocument=first.metadata)["SAMLProviderArn"]
    trust = document({"Effect": "Allow", "Principal": {"Federated": made}, "Action": ACTION})
    door = Door(aws, first, made, new_role(account, trust))
    assert door.enter()["Subject"] == "ann"
    iam.update_saml_provider(SAMLProviderArn=made, SAMLMetadataDocument=second.metadata)
    with refused("InvalidIdentityToken"):
        door.enter()
    assert replace(door, issuer=second).enter()["Subject"] == "ann"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("EntityDescriptor", "Descriptor", id="another document"),
        pytest.param(' entityID="', ' id="', id="no entity"),
        pytest.param('use="signing"', 'use="encryption"', id="no signing key"),
        pytest.param("<X509Certificate>", "<X509Certificate>AAAA", id="no certificate"),
        pytest.param("<EntityDescriptor", "\ufeff<EntityDescriptor", id="byte order mark"),
        pytest.param("<EntityDescriptor", "<!DOCTYPE a><EntityDescriptor", id="document type"),
        pytest.param("</EntityDescriptor>", "", id="no XML"),
    ],
)
def test_metadata_that_is_none(aws: TwinAws, issuer: SamlIssuer, old: str, new: str) -> None:
    """IAM takes metadata that somebody can be known by ("Troubleshoot SAML federation ...", "CreateSAMLProvider")."""
    assert old in issuer.metadata
    with refused("InvalidInput") as said:
        aws.client("iam").create_saml_provider(Name="none", SAMLMetadataDocument=issuer.metadata.replace(old, new))
    assert said.message == "Could not parse metadata"


def test_a_provider_lasts_a_hundred_years(aws: TwinAws, issuer: SamlIssuer, provider: str) -> None:
    """A provider is good until its document's validUntil, or for a hundred years ("GetSAMLProvider", ValidUntil)."""
    iam = aws.client("iam")
    until = iam.get_saml_provider(SAMLProviderArn=provider)["ValidUntil"]
    assert until.year == datetime.now(tz=UTC).year + 100
    dated = issuer.metadata.replace(" entityID=", ' validUntil="2031-02-03T04:05:06Z" entityID=')
    made = iam.create_saml_provider(Name="dated", SAMLMetadataDocument=dated)["SAMLProviderArn"]
    assert iam.get_saml_provider(SAMLProviderArn=made)["ValidUntil"] == datetime(2031, 2, 3, 4, 5, 6, tzinfo=UTC)


@pytest.mark.parametrize("more", [{"AssertionEncryptionMode": "Required"}, {"AddPrivateKey": "key"}])
def test_encryption_is_not_emulated(aws: TwinAws, issuer: SamlIssuer, more: dict[str, str]) -> None:
    """A provider that is to decrypt assertions is refused by name, not made without it."""
    with refused("UnsupportedOperation"):
        aws.client("iam").create_saml_provider(Name="secret", SAMLMetadataDocument=issuer.metadata, **more)


def _at(text: str, element: str, attribute: str, minutes: int) -> str:
    """Return a response with a time of its assertion set to so many minutes from now."""
    root = etree.fromstring(text.encode())
    path = "/".join(f"saml:{part}" if part != "." else part for part in ("Assertion", *element.split("/")))
    moment = datetime.now(tz=UTC) + timedelta(minutes=minutes)
    root.find(path, {"saml": "urn:oasis:names:tc:SAML:2.0:assertion"}).set(attribute, moment.isoformat())
    return str(etree.tostring(root, encoding="unicode"))


def _minutes(answer: dict[str, Any]) -> int:
    left: timedelta = answer["Credentials"]["Expiration"] - datetime.now(tz=UTC)
    return round(left.total_seconds() / 60)


def _text(response: str) -> str:
    return base64.b64encode(response.encode()).decode()


def _sign_response(issuer: SamlIssuer, response: str) -> str:
    root = etree.fromstring(response.encode())
    signer = XMLSigner(c14n_algorithm="http://www.w3.org/2001/10/xml-exc-c14n#")
    signed = signer.sign(root, key=issuer.signing_key.encode(), reference_uri=f"#{root.get('ID')}")
    return base64.b64encode(etree.tostring(signed)).decode()
