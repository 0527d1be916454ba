"""What ECR operations ask for: a repository belongs to the account whose registry is named, and its policy has a say.

Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon Elastic Container
Registry"; Amazon ECR User Guide, "Private repository policies" (they name no resource: the repository is the one).
"""

from __future__ import annotations

import json

from rehearsal.twin.actions.demand import Asked, Demand

_OF_THE_REGISTRY = frozenset(
    {"GetAuthorizationToken", "DescribeRegistry", "GetRegistryPolicy", "PutRegistryPolicy", "DeleteRegistryPolicy"}
    | {"PutReplicationConfiguration", "GetRegistryScanningConfiguration", "PutRegistryScanningConfiguration"}
)


def ecr_demands(asked: Asked) -> tuple[Demand, ...]:
    """Return what an ECR request asks for; of a repository that does not exist by the ARN it would have."""
    operation = asked.operation
    if operation.name in _OF_THE_REGISTRY:
        return (Demand(f"ecr:{operation.name}"),)
    owner = _registry(asked)
    actions = [operation.name]
    if operation.name == "CreateRepository" and operation.tags():
        actions.append("TagResource")
    here = f"arn:aws:ecr:{operation.region}:{owner}:repository"
    return tuple(
        Demand(f"ecr:{action}", f"{here}/{name}", owner, _policy_of(asked, owner, name))
        for name in _names(asked)
        for action in actions
    )


def repository_owner(asked: Asked) -> str:
    """Return the account a request works in: the registry's, where there is such an account, else the caller's own."""
    owner = _registry(asked)
    return owner if asked.state.iam(owner) is not None else asked.caller.account_id


def complete_policy(text: str) -> str:
    """Return a repository's policy as the decision reads it: with the resource that ECR takes for granted."""
    try:
        document = json.loads(text)
        statements = document["Statement"]
        listed = statements if isinstance(statements, list) else [statements]
        return json.dumps({**document, "Statement": [{"Resource": "*", **statement} for statement in listed]})
    except (ValueError, TypeError, KeyError):
        return text  # what is wrong with it, the grammar says


def _registry(asked: Asked) -> str:
    arn = asked.operation.text("resourceArn").split(":")
    named = arn[4] if len(arn) > 5 else asked.operation.text("registryId")
    return named or asked.caller.account_id


def _names(asked: Asked) -> list[str]:
    operation = asked.operation
    arn = operation.text("resourceArn")
    if arn:
        return [arn.partition(":repository/")[2]]
    return (
        [operation.text("repositoryName")]
        if operation.text("repositoryName")
        else operation.listed("repositoryNames") or ["*"]
    )


def _policy_of(asked: Asked, owner: str, name: str) -> str | None:
    repository = asked.state.repository(owner, asked.operation.region, name)
    return complete_policy(repository.policy) if repository is not None and repository.policy else None
