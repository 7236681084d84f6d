"""Adopts a file system that exists: defines the custom resource that does it, and the permissions for it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import jsii
from aws_cdk import (
    Duration,
    IAnyProducer,
    IResolveContext,
    Lazy,
    Reference,
    RemovalPolicy,
    Stack,
    Tags,
    Token,
    Tokenization,
)
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_efs as efs
from aws_cdk import aws_kms as kms
from constructs import Construct

from geuse_efs import limits, validation
from geuse_efs.adoption_policy import define_adoption_policy
from geuse_efs.argument_types import checked
from geuse_efs.availability_zones import select_zones
from geuse_efs.base import GeuseEfsBase
from geuse_efs.custom_resource import Readiness
from geuse_efs.mount_targets import IpAddressType
from geuse_efs.security_group import accepts_rules, define_security_group
from geuse_efs.tags import FILE_SYSTEM_TAG, SUBNETS_TAG, AllTags, NetworkInterfaceTags, add_tags
from geuse_efs.waiter_function import WaiterFunction

_FILE_SYSTEM_ID = re.compile(r"fs-[0-9a-f]{8,40}")
_ARN = re.compile(r"arn:[^:/]+:elasticfilesystem:([^:/]+):([^:/]+):file-system/([^:/]+)")


class AdoptedEfs(GeuseEfsBase):
    """What `GeuseEfs.adopt` returns. Arguments as there."""

    @checked
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        file_system_id: str,
        vpc: ec2.IVpc,
        vpc_subnets: ec2.SubnetSelection | None,
        allow_public_subnets: bool,
        ip_address_type: IpAddressType,
        security_groups: Sequence[ec2.ISecurityGroup] | None,
        clients: Sequence[ec2.IConnectable],
        admit_through: ec2.ISecurityGroup | None,
        kms_key: kms.IKey | None,
        access_points: Sequence[efs.IAccessPoint],
        create_missing: bool,
        retain_created: bool,
        allow_deletion_while_adopted: bool,
        severities: Mapping[str, str],
        file_system_name: str | None,
        deployment: str | None,
        tier: str | None,
        tags: Mapping[str, str] | None,
        wait_timeout: Duration | None,
    ) -> None:
        super().__init__(scope, construct_id)
        validation.check_security_groups(security_groups, limits.MAX_GIVEN_GROUPS)
        validation.check_severities(severities)
        if admit_through is not None and not accepts_rules(admit_through):
            raise ValueError(
                f"admit_through is {admit_through.node.path}, which was imported with mutable=False, so that no rule can be "
                "added to it; import it with mutable=True, or leave admit_through out and add the rules by hand"
            )
        named = {"deployment": deployment, "tier": tier, "file_system_name": file_system_name}
        validation.check_tags(tags or {}, of_file_system=False, **named)
        wait_seconds = validation.wait_seconds(wait_timeout)
        known_id = parse_file_system_id(self, file_system_id)
        # The waiter reports a zone that EFS does not serve, beside its other findings.
        zones = select_zones(vpc, vpc_subnets, allow_public_subnets=allow_public_subnets, refuse_local_zones=False)
        subnets = {zone.key: zone.subnet_id for zone in zones}

        own = self._own_group(vpc, known_id, list(subnets.values()), retain_created=retain_created)
        file_system = efs.FileSystem.from_file_system_attributes(
            self, "FileSystem", file_system_id=known_id, security_group=own
        )
        waiter = WaiterFunction.of(self)
        readiness = Readiness(
            self,
            # Another id than that of a created file system: CloudFormation must never turn the one into the other.
            "Adoption",
            waiter=waiter,
            # As given: the region and the account of an ARN are checked at deployment where they are unknown here.
            file_system_id=file_system_id,
            zones=zones,
            security_group_ids=[group.security_group_id for group in security_groups or ()],
            wait_seconds=wait_seconds,
            tags=AllTags(self, NetworkInterfaceTags(self, "Tags").manager, of_file_system=False),
            properties={
                "Adopt": {
                    "VpcId": vpc.vpc_id,
                    "Subnets": subnets,
                    "Clients": Lazy.uncached_any(_Evaluated(self)),
                    **({"KmsKeyArn": kms_key.key_arn} if kms_key else {}),
                    "AccessPointIds": [access_point.access_point_id for access_point in access_points],
                    "CreateMissing": create_missing,
                    "RetainCreated": retain_created,
                    "IpAddressType": ip_address_type.value,
                    "OwnGroupId": own.security_group_id,
                    "AllowDeletionWhileAdopted": allow_deletion_while_adopted,
                    "Severities": dict(severities),
                    "RoleArn": waiter.role.role_arn,
                }
            },
        )
        policy = define_adoption_policy(
            self,
            waiter,
            file_system_id=known_id,
            file_system_arn=file_system.file_system_arn,
            vpc=vpc,
            subnet_ids=list(subnets.values()),
            tags=readiness.tags,
            access_points=access_points,
            create_missing=create_missing,
        )
        if policy is not None:
            readiness.node.add_dependency(policy)
        groups = [own, *(security_groups or ())]
        needed = [kms_key, *access_points]
        self._complete(
            file_system, readiness, vpc, groups, clients, admit_through=admit_through, evaluates=True, needed=needed
        )
        add_tags(self, name=file_system_name, deployment=deployment, tier=tier, tags=tags or {})

    def _own_group(
        self, vpc: ec2.IVpc, file_system_id: str, subnet_ids: Sequence[str], *, retain_created: bool
    ) -> ec2.SecurityGroup:
        """The group that says whose a mount target is: it is on each one that the adoption creates, from its creation on.

        Another file system is another group, so its construct id holds the id of the file system.
        """
        known = "" if Token.is_unresolved(file_system_id) else f"-{file_system_id}"
        own = define_security_group(self, f"SecurityGroup{known}", vpc)
        Tags.of(own).add(FILE_SYSTEM_TAG, file_system_id)
        Tags.of(own).add(SUBNETS_TAG, " ".join(subnet_ids))
        if retain_created:
            # What is retained needs its group; what a failed first deployment made goes.
            own.apply_removal_policy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)
        return own


@jsii.implements(IAnyProducer)
class _Evaluated:
    """The clients that are to be evaluated, as they are when the template is rendered: also those that came later."""

    def __init__(self, file_system: AdoptedEfs) -> None:
        self._file_system = file_system

    def produce(self, context: IResolveContext) -> list[str]:  # noqa: ARG002
        """Sources of rules: ids of security groups, CIDRs, prefix lists."""
        return list(self._file_system._clients.evaluated)  # noqa: SLF001


def parse_file_system_id(scope: Construct, given: str) -> str:
    """The id, of an id or an ARN; a token passes and must be an id, and so does the placeholder of a pending lookup.

    Raises:
        ValueError: if it is neither, of a file system that the stack creates, or an ARN of another region or account.
    """
    _refuse_own(scope, given)
    if not given.startswith("arn:"):
        return _checked_id(given, given) if validation.is_known(given) else given
    stack = Stack.of(scope)
    # Parts of an ARN may be tokens, which have no colon and no slash.
    parts = _ARN.fullmatch(given)
    if not parts:
        return _checked_id("", given)
    for what, seen, expected in (("region", parts[1], stack.region), ("account", parts[2], stack.account)):
        if not Token.is_unresolved(expected) and not Token.is_unresolved(seen) and seen != expected:
            raise ValueError(
                f"file_system_id {given} is in {what} {seen}, the stack is in {what} {expected}; an EFS file system can be "
                f"mounted and adopted in its own {what} only, so deploy the stack there"
            )
    return parts[3] if Token.is_unresolved(parts[3]) else _checked_id(parts[3], given)


def _refuse_own(scope: Construct, given: str) -> None:
    """The stack would adopt what it creates itself."""
    token = Tokenization.reverse_string(given).first_token if Token.is_unresolved(given) else None
    owner = token.target if isinstance(token, Reference) else None
    if isinstance(owner, efs.CfnFileSystem | Readiness) and Stack.of(owner).node.addr == Stack.of(scope).node.addr:
        raise ValueError(
            f"file_system_id is that of {owner.node.path}, which this stack creates; adopt is for file systems of others. Use "
            "MountTargetsReady(..., file_system=...) for an aws_efs.FileSystem, and a GeuseEfs as it is"
        )


def _checked_id(name: str, given: str) -> str:
    if not _FILE_SYSTEM_ID.fullmatch(name):
        raise ValueError(
            f"file_system_id is {given!r:.120}; allowed is an id like fs-0123456789abcdef0 or the ARN of a file system"
        )
    return name
