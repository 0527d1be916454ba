"""How AWS names the roles that are linked to services.

Source: IAM User Guide, "AWS services that work with IAM", and the pages "Using service-linked roles" of the services.
"""

from __future__ import annotations

SERVICE_ROLE_PATH = "/aws-service-role/"
_PREFIX = "AWSServiceRoleFor"
_NAMES = {
    "access-analyzer": "AccessAnalyzer",
    "auditmanager": "AuditManager",
    "autoscaling": "AutoScaling",
    "backup": "Backup",
    "cloudtrail": "CloudTrail",
    "compute-optimizer": "ComputeOptimizer",
    "config": "Config",
    "config-multiaccountsetup": "ConfigMultiAccountSetup",
    "controltower": "AWSControlTower",
    "cost-optimization-hub.bcm": "CostOptimizationHub",
    "delivery.logs": "LogDelivery",
    "detective": "Detective",
    "ecs": "ECS",
    "eks": "AmazonEKS",
    "elasticloadbalancing": "ElasticLoadBalancing",
    "fms": "FMS",
    "guardduty": "AmazonGuardDuty",
    "inspector2": "AmazonInspector2",
    "ipam": "IPAM",
    "macie": "AmazonMacie",
    "malware-protection.guardduty": "AmazonGuardDutyMalwareProtection",
    "member.org.stacksets.cloudformation": "CloudFormationStackSetsOrgMember",
    "ops.apigateway": "APIGateway",
    "organizations": "Organizations",
    "ram": "ResourceAccessManager",
    "rds": "RDS",
    "reporting.trustedadvisor": "TrustedAdvisorReporting",
    "securityhub": "SecurityHub",
    "servicequotas": "ServiceQuotas",
    "spot": "EC2Spot",
    "ssm": "AmazonSSM",
    "sso": "SSO",
    "stacksets.cloudformation": "CloudFormationStackSetsOrgAdmin",
    "support": "Support",
    "transitgateway": "VPCTransitGateway",
    "trustedadvisor": "TrustedAdvisor",
}


def role_name_of(service_principal: str) -> str:
    """Return the name of a service's role; "" for a service that is not known here, whose name moto guesses."""
    name = _NAMES.get(service_principal.removesuffix(".amazonaws.com"), "")
    return f"{_PREFIX}{name}" if name else ""
