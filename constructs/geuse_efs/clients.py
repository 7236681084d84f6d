"""The clients of a file system: who may connect to its mount targets on tcp 2049, and who waits for that."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from aws_cdk import Annotations, CfnResource, Resource, Stack, Token
from aws_cdk import aws_ec2 as ec2
from constructs import Construct, DependencyGroup, IConstruct, IDependable

from geuse_efs.function_dependencies import let_functions_wait
from geuse_efs.group_dependencies import GroupsDoNotWait
from geuse_efs.security_group import NFS, accepts_rules, client_rules, group_key
from geuse_efs.stack_order import environment_of, shared, stacks_before, stacks_of
from geuse_efs.waiter_function import WaiterFunction

# What runs with the security groups of a client. Waiting for a rule is safe for them, as a rule refers to groups only.
_LEAVES = (
    "AWS::AutoScaling::AutoScalingGroup",
    "AWS::AutoScaling::LaunchConfiguration",
    "AWS::Batch::ComputeEnvironment",
    "AWS::CodeBuild::Project",
    "AWS::EC2::Instance",
    "AWS::EC2::LaunchTemplate",
    "AWS::ECS::Service",
    "AWS::EKS::Nodegroup",
    "AWS::Lambda::Function",
)


class Clients:
    """Lets clients in and remembers them.

    The rule for a security group of another stack is defined below that group, not below ours: the stack of the client refers
    to the stack of the file system, which is the direction in which it refers to its id anyway. Where the client is in our
    stack, or in one that is deployed before ours, like that of the VPC, the rule is on our side.

    Args:
        scope: the file system.
        vpc: its VPC; None for an imported one, which is before all.
        groups: the security groups that let the clients in: that of the file system, and maybe `admit_through`.
        evaluation: the custom resource of an adoption, which checks whether the clients are admitted.
        needed: what else the file system refers to, like its key.
    """

    def __init__(
        self,
        scope: Construct,
        vpc: ec2.IVpc | None,
        groups: Sequence[ec2.ISecurityGroup],
        evaluation: CfnResource | None = None,
        needed: Sequence[IConstruct] = (),
    ) -> None:
        self._scope, self._vpc, self._evaluation = scope, vpc, evaluation
        self._needed = [*needed, *groups]
        self._groups = [(group, accepts_rules(group)) for group in groups]
        # Of all file systems of the stack: two may have imported the same group.
        self._rules = WaiterFunction.of(scope).rules
        self._not_to_wait: list[CfnResource] = []
        self._inside: list[CfnResource] = []
        self.evaluated: dict[str, None] = {}
        if evaluation is not None:
            scope.node.add_validation(GroupsDoNotWait(evaluation, self._not_to_wait, self._inside))

    def allow(self, client: ec2.IConnectable, description: str = "NFS") -> IDependable:
        """Define the rules, and let what runs below the client wait for them. Returns the rules."""
        rules = DependencyGroup()
        for source in self._groups_of(client):
            self._refuse_far(source)
            self._remember_rules(source)
            for own, mutable in self._groups:
                if mutable:
                    rule = self._rule(own, source, description)
                    rules.add(rule)
                    self._let_wait(client, rule)
                else:
                    self._warn_of_immutable(own, group_key(source))
                if source.allow_all_outbound is False:
                    self._let_out(client, source, own)
            self._evaluate(source)
        return rules

    def _refuse_far(self, source: ec2.ISecurityGroup) -> None:
        """Neither the CDK can refer to a group of another stage, account or region, nor can a rule."""
        places = zip(("stage", "account", "region"), environment_of(self._scope), environment_of(source), strict=True)
        for what, here, there in places:
            if here != there and not Token.is_unresolved(here) and not Token.is_unresolved(there):
                raise ValueError(
                    f"the client {source.node.path} is in the {what} {there}, the file system {self._scope.node.path} in "
                    f"{here}; no rule can name its security group there. Let in the CIDR of its subnets over a connection "
                    'between the VPCs, allow(ec2.Peer.ipv4("10.1.0.0/16")), or define a file system for that ' + what
                )

    def _remember_rules(self, source: ec2.ISecurityGroup) -> None:
        """Those that the CDK's own connections have defined at one of the groups: EC2 takes none twice."""
        for own, _ in self._groups:
            between = (own.security_group_id, source.security_group_id)
            for child in [*own.node.children, *source.node.children]:
                if isinstance(child, ec2.CfnSecurityGroupIngress) and (
                    (child.group_id, child.source_security_group_id, child.from_port, child.to_port)
                    == (*between, 2049, 2049)
                ):
                    self._rules.setdefault((group_key(own), group_key(source)), child)

    def allow_peer(self, peer: Any, description: str | None) -> None:
        """Let in what has no construct that a rule could be at: the same group may be let in by its construct, too."""
        for source in client_rules(peer):
            for own, mutable in self._groups:
                key = (group_key(own), source)
                if not mutable:
                    self._warn_of_immutable(own, source)
                elif key not in self._rules:
                    added = _added(own, lambda own=own: own.add_ingress_rule(peer, NFS, description))  # type: ignore[misc]
                    # The CDK defines most rules of peers within the group, and so they are there when it is.
                    rule = added[0] if added else own.node.default_child
                    if isinstance(rule, CfnResource):
                        self._rules[key] = rule
        self.evaluate_peer(peer)

    def evaluate_peer(self, peer: ec2.IConnectable) -> None:
        """Remember a peer."""
        self.evaluated.update(dict.fromkeys(client_rules(peer)))

    def _evaluate(self, source: ec2.ISecurityGroup) -> None:
        if self._evaluation is None:
            return
        ours, theirs = stacks_of(self._scope), stacks_of(source)
        keys = [(group_key(own), group_key(source)) for own, _ in self._groups]
        rules = [self._rules[key] for key in keys if key in self._rules]
        admitting = len(self._groups) > 1
        if ours == theirs or (not admitting and (self._known_before(source) or theirs == ours[: len(theirs)])):
            self.evaluated[source.security_group_id] = None
            group = source.node.default_child
            self._not_to_wait += [*rules, *([group] if isinstance(group, CfnResource) else [])]
            if isinstance(group, CfnResource) and source.node.scope and Resource.is_resource(source.node.scope):
                self._inside.append(group)
            for rule in rules if admitting else ():
                self._evaluation.node.add_dependency(rule)
        elif not admitting:
            Annotations.of(self._scope).add_warning_v2(
                f"geuse-efs:client-not-evaluated:{source.node.path}",
                f"the adoption does not check whether {source.node.path} is admitted by the existing mount targets: its stack "
                "is deployed after the adoption; give the mount targets' security group as admit_through, or check it by hand",
            )

    def _known_before(self, source: ec2.ISecurityGroup) -> bool:
        return not Token.is_unresolved(source.security_group_id) or self._is_before(source)

    def _groups_of(self, client: ec2.IConnectable) -> list[ec2.ISecurityGroup]:
        try:
            groups = list(client.connections.security_groups)
        except RuntimeError as error:  # jsii's class for every error of the CDK, e.g. of a function without a VPC
            raise ValueError(_without_group(client, str(error))) from None
        if not groups:
            raise ValueError(_without_group(client, "its connections have none"))
        return groups

    def _rule(self, own: ec2.ISecurityGroup, source: ec2.ISecurityGroup, description: str) -> CfnResource:
        key = (group_key(own), group_key(source))
        if key not in self._rules:
            # A literal id needs no reference, and each stack that imports the group needs the rule.
            known = not Token.is_unresolved(source.security_group_id)
            here = known or self._is_before(source) or Stack.of(own).node.addr == Stack.of(source).node.addr
            define = self._rule_here if here else self._rule_at_client
            self._rules[key] = define(own, source, description)
        return self._rules[key]

    def _rule_here(self, own: ec2.ISecurityGroup, source: ec2.ISecurityGroup, description: str) -> CfnResource:
        """Below our group, where the CDK puts it, and looks for the rules that a function with an access point waits for.

        Its logical id is that of version 0.1. With another id CloudFormation would make the same rule again, which EC2 takes
        for the one that exists, and then delete the old one: no client would get in any more
        (aws-cloudformation/cloudformation-coverage-roadmap#612: AWS::EC2::SecurityGroupIngress accepts duplicates).
        """
        [rule] = _added(own, lambda: own.add_ingress_rule(source, NFS, description))
        return rule

    def _rule_at_client(
        self, own: ec2.ISecurityGroup, source: ec2.ISecurityGroup, description: str
    ) -> ec2.CfnSecurityGroupIngress:
        return ec2.CfnSecurityGroupIngress(
            _scope_at(source),
            f"Nfs-{own.node.addr[-10:]}-{source.node.addr[-10:]}",
            group_id=own.security_group_id,
            source_security_group_id=source.security_group_id,
            description=description,
            **_port(),
        )

    def _is_before(self, client: IConstruct) -> bool:
        """Whether the client's stack is deployed before ours, because ours needs the VPC or something else in it."""
        ours, theirs = stacks_of(self._scope), stacks_of(client)
        common = shared(ours, theirs)
        # Client in our own stack or in one around it: the rule can be there, whatever else is in it.
        if common == len(theirs):
            return False
        if (
            self._vpc is not None
            and Token.is_unresolved(self._vpc.vpc_id)
            and shared(theirs, stacks_of(self._vpc)) > common
        ):
            return True
        needed = [*self._needed, *WaiterFunction.of(self._scope).needed]
        return any(
            one.node.default_child is not None and shared(theirs, stacks_of(one)) > common for one in needed
        ) or (common == 0 and theirs[0] in stacks_before(self._scope))

    def _let_wait(self, client: ec2.IConnectable, rule: CfnResource) -> None:
        if not hasattr(client, "node"):  # the connections of something: `client.connections.allow_to_default_port(efs)`
            for group in client.connections.security_groups:
                if Stack.of(group).node.addr == Stack.of(rule).node.addr != Stack.of(self._scope).node.addr:
                    let_functions_wait(group, rule)
            return
        for construct in client.node.find_all():
            if (
                CfnResource.is_cfn_resource(construct)
                and construct.cfn_resource_type in _LEAVES
                and self._can_wait(construct, rule)
            ):
                construct.node.add_dependency(rule)

    def _can_wait(self, leaf: IConstruct, rule: CfnResource) -> bool:
        stack = Stack.of(rule).node.addr
        return stack == Stack.of(leaf).node.addr or (
            stack == Stack.of(self._scope).node.addr and not self._is_before(leaf)
        )

    def _let_out(self, client: ec2.IConnectable, group: ec2.ISecurityGroup, own: ec2.ISecurityGroup) -> None:
        if not accepts_rules(group):
            Annotations.of(self._scope).add_warning_v2(
                f"geuse-efs:immutable-security-group:{group.node.path}",
                f"no egress rule is added to the security group {group_key(group)}: it was imported with mutable=False; see "
                f"to it that it lets out tcp 2049 to {group_key(own)}",
            )
        for rule in _added(group, lambda: group.add_egress_rule(own, NFS, "NFS", self._is_before(group))):
            self._let_wait(client, rule)

    def _warn_of_immutable(self, own: ec2.ISecurityGroup, source: str) -> None:
        Annotations.of(self._scope).add_warning_v2(
            f"geuse-efs:immutable-security-group:{own.node.path}",
            f"no rule is added to the security group {own.security_group_id}: it was given to an adoption or imported with "
            f"mutable=False; see to it that it admits tcp 2049 from {source}",
        )


def _added(group: ec2.ISecurityGroup, add: Callable[[], None]) -> list[CfnResource]:
    """The rules that are added below the group, if any: some are within it, some exist already."""
    before = {child.node.path for child in group.node.children}
    add()
    return [child for child in group.node.children if child.node.path not in before and isinstance(child, CfnResource)]


def _scope_at(group: ec2.ISecurityGroup) -> Construct:
    """The group, or what is around it: an imported group is no construct to Python, only an interface."""
    scope: IConstruct | None = group
    while scope is not None and not isinstance(scope, Construct):
        scope = scope.node.scope
    return scope or Stack.of(group)


def _port() -> dict[str, Any]:
    return {"ip_protocol": "tcp", "from_port": 2049, "to_port": 2049}


def _without_group(client: ec2.IConnectable, reason: str) -> str:
    name = client.node.path if hasattr(client, "node") else repr(client)
    return (
        f"the client {name} has no security group ({reason}); give it a VPC or a security group, or give the group of what it "
        "runs on, for example that of the instances of an ECS cluster"
    )


class ClientConnections(ec2.Connections):
    """The connections of a file system: NFS from a client goes through `Clients`, so that no rule is defined twice."""

    def __init__(self, clients: Clients, groups: Sequence[ec2.ISecurityGroup]) -> None:
        super().__init__(security_groups=list(groups), default_port=NFS)
        self._clients = clients

    def allow_from(self, other: ec2.IConnectable, port_range: ec2.Port, description: str | None = None) -> None:
        """Allow connections from the peer on the given port."""
        nfs, peer = port_range.to_string() == NFS.to_string(), hasattr(other, "to_ingress_rule_config")
        if nfs and other.connections.security_groups:
            self._clients.allow(other, description or "NFS")
        elif nfs and peer:
            self._clients.allow_peer(other, description)
        else:
            super().allow_from(other, port_range, description)
            if peer:
                self._clients.evaluate_peer(other)


def is_peer(client: ec2.IConnectable) -> bool:
    """Whether it is a CIDR, a prefix list or the bare id of a group: there is no construct that the rule could be at."""
    return hasattr(client, "to_ingress_rule_config") and not hasattr(client, "node")
