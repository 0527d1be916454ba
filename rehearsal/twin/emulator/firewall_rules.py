"""What moto's EC2 gets wrong of security groups' rules: other ends than IPv4 ranges never change, and one that is gone.

Source: Amazon EC2 API Reference, "ModifySecurityGroupRules", "Error codes" (InvalidSecurityGroupRuleId.NotFound).
moto's modules have no types and are changed here, hence `Any` for them.
"""

from __future__ import annotations

from functools import wraps
from typing import Any

from rehearsal.twin.emulator.checks import Call, check_first


def change_rules_wholly(response: Any, backend: Any, exceptions: Any) -> None:
    """Change moto's EC2: its class of responses and of backends, and its module of errors."""
    _change_other_ends(backend)

    def check(call: Call) -> None:
        backend = call.response.ec2_backend
        group = backend.get_security_group_by_name_or_id(call.text("GroupId")) if call.text("GroupId") else None
        for rule_id in call.param("SecurityGroupRuleIds") or ():
            if group is not None and group.get_rule(rule_id) is None:
                raise exceptions.InvalidSecurityGroupRuleIdNotFoundError(rule_id)

    for operation in ("revoke_security_group_ingress", "revoke_security_group_egress"):
        check_first(response, operation, check)


def _change_other_ends(backend: Any) -> None:
    """Change IPv6 ranges and groups as well; moto carries out IPv4 ranges only."""
    plain = backend.modify_security_group_rules

    @wraps(plain)
    def modify_security_group_rules(self: Any, group_id: str, rules: dict[str, dict[str, Any]]) -> None:
        plain(self, group_id, rules)
        group = self.get_security_group_by_name_or_id(group_id)
        for rule_id, asked in rules.items():
            rule = group.get_rule(rule_id)
            if asked.get("CidrIpv6"):
                rule.ip_range["CidrIpv6"] = asked["CidrIpv6"]
            if asked.get("ReferencedGroupId"):
                rule.source_group = {"GroupId": asked["ReferencedGroupId"], "UserId": self.account_id}

    backend.modify_security_group_rules = modify_security_group_rules
