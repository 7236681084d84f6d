"""Rules of security groups are resources of their own, and groups are found by id.

- The types AWS::EC2::SecurityGroupIngress and AWS::EC2::SecurityGroupEgress, which MiniStack does not know. CDK writes a rule
  as a resource where a rule inside the group could make a cycle, as between two groups. All properties but Description are
  create-only (CloudFormation resource reference).
- DescribeSecurityGroups: the filter `group-id` (EC2 API reference), which MiniStack ignores.
"""

# ruff: noqa: SLF001 (MiniStack has no public hooks: its version is pinned, and a test guards each behaviour here)

from __future__ import annotations

from importlib import import_module
from typing import Any

Properties = dict[str, Any]


class _Rules:
    """Rules of one direction as resources of a stack.

    Args:
        egress: Whether they are egress rules.
    """

    def __init__(self, *, egress: bool) -> None:
        self._egress = egress
        self._list = "IpPermissionsEgress" if egress else "IpPermissions"
        self._ec2: Any = import_module("ministack.services.ec2")
        self._provisioners: Any = import_module("ministack.services.cloudformation.provisioners")

    def handlers(self) -> dict[str, Any]:
        """What MiniStack's CloudFormation calls for this resource type."""
        return {"create": self._create, "update": self._update, "delete": self._delete}

    def _create(self, logical_id: str, props: Properties, _stack_name: str) -> tuple[str, Properties]:
        group = self._ec2._security_groups.get(props.get("GroupId"))
        if group is None:
            raise ValueError(f"{logical_id}: the security group '{props.get('GroupId')}' does not exist")
        (rule,) = self._provisioners._ec2_sg_permissions([props])
        rule["SecurityGroupRuleId"] = self._ec2._sg_rule_id(group["GroupId"], self._egress, rule)
        if not any(self._ec2._rules_match(rule, other) for other in group[self._list]):
            group[self._list].append(rule)
        return rule["SecurityGroupRuleId"], {"Id": rule["SecurityGroupRuleId"]}

    def _update(self, _physical_id: str, _old: Properties, new: Properties, stack_name: str) -> tuple[str, Properties]:
        # Another id than before makes the engine delete the rule it replaces.
        return self._create("rule", new, stack_name)

    def _delete(self, physical_id: str, props: Properties) -> None:
        group = self._ec2._security_groups.get(props.get("GroupId"))
        if group is not None:
            kept = [rule for rule in group[self._list] if rule.get("SecurityGroupRuleId") != physical_id]
            group[self._list] = kept


def install() -> None:
    """Make both types known, and the filter."""
    provisioners: Any = import_module("ministack.services.cloudformation.provisioners")
    ec2: Any = import_module("ministack.services.ec2")
    describe = ec2._ACTION_MAP["DescribeSecurityGroups"]
    for name, egress in (("Ingress", False), ("Egress", True)):
        # A later MiniStack may know them: then its own are the better ones.
        handlers = _Rules(egress=egress).handlers()
        provisioners._RESOURCE_HANDLERS.setdefault(f"AWS::EC2::SecurityGroup{name}", handlers)

    def describe_security_groups(params: Any) -> Any:
        wanted = ec2._parse_filters(params).get("group-id")
        if wanted is None:
            return describe(params)
        items = "".join(ec2._sg_xml(ec2._security_groups[name]) for name in wanted if name in ec2._security_groups)
        return ec2._xml(200, "DescribeSecurityGroupsResponse", f"<securityGroupInfo>{items}</securityGroupInfo>")

    ec2._ACTION_MAP["DescribeSecurityGroups"] = describe_security_groups
