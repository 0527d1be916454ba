"""ECR: a repository belongs to the account whose registry is named, and its policy has a say."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.support.twin_fixtures import MANAGEMENT, Keys, TwinAws, document, refused, trusting

NewUser = Callable[..., tuple[str, Keys]]
NewRole = Callable[..., str]
ROOT = f"arn:aws:iam::{MANAGEMENT}:root"
ECR_ONLY = document({"Effect": "Allow", "Action": "ecr:*", "Resource": "*"})
IMAGE = json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "layers": []})


def _repository(aws: TwinAws, account: str, name: str = "app", **policy: Any) -> str:
    """Make a repository with an image and, if a statement is given, its policy; return its name."""
    ecr = aws.client("ecr", aws.into(account))
    ecr.create_repository(repositoryName=name)
    ecr.put_image(repositoryName=name, imageManifest=IMAGE, imageTag="v1")
    if policy:
        statement = {"Effect": "Allow", "Action": "ecr:BatchGetImage", **policy}
        ecr.set_repository_policy(repositoryName=name, policyText=document(statement))
    return name


def _pull(ecr: Any, account: str, name: str) -> list[str]:
    got = ecr.batch_get_image(registryId=account, repositoryName=name, imageIds=[{"imageTag": "v1"}])
    return [image["imageManifest"] for image in got["images"]]


def test_a_right_on_one_repository_is_none_on_another(aws: TwinAws, account: str, new_role: NewRole) -> None:
    """An identity policy on a repository's ARN allows that repository and no other."""
    mine, other = _repository(aws, account), _repository(aws, account, "other")
    right = {"Effect": "Allow", "Action": "ecr:BatchGetImage", "Resource": f"arn:aws:ecr:*:{account}:repository/app"}
    ecr = aws.client("ecr", aws.assume(new_role(account, trusting(ROOT), document(right))))
    assert _pull(ecr, account, mine) == [IMAGE]
    with refused("AccessDeniedException"):
        _pull(ecr, account, other)


def test_tags_at_creation_need_their_own_right(aws: TwinAws, account: str, new_role: NewRole) -> None:
    """A repository made with tags needs `ecr:TagResource` as well."""
    right = document({"Effect": "Allow", "Action": "ecr:CreateRepository", "Resource": "*"})
    ecr = aws.client("ecr", aws.assume(new_role(account, trusting(ROOT), right)))
    assert ecr.create_repository(repositoryName="plain")["repository"]
    with refused("AccessDeniedException") as denial:
        ecr.create_repository(repositoryName="tagged", tags=[{"Key": "a", "Value": "1"}])
    assert "ecr:TagResource" in denial.message


def test_another_accounts_repository_needs_both_sides(aws: TwinAws, account: str, new_user: NewUser) -> None:
    """An image is pulled from another account's repository when its policy, which names no resource, allows it too."""
    name, keys = new_user(ECR_ONLY)
    _repository(aws, account, "closed")
    _repository(aws, account, "opened", Principal={"AWS": f"arn:aws:iam::{MANAGEMENT}:user/{name}"})
    ecr = aws.client("ecr", keys)
    assert _pull(ecr, account, "opened") == [IMAGE]
    with refused("AccessDeniedException"):
        _pull(ecr, account, "closed")
    _, powerless = new_user()
    with refused("AccessDeniedException"):
        _pull(aws.client("ecr", powerless), account, "opened")


def test_a_deny_of_the_policy_bites_its_own_account(aws: TwinAws, account: str) -> None:
    """A Deny in a repository's policy holds for an administrator of its account."""
    _repository(aws, account, Principal="*", Effect="Deny")
    with refused("AccessDeniedException"):
        _pull(aws.client("ecr", aws.into(account)), account, "app")


def test_a_policy_naming_nobody_is_refused(aws: TwinAws, account: str) -> None:
    """A repository's policy with a principal that does not exist is not taken."""
    with refused("InvalidParameterException"):
        _repository(aws, account, Principal={"AWS": f"arn:aws:iam::{account}:role/ghost"})
