"""`MountTargetsReady`: the waiter alone, behind an `aws_efs.FileSystem` that a team already has."""

from __future__ import annotations

import re
from collections.abc import Sequence

from aws_cdk import Duration, Reference, Stack, Tokenization
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_efs as efs
from constructs import Construct

from geuse_efs import validation
from geuse_efs.argument_types import checked
from geuse_efs.availability_zones import Zone, told_apart, zone_key
from geuse_efs.base import GeuseEfsBase
from geuse_efs.custom_resource import define_readiness
from geuse_efs.tags import AllTags
from geuse_efs.waiter_function import WaiterFunction
from geuse_efs.waiting_file_system import WaitingFileSystem


class MountTargetsReady(GeuseEfsBase):
    """Waits for the mount targets of an `aws_efs.FileSystem` of the same stack, and leaves everything in it as it is.

    It is the way in for a stack in production: a deployment adds the custom resource and the waiter function, and changes
    no logical id and no property. Use it where the file system was used: what reads its `file_system_id`, what is mounted,
    let in or granted by it, waits. What depends on ``file_system.mount_targets_available`` waits too, such as a function
    with an access point; what reads ``file_system.file_system_id`` does not.

    The tags of the file system and of the stack are put on the mount targets, through their network interfaces. An update
    that would replace the file system fails, and so does the deletion of a mount target in a zone that an adoption wants.

    Args:
        scope: where it is defined, in the stack of the file system.
        construct_id: its name there.
        file_system: an `aws_efs.FileSystem` with mount targets of its own.
        wait_timeout: how long to wait for the mount targets, up to 40 minutes; default: 5 minutes.
        allow_replacement: let an update swap the file system for a new, empty one; default: such an update fails and is
            rolled back. Set it for one deployment.
        allow_deletion_while_adopted: delete mount targets also in zones that other stacks' adoptions want; default: such a
            deletion is refused, and names the stacks. The removal of this construct counts as one.

    Raises:
        ValueError: if the file system is imported, of another stack, without mount targets, or waited for already.
    """

    @checked
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        file_system: efs.IFileSystem,
        wait_timeout: Duration | None = None,
        allow_replacement: bool = False,
        allow_deletion_while_adopted: bool = False,
    ) -> None:
        super().__init__(scope, construct_id)
        wait_seconds = validation.wait_seconds(wait_timeout)
        resource = _resource_of(file_system)
        _check_place(self, file_system)
        targets = [child for child in file_system.node.children if isinstance(child, efs.CfnMountTarget)]
        if not targets and _vpc_is_looked_up(self):
            # The lookup runs only if the synthesis gets to its end; a template of this pass is never deployed.
            targets = [
                efs.CfnMountTarget(
                    self, "Pending", file_system_id=resource.ref, subnet_id="subnet-00000000", security_groups=[]
                )
            ]
        if not targets:
            raise ValueError(
                f"{file_system.node.path} has no mount target of its own: its vpc_subnets selected no subnet; select some, or "
                "use GeuseEfs, which defines one per availability zone"
            )
        readiness = define_readiness(
            self,
            file_system,
            _by_zone(targets),
            targets[0].security_groups or [],
            AllTags(self, resource.tags, of_file_system=True),
            wait_seconds=wait_seconds,
            allow_replacement=allow_replacement,
            allow_deletion_while_adopted=allow_deletion_while_adopted,
        )
        groups = file_system.connections.security_groups
        self._complete(file_system, readiness, _vpc_of(targets[0]), groups, clients=())


def _resource_of(file_system: efs.IFileSystem) -> efs.CfnFileSystem:
    resource = file_system.node.default_child
    if isinstance(file_system, WaitingFileSystem):
        raise ValueError(f"{file_system.node.path} waits for its mount targets already; use it as it is")
    if isinstance(scope := file_system.node.scope, WaitingFileSystem):
        raise ValueError(f"{file_system.node.path} is waited for by {scope.node.path} already; use that one")
    if not isinstance(resource, efs.CfnFileSystem):
        raise ValueError(
            f"{file_system.node.path} is an imported file system, whose mount targets this stack does not define; use "
            "GeuseEfs.adopt(…, file_system_id=…), which checks them, creates those that are missing, and waits"
        )
    return resource


def _check_place(ready: MountTargetsReady, file_system: efs.IFileSystem) -> None:
    here, there = Stack.of(ready), Stack.of(file_system)
    if here.node.addr != there.node.addr:
        raise ValueError(
            f"{file_system.node.path} is in the stack {there.node.path}, {ready.node.path} in {here.node.path}; define it in "
            "the stack of the file system, and give it to the others: what they read of it waits"
        )
    first = WaiterFunction.of(ready).waited_for.setdefault(file_system.node.path, ready.node.path)
    if first != ready.node.path:
        raise ValueError(f"{file_system.node.path} is waited for by {first} already; use that one")


def _vpc_is_looked_up(scope: Construct) -> bool:
    """Whether a VPC of the app has placeholders for subnets in this pass; the file system does not tell which is its own."""
    vpcs = [node for node in scope.node.root.node.find_all() if hasattr(node, "select_subnets")]
    return any(vpc.select_subnets(subnets=[]).is_pending_lookup for vpc in vpcs)


def _by_zone(targets: Sequence[efs.CfnMountTarget]) -> dict[Zone, efs.CfnMountTarget]:
    """The key is what the L2 tells them apart by: the subnet's construct id, or a number in older apps."""
    keys = [zone_key(re.sub("^EfsMountTarget-?", "", target.node.id)) for target in targets]
    return {
        Zone(told_apart(key, keys, target), "", target.subnet_id): target
        for key, target in zip(keys, targets, strict=True)
    }


def _vpc_of(target: efs.CfnMountTarget) -> ec2.IVpc | None:
    """The VPC, if the app defines it; of an imported one only the ids of its subnets are known."""
    subnet = Tokenization.reverse(target.subnet_id)
    scopes = subnet.target.node.scopes if isinstance(subnet, Reference) else []
    return next((scope for scope in reversed(scopes) if isinstance(scope, ec2.Vpc)), None)
