"""ECR: repositories, and their policies and lifecycle policies, which are resources of their own.

Source: pulumi_aws 7.51.1 (`ecr/*.py`), terraform-provider-aws `internal/service/ecr`.
"""

from __future__ import annotations

from typing import Any

from rehearsal.aws.call import Call
from rehearsal.aws.kinds import DOCUMENT, FLAG, list_of, record
from rehearsal.aws.operations import operation
from rehearsal.aws.properties import AutoName, Property, output
from rehearsal.aws.resource_type import Change, ResourceType, Tagging
from rehearsal.aws.wire import Value

_NO_REPOSITORY = "RepositoryNotFoundException"
_REPOSITORY = Property("repository", aws="repositoryName", required=True, replaces=True)
_REGISTRY = output("registryId", aws="registryId")
_MUTABILITY = Property(
    "imageTagMutability", aws="imageTagMutability", default="MUTABLE", one_of=("MUTABLE", "IMMUTABLE")
)
_ENCRYPTION = list_of(
    Property("encryptionType", aws="encryptionType", one_of=("AES256", "KMS", "KMS_DSSE")),
    Property("kmsKey", aws="kmsKey"),
)


def _scanning(call: Call) -> dict[str, Value]:
    return {"scanOnPush": bool((call["imageScanningConfiguration"] or {}).get("scanOnPush"))}


def _create_repository(call: Call) -> Any:
    asked = (call["encryptionConfigurations"] or [{}])[0]
    encryption = {"encryptionConfiguration": {"encryptionType": "AES256", **asked}} if asked else {}
    return call.aws.create_repository(
        repositoryName=call["name"],
        imageTagMutability=call["imageTagMutability"],
        imageScanningConfiguration=_scanning(call),
        tags=[{"Key": key, "Value": call.tags[key]} for key in sorted(call.tags)],
        **encryption,
    )


def _read_repository(call: Call) -> Any:
    found = call.aws.describe_repositories(repositoryNames=[call.id])["repositories"][0]
    tags = call.aws.list_tags_for_resource(resourceArn=found["repositoryArn"])["tags"]
    # What ECR does when nothing is asked counts as not given. Source: SuppressMissingOptionalConfigurationBlock.
    encryption = found.get("encryptionConfiguration") or {}
    plain = encryption.get("encryptionType") == "AES256" and not call["encryptionConfigurations"]
    return {**found, "encryptionConfigurations": None if plain else [encryption], "Tags": tags}


def _put_mutability(call: Call) -> None:
    call.aws.put_image_tag_mutability(repositoryName=call.id, imageTagMutability=call["imageTagMutability"])


def _put_scanning(call: Call) -> None:
    call.aws.put_image_scanning_configuration(repositoryName=call.id, imageScanningConfiguration=_scanning(call))


def _tag(call: Call) -> None:
    tags = [{"Key": key, "Value": call.tags[key]} for key in sorted(call.tags)]
    call.aws.tag_resource(resourceArn=call.state["arn"], tags=tags)


def _untag(call: Call) -> None:
    call.aws.untag_resource(resourceArn=call.state["arn"], tagKeys=sorted(call.tags))


def _delete_repository(call: Call) -> None:
    call.aws.delete_repository(repositoryName=call.id, force=bool(call["forceDelete"]))


REPOSITORY = ResourceType(
    type="aws:ecr/repository:Repository",
    title="ECR Repository",
    service="ecr",
    properties=(
        Property("name", aws="repositoryName", replaces=True, auto_name=AutoName(longest=256, lower=True)),
        _MUTABILITY,
        Property(
            "imageScanningConfiguration",
            record(Property("scanOnPush", FLAG, aws="scanOnPush", required=True)),
            aws="imageScanningConfiguration",
        ),
        Property("encryptionConfigurations", _ENCRYPTION, aws="encryptionConfigurations", replaces=True),
        Property("forceDelete", FLAG, unread=True),
        output("arn", aws="repositoryArn"),
        _REGISTRY,
        output("repositoryUrl", aws="repositoryUri"),
    ),
    id="{name}",
    create=_create_repository,
    read=_read_repository,
    changes=(
        Change(("imageTagMutability",), _put_mutability),
        Change(("imageScanningConfiguration",), _put_scanning),
    ),
    delete=_delete_repository,
    tagging=Tagging(add=_tag, remove=_untag),
    not_found=(_NO_REPOSITORY,),
    already_exists=("RepositoryAlreadyExistsException",),
)


def _put_policy(call: Call) -> None:
    call.aws.set_repository_policy(repositoryName=call["repository"], policyText=call["policy"])


def _read_policy(call: Call) -> Any:
    found = call.aws.get_repository_policy(repositoryName=call.id)
    return {**found, "Policy": found["policyText"]}


REPOSITORY_POLICY = ResourceType(
    type="aws:ecr/repositoryPolicy:RepositoryPolicy",
    title="ECR Repository Policy",
    service="ecr",
    properties=(_REPOSITORY, Property("policy", DOCUMENT, required=True), _REGISTRY),
    id="{repository}",
    create=_put_policy,
    read=_read_policy,
    changes=(Change(("policy",), _put_policy),),
    delete=operation("delete_repository_policy", repositoryName="repository"),
    not_found=(_NO_REPOSITORY, "RepositoryPolicyNotFoundException"),
)


def _read_lifecycle(call: Call) -> Any:
    found = call.aws.get_lifecycle_policy(repositoryName=call.id)
    return {**found, "Policy": found["lifecyclePolicyText"]}


LIFECYCLE_POLICY = ResourceType(
    type="aws:ecr/lifecyclePolicy:LifecyclePolicy",
    title="ECR Lifecycle Policy",
    service="ecr",
    properties=(_REPOSITORY, Property("policy", DOCUMENT, required=True, replaces=True), _REGISTRY),
    id="{repository}",
    create=operation("put_lifecycle_policy", repositoryName="repository", lifecyclePolicyText="policy"),
    read=_read_lifecycle,
    delete=operation("delete_lifecycle_policy", repositoryName="repository"),
    not_found=(_NO_REPOSITORY, "LifecyclePolicyNotFoundException"),
    delete_before_replace=True,
)

TYPES = (REPOSITORY, REPOSITORY_POLICY, LIFECYCLE_POLICY)
