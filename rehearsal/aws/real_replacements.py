"""What makes another resource with the real provider: what its source says, type by type, and what its package says.

The package's own text hardly ever says it (pulumi_aws leaves out terraform's "Forces new resource"), and ships no
schema. So the rules are written down here from the source, apart from our tables, and a test holds the two together.

To write an entry: open the file under `internal/service/` of terraform-provider-aws and list the properties whose
schema has `ForceNew: true` or, in newer files, a `RequiresReplace` plan modifier. `region` goes for every regional type
and is added here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from rehearsal.aws.properties import Property
from rehearsal.aws.resource_type import ResourceType
from rehearsal.aws.sdk_reference import input_texts

_SAYS_SO = re.compile(
    r"forces? (?:a |the creation of a )?(?:new resource|replacement|re-?creation)|recreate the ", re.IGNORECASE
)
_COMMON = frozenset({"tags", "tagsAll"})


@dataclass(frozen=True, slots=True)
class Source:
    """What one file of terraform-provider-aws says of a type; only of properties that we offer as well."""

    file: str
    """Below `internal/service/`."""
    replaces: frozenset[str] = frozenset()
    conditional: Mapping[str, str] = field(default_factory=dict)
    """Properties that replace for some changes only, and for which."""


def _source(file: str, *replaces: str, **conditional: str) -> Source:
    return Source(file, frozenset(replaces), conditional)


_RULE = Source(
    "ec2/vpc_security_group_ingress_rule.go",
    frozenset({"securityGroupId"}),
    dict.fromkeys(
        ("cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId"), "if the other end is of another kind"
    ),
)

SOURCES: Mapping[str, Source] = {
    "aws:account/alternativeContact:AlternativeContact": _source(
        "account/alternate_contact.go", "alternateContactType"
    ),
    "aws:budgets/budget:Budget": _source("budgets/budget.go", "accountId", "name"),
    "aws:cfg/deliveryChannel:DeliveryChannel": _source("configservice/delivery_channel.go", "name"),
    "aws:cfg/recorder:Recorder": _source("configservice/configuration_recorder.go", "name"),
    "aws:cfg/recorderStatus:RecorderStatus": _source("configservice/configuration_recorder_status.go"),
    "aws:cloudfront/distribution:Distribution": _source("cloudfront/distribution.go"),
    "aws:cloudfront/originAccessControl:OriginAccessControl": _source("cloudfront/origin_access_control.go"),
    "aws:cloudtrail/organizationDelegatedAdminAccount:OrganizationDelegatedAdminAccount": _source(
        "cloudtrail/organization_delegated_admin_account.go", "accountId"
    ),
    "aws:cloudtrail/trail:Trail": _source("cloudtrail/trail.go", "name"),
    "aws:cloudwatch/logGroup:LogGroup": _source("logs/group.go", "name", "logGroupClass"),
    "aws:cloudwatch/eventRule:EventRule": _source("events/rule.go", "name"),
    "aws:cloudwatch/eventTarget:EventTarget": _source("events/target.go", "rule", "targetId"),
    "aws:cloudwatch/metricAlarm:MetricAlarm": _source("cloudwatch/metric_alarm.go", "name"),
    "aws:dynamodb/table:Table": _source("dynamodb/table.go", "hashKey", "localSecondaryIndexes", "name", "rangeKey"),
    "aws:ebs/encryptionByDefault:EncryptionByDefault": _source("ec2/ebs_encryption_by_default.go"),
    "aws:ec2/eip:Eip": _source("ec2/ec2_eip.go", "domain"),
    "aws:ec2/flowLog:FlowLog": _source(
        "ec2/vpc_flow_log.go",
        "vpcId",
        "subnetId",
        "eniId",
        "trafficType",
        "logDestination",
        "logDestinationType",
        "iamRoleArn",
        "logFormat",
        "maxAggregationInterval",
    ),
    "aws:ec2/instanceMetadataDefaults:InstanceMetadataDefaults": _source("ec2/ec2_instance_metadata_defaults.go"),
    "aws:ec2/internetGateway:InternetGateway": _source("ec2/vpc_internet_gateway.go"),
    "aws:ec2/natGateway:NatGateway": _source(
        "ec2/vpc_nat_gateway.go", "allocationId", "connectivityType", "privateIp", "subnetId"
    ),
    "aws:ec2/route:Route": _source(
        "ec2/vpc_route.go",
        "routeTableId",
        "destinationCidrBlock",
        "destinationIpv6CidrBlock",
        "destinationPrefixListId",
    ),
    "aws:ec2/routeTable:RouteTable": _source("ec2/vpc_route_table.go", "vpcId"),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": _source(
        "ec2/vpc_route_table_association.go", "subnetId", "gatewayId"
    ),
    "aws:ec2/securityGroup:SecurityGroup": _source("ec2/vpc_security_group.go", "description", "name", "vpcId"),
    "aws:ec2/subnet:Subnet": _source(
        "ec2/vpc_subnet.go", "vpcId", "cidrBlock", "availabilityZone", "availabilityZoneId"
    ),
    "aws:ec2/vpc:Vpc": _source("ec2/vpc_.go", "cidrBlock", instanceTenancy="unless from dedicated to default"),
    "aws:ec2/vpcEndpoint:VpcEndpoint": _source(
        "ec2/vpc_endpoint.go",
        "serviceName",
        "vpcEndpointType",
        "vpcId",
        privateDnsEnabled="if the endpoint is no interface",
    ),
    "aws:iam/group:Group": _source("iam/group.go"),
    "aws:iam/groupPolicy:GroupPolicy": _source("iam/group_policy.go", "group", "name"),
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment": _source(
        "iam/group_policy_attachment.go", "group", "policyArn"
    ),
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": _source("iam/openid_connect_provider.go", "url"),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": _source("ecr/lifecycle_policy.go", "policy", "repository"),
    "aws:ecr/repository:Repository": _source("ecr/repository.go", "name", "encryptionConfigurations"),
    "aws:ecr/repositoryPolicy:RepositoryPolicy": _source("ecr/repository_policy.go", "repository"),
    "aws:guardduty/detector:Detector": _source("guardduty/detector.go"),
    "aws:guardduty/organizationAdminAccount:OrganizationAdminAccount": _source(
        "guardduty/organization_admin_account.go", "adminAccountId"
    ),
    "aws:iam/accountAlias:AccountAlias": _source("iam/account_alias.go", "accountAlias"),
    "aws:iam/accountPasswordPolicy:AccountPasswordPolicy": _source("iam/account_password_policy.go"),
    "aws:iam/instanceProfile:InstanceProfile": _source("iam/instance_profile.go", "name", "path"),
    "aws:iam/policy:Policy": _source("iam/policy.go", "name", "description", "path"),
    "aws:iam/role:Role": _source("iam/role.go", "name", "path"),
    "aws:iam/rolePolicy:RolePolicy": _source("iam/role_policy.go", "role", "name"),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": _source("iam/role_policy_attachment.go", "role", "policyArn"),
    "aws:iam/samlProvider:SamlProvider": _source("iam/saml_provider.go", "name"),
    "aws:iam/user:User": _source("iam/user.go"),
    "aws:iam/userGroupMembership:UserGroupMembership": _source("iam/user_group_membership.go", "user"),
    "aws:identitystore/group:Group": _source("identitystore/group.go", "displayName", "identityStoreId"),
    "aws:kms/alias:Alias": _source("kms/alias.go", "name"),
    "aws:kms/grant:Grant": _source(
        "kms/grant.go",
        "constraints",
        "grantCreationTokens",
        "granteePrincipal",
        "keyId",
        "name",
        "operations",
        "retireOnDelete",
        "retiringPrincipal",
    ),
    "aws:kms/key:Key": _source("kms/key.go", "keyUsage", "customerMasterKeySpec", "multiRegion"),
    "aws:lambda/function:Function": _source("lambda/function.go", "name", "packageType"),
    "aws:lambda/permission:Permission": _source(
        "lambda/permission.go",
        "action",
        "eventSourceToken",
        "function",
        "functionUrlAuthType",
        "invokedViaFunctionUrl",
        "principal",
        "principalOrgId",
        "sourceAccount",
        "sourceArn",
        "statementId",
    ),
    # `name` in place since hashicorp/terraform-provider-aws pull request 42350; it replaced before.
    "aws:organizations/account:Account": _source(
        "organizations/account.go", "email", "roleName", "iamUserAccessToBilling"
    ),
    "aws:organizations/delegatedAdministrator:DelegatedAdministrator": _source(
        "organizations/delegated_administrator.go", "accountId", "servicePrincipal"
    ),
    "aws:organizations/organization:Organization": _source(
        "organizations/organization.go", featureSet="from ALL to CONSOLIDATED_BILLING"
    ),
    "aws:organizations/organizationalUnit:OrganizationalUnit": _source(
        "organizations/organizational_unit.go", "parentId"
    ),
    "aws:organizations/policy:Policy": _source("organizations/policy.go", "type"),
    "aws:organizations/policyAttachment:PolicyAttachment": _source(
        "organizations/policy_attachment.go", "policyId", "targetId"
    ),
    "aws:ram/principalAssociation:PrincipalAssociation": _source(
        "ram/principal_association.go", "principal", "resourceShareArn"
    ),
    "aws:ram/resourceAssociation:ResourceAssociation": _source(
        "ram/resource_association.go", "resourceArn", "resourceShareArn"
    ),
    "aws:ram/resourceShare:ResourceShare": _source("ram/resource_share.go", "permissionArns"),
    "aws:route53/record:Record": _source("route53/record.go", "name", "zoneId"),
    "aws:route53/zone:Zone": _source("route53/zone.go", "name"),
    "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock": _source(
        "s3control/account_public_access_block.go", "accountId"
    ),
    "aws:s3/bucket:Bucket": _source("s3/bucket.go", "bucket", "objectLockEnabled"),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _source(
        "s3/bucket_lifecycle_configuration.go", "bucket"
    ),
    "aws:s3/bucketLogging:BucketLogging": _source("s3/bucket_logging.go", "bucket"),
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": _source(
        "s3/bucket_object_lock_configuration.go", "bucket", "objectLockEnabled"
    ),
    "aws:s3/bucketObjectv2:BucketObjectv2": _source("s3/object.go", "bucket", "key"),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": _source("s3/bucket_ownership_controls.go", "bucket"),
    "aws:s3/bucketPolicy:BucketPolicy": _source("s3/bucket_policy.go", "bucket"),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _source("s3/bucket_public_access_block.go", "bucket"),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": _source(
        "s3/bucket_server_side_encryption_configuration.go", "bucket"
    ),
    "aws:s3/bucketVersioning:BucketVersioning": _source("s3/bucket_versioning.go", "bucket"),
    "aws:sns/topic:Topic": _source("sns/topic.go", "name"),
    "aws:sns/topicPolicy:TopicPolicy": _source("sns/topic_policy.go", "arn"),
    "aws:sns/topicSubscription:TopicSubscription": _source(
        "sns/topic_subscription.go", "topic", "protocol", "endpoint"
    ),
    "aws:secretsmanager/secret:Secret": _source("secretsmanager/secret.go", "name"),
    "aws:secretsmanager/secretPolicy:SecretPolicy": _source("secretsmanager/secret_policy.go", "secretArn"),
    "aws:securityhub/account:Account": _source("securityhub/account.go", "enableDefaultStandards"),
    "aws:securityhub/organizationAdminAccount:OrganizationAdminAccount": _source(
        "securityhub/organization_admin_account.go", "adminAccountId"
    ),
    "aws:servicequotas/serviceQuota:ServiceQuota": _source(
        "servicequotas/service_quota.go", "quotaCode", "serviceCode"
    ),
    "aws:sqs/queue:Queue": _source("sqs/queue.go", "name", "fifoQueue"),
    "aws:sqs/queuePolicy:QueuePolicy": _source("sqs/queue_policy.go", "queueUrl"),
    "aws:ssoadmin/accountAssignment:AccountAssignment": _source(
        "ssoadmin/account_assignment.go",
        "instanceArn",
        "permissionSetArn",
        "principalId",
        "principalType",
        "targetId",
        "targetType",
    ),
    "aws:ssoadmin/managedPolicyAttachment:ManagedPolicyAttachment": _source(
        "ssoadmin/managed_policy_attachment.go", "instanceArn", "managedPolicyArn", "permissionSetArn"
    ),
    "aws:ssoadmin/permissionSet:PermissionSet": _source("ssoadmin/permission_set.go", "instanceArn", "name"),
    "aws:ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy": _source(
        "ssoadmin/permission_set_inline_policy.go", "instanceArn", "permissionSetArn"
    ),
    "aws:ssm/parameter:Parameter": _source("ssm/parameter.go", "name", "dataType", tier="from Advanced to Standard"),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": replace(
        _RULE, file="ec2/vpc_security_group_egress_rule.go"
    ),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _RULE,
}

REASONS: Mapping[tuple[str, str], str] = {
    (
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        "privateDnsEnabled",
    ): "only interfaces have private DNS; AWS refuses it of a gateway, whether changed or made anew",
}
"""Why our rule is another one than the real provider's, by type and property. Each has to be true and needed."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A property's rule: ours, the source's, whether the package's text says it too, and why they differ if they do."""

    name: str
    ours: str
    source: str
    in_package: bool
    reason: str = ""

    @property
    def agrees(self) -> bool:
        """Tell whether ours is the source's, and the package's text does not contradict it."""
        return self.ours == self.source and (bool(self.ours) or not self.in_package)


ALWAYS = "always"


def rules(
    kind: ResourceType,
    sources: Mapping[str, Source] = SOURCES,
    reasons: Mapping[tuple[str, str], str] = REASONS,
) -> Iterator[Rule]:
    """Yield the rule of every property that programs may set; one of a type nobody has looked up is in place there."""
    source, texts = sources.get(kind.type, Source("")), input_texts(kind.type)
    for item in kind.given:
        if item.name in _COMMON:
            continue
        yield Rule(
            name=item.name,
            ours=_ours(item),
            source=_theirs(item.name, source, regional=kind.regional),
            in_package=bool(_SAYS_SO.search(texts.get(item.name, ""))),
            reason=reasons.get((kind.type, item.name), ""),
        )


def _ours(item: Property) -> str:
    if isinstance(item.replaces, bool):
        return ALWAYS if item.replaces else ""
    return item.replaces.words


def _theirs(name: str, source: Source, *, regional: bool) -> str:
    if name in source.replaces or (regional and name == "region"):
        return ALWAYS
    return source.conditional.get(name, "")
