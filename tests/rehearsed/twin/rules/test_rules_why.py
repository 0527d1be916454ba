"""What the twin keeps of a refusal, and how `fleetyard twin why` tells it."""

from __future__ import annotations

import dataclasses
import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from orchestrator.cli.app import run
from orchestrator.cli.world import real_world
from orchestrator.rehearse.token_issuer import TokenIssuer
from rehearsal.twin.client import change_settings, last_denials
from rehearsal.twin.run_file import RUN_FILE_VARIABLE, TwinRun
from tests.rehearsed.twin.rules.policy_types import SCP, switched_on
from tests.support.twin_fixtures import EVERYTHING, MANAGEMENT, Keys, RunningTwin, TwinAws, document, refused, trusting

NewUser = Callable[..., tuple[str, Keys]]
NewRole = Callable[..., str]
ROOT = f"arn:aws:iam::{MANAGEMENT}:root"
EVERY = EVERYTHING["Statement"][0]
NO_KEYS = {"Sid": "NoKeys", "Effect": "Deny", "Action": "kms:*", "Resource": "*"}


@dataclasses.dataclass
class Shell:
    """A command line that has joined the twin."""

    twin: RunningTwin

    def why(self, *arguments: str) -> str:
        """Return what `twin why` writes."""
        out, err = io.StringIO(), io.StringIO()
        world = dataclasses.replace(
            real_world(), env={RUN_FILE_VARIABLE: str(self.twin.run_file)}, out=out, err=err, ask=None, live=False
        )
        assert run(("twin", "why", *arguments), world) == 0, err.getvalue()
        return out.getvalue() + err.getvalue()


@pytest.fixture
def shell(running_twin: RunningTwin) -> Shell:
    """Return a command line."""
    return Shell(running_twin)


def refuse_keys(aws: TwinAws, keys: Keys) -> dict[str, Any]:
    """Let listing keys be refused, and return what the twin kept of it."""
    with refused("AccessDeniedException"):
        aws.client("kms", keys).list_keys()
    return last_denials(aws.run, 1)[0]


def test_a_refusal_keeps_the_chain_in_awss_order(aws: TwinAws, account: str) -> None:
    """The chain is RCPs, each level of SCPs, resource policy, identity, boundary, session.

    Source: IAM User Guide, "How AWS enforcement code logic evaluates requests to allow or deny access".
    """
    arn = f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"
    kept = refuse_keys(aws, aws.assume(arn, Policy=document({**EVERY, "Action": "iam:*"})))
    kinds = [step["kind"] for step in kept["chain"]]
    assert list(dict.fromkeys(kinds)) == [
        "resource control policy",
        "service control policy",
        "resource-based policy",
        "identity-based policy",
        "permissions boundary",
        "session policy",
    ]
    assert [step["kind"] for step in kept["chain"] if step["decided"]] == ["session policy"]
    verdicts = {step["kind"]: step["verdict"] for step in kept["chain"]}
    assert verdicts["identity-based policy"] == "allowed"
    assert verdicts["session policy"] == "no allow"
    assert kept["region"] == "us-east-1"


def test_a_refusal_keeps_the_deciding_statement(aws: TwinAws, new_user: NewUser) -> None:
    """The statement that denied is kept as its policy has it."""
    _, keys = new_user(document(EVERY, NO_KEYS))
    (step,) = (step for step in refuse_keys(aws, keys)["chain"] if step["decided"])
    assert (step["policy"], step["statement"]) == ("inline", "NoKeys")
    assert json.loads(step["document"]) == NO_KEYS


def test_scps_are_told_by_level(aws: TwinAws, account: str) -> None:
    """Each level of SCPs is told by the root, unit or account it is attached to."""
    organizations = aws.client("organizations")
    (root,) = organizations.list_roots()["Roots"]
    unit = organizations.create_organizational_unit(ParentId=root["Id"], Name=f"unit-{account}")["OrganizationalUnit"]
    organizations.move_account(AccountId=account, SourceParentId=root["Id"], DestinationParentId=unit["Id"])
    keys = aws.into(account)
    with switched_on(aws, SCP):
        made = organizations.create_policy(Name=f"why-{account}", Description="", Type=SCP, Content=document(NO_KEYS))
        organizations.attach_policy(PolicyId=made["Policy"]["PolicySummary"]["Id"], TargetId=unit["Id"])
        levels = {step["level"]: step for step in refuse_keys(aws, keys)["chain"] if step["level"]}
    name = organizations.describe_account(AccountId=account)["Account"]["Name"]
    assert list(levels) == [f"root {root['Id']}", f"unit {unit['Name']} ({unit['Id']})", f"account {name} ({account})"]
    decided = levels[f"unit {unit['Name']} ({unit['Id']})"]
    assert (decided["verdict"], decided["policy"], decided["decided"]) == ("explicit deny", f"why-{account}", True)


def test_what_is_allowed_keeps_nothing(aws: TwinAws, new_user: NewUser) -> None:
    """Of requests that were let through no refusal is kept."""
    name, keys = new_user(document(EVERY))
    aws.client("kms", keys).list_keys()
    assert [one for one in last_denials(aws.run, 500) if one["principal"].endswith(f"/{name}")] == []


def test_why_tells_caller_answer_chain_and_change(aws: TwinAws, new_user: NewUser, shell: Shell) -> None:
    """The command tells who asked what, AWS's answer, the chain with the deciding statement, and what would help."""
    name, keys = new_user(document(EVERY, NO_KEYS))
    refuse_keys(aws, keys)
    told = shell.why("--principal", f"*:user/{name}")
    assert f"  caller    arn:aws:iam::{MANAGEMENT}:user/{name}\n" in told
    assert "kms:ListKeys  AccessDeniedException" in told
    assert "with an explicit deny in an identity-based policy" in told
    assert "  > identity policies     explicit deny   inline, NoKeys" in told
    assert '      "Sid": "NoKeys"' in told
    assert "statement 'NoKeys' of inline would have to leave this request out" in told


def test_why_filters_and_counts(aws: TwinAws, new_user: NewUser, shell: Shell) -> None:
    """`--action`, `--principal` and `--limit` choose; the latest refusal is told first."""
    name, keys = new_user()
    for service, operation in (("iam", "list_users"), ("iam", "list_roles"), ("kms", "list_keys")):
        with refused("AccessDenied", "AccessDeniedException"):
            getattr(aws.client(service, keys), operation)()
    own = ("--format", "json", "--principal", f"*/{name}")
    chosen = json.loads(shell.why(*own, "--action", "IAM:List*"))
    assert [one["action"] for one in chosen] == ["iam:ListRoles", "iam:ListUsers"]
    assert [one["action"] for one in json.loads(shell.why(*own, "--limit", "1"))] == ["kms:ListKeys"]


def test_why_says_that_there_is_nothing(shell: Shell) -> None:
    """Where nothing of the kind was refused the command says so."""
    assert shell.why("--principal", "nobody-at-all") == "The twin has refused nothing of that kind.\n"


def test_why_tells_what_no_policy_decided(aws: TwinAws, new_user: NewUser, shell: Shell) -> None:
    """A refusal that no policy made is told with what AWS would not say."""
    name, keys = new_user(document(EVERY))
    with refused("AccessDenied"):
        aws.assume(f"arn:aws:iam::{MANAGEMENT}:role/is-not-there", keys)
    assert "  no policy decided: there is no such role" in shell.why("--principal", f"*/{name}")


def test_a_trust_is_one_of_the_chain(aws: TwinAws, account: str, new_role: NewRole, shell: Shell) -> None:
    """A refused AssumeRole tells the role's trust policy in its chain, and what it would have to say."""
    arn = new_role(account, trusting(account))
    with refused("AccessDenied"):
        aws.assume(arn)
    told = shell.why("--action", "sts:AssumeRole", "--limit", "1")
    assert "  > trust policy          no allow" in told
    assert f"The trust policy of {arn} would have to let arn:aws:iam::{MANAGEMENT}:user/administrator" in told


def test_a_tokens_refusal_tells_its_claims(aws: TwinAws, account: str, twin: TwinRun, shell: Shell) -> None:
    """A refused token tells whose it was, its claims that conditions see, and the trust that did not let it in."""
    issuer = TokenIssuer(host=f"why-{account}.acme.example")
    iam = aws.client("iam", aws.into(account))
    provider = iam.create_open_id_connect_provider(
        Url=f"https://{issuer.host}", ClientIDList=["sts.amazonaws.com"], ThumbprintList=["ab" * 20]
    )["OpenIDConnectProviderArn"]
    trust = {"Effect": "Allow", "Principal": {"Federated": provider}, "Action": "sts:AssumeRoleWithWebIdentity"}
    only = {"Condition": {"StringEquals": {f"{issuer.host}:sub": "main"}}}
    arn = iam.create_role(RoleName="why", AssumeRolePolicyDocument=document({**trust, **only}))["Role"]["Arn"]
    change_settings(twin, issuers={issuer.host: issuer.jwks})
    with refused("AccessDenied"):
        aws.client("sts").assume_role_with_web_identity(
            RoleArn=arn, RoleSessionName="run", WebIdentityToken=issuer.token("branch", "sts.amazonaws.com")
        )
    change_settings(twin, issuers={})
    told = shell.why("--principal", provider)
    assert f'"{issuer.host}:sub": "branch"' in told
    assert "  > trust policy          no allow" in told


def test_why_counts_what_services_refuse_themselves(aws: TwinAws, shell: Shell, new_user: NewUser) -> None:
    """A refusal by a service's own rule is kept with the service's words, counted, and told with `--own`."""
    name, keys = new_user(document(EVERY))
    mine = ("--principal", f"*:user/{name}")
    with refused("NoSuchEntity"):
        aws.client("iam", keys).get_role(RoleName="nobody-of-that-name")
    with refused("NoSuchBucket"):
        aws.client("s3", keys).list_objects_v2(Bucket="no-bucket-of-that-name")
    with refused("ResourceNotFoundException"):
        aws.client("dynamodb", keys).describe_table(TableName="no-table-of-that-name")
    assert "Left out: 3 by rules of the services' own (--own tells them too)." in shell.why(*mine)
    told = shell.why(*mine, "--own")
    for code in ("NoSuchEntity", "NoSuchBucket", "ResourceNotFoundException"):
        assert f"  {code}\n" in told
    assert "nobody-of-that-name" in told
    assert "no policy decided: a rule of the service's own" in told
