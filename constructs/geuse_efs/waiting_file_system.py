"""A file system whose dependents wait for its mount targets: attributes, connections, clients, grants, access points."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import jsii
from aws_cdk import Annotations, RemovalPolicy, Resource, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_efs as efs
from aws_cdk import aws_iam as iam
from constructs import DependencyGroup, IConstruct, IDependable

from geuse_efs import validation
from geuse_efs.argument_types import checked
from geuse_efs.clients import ClientConnections, Clients, is_peer
from geuse_efs.custom_resource import Readiness
from geuse_efs.file_system_policy import MOUNT, ROOT, WRITE
from geuse_efs.grants import THROUGH_MOUNT_TARGET, Use, grant
from geuse_efs.mount_targets import MountTarget, dns_suffix
from geuse_efs.security_group import refuse_the_world

if TYPE_CHECKING:
    from aws_cdk.interfaces.aws_efs import FileSystemReference


@jsii.implements(efs.IFileSystem)
class WaitingFileSystem(Resource):
    """An encrypted file system whose dependents wait for its mount targets. `GeuseEfs` defines one.

    It can be given wherever the CDK takes an `efs.IFileSystem`; what reads its id there waits.
    """

    _file_system: efs.IFileSystem
    _readiness: Readiness
    _security_groups: tuple[ec2.ISecurityGroup, ...]
    _connections: ec2.Connections
    _clients: Clients
    _use: Use
    _vpc: ec2.IVpc | None
    _require_iam = False
    _root_squash = False

    def _complete(
        self,
        file_system: efs.IFileSystem,
        readiness: Readiness,
        vpc: ec2.IVpc | None,
        security_groups: Sequence[ec2.ISecurityGroup],
        clients: Sequence[ec2.IConnectable],
        *,
        admit_through: ec2.ISecurityGroup | None = None,
        evaluates: bool = False,
        require_iam: bool = False,
        needed: Sequence[IConstruct | None] = (),
    ) -> None:
        """The last step of a constructor."""
        self._use = Use(self, require_iam=require_iam)
        self._file_system, self._readiness = file_system, readiness
        self._security_groups, self._vpc = tuple(security_groups), vpc
        admitting = [*security_groups[:1], *([admit_through] if admit_through else [])]
        evaluation = readiness if evaluates else None
        known = [construct for construct in (*needed, *security_groups) if construct is not None]
        self._clients = Clients(self, vpc, admitting, evaluation, known)
        self._connections = ClientConnections(self._clients, admitting)
        # Joining the group of the L2 makes whatever the CDK lets wait for an EFS file system wait for ours.
        file_system.mount_targets_available.add(readiness)  # type: ignore[attr-defined]
        for client in clients:
            self.allow(client)

    @checked
    def allow(self, client: ec2.IConnectable) -> IDependable:
        """Let a client connect to the mount targets on tcp 2049, at any time and from any stack.

        The ingress rule is defined where no two stacks wait for each other: in the stack of the client, or beside the file
        system if the client's stack is deployed before or its group is known by its id. What runs below
        the client (an instance, the instances of a group, an ECS service, a function) waits for that rule. It does
        not wait for the mount targets: what reads `file_system_id` or depends on `mount_targets_available` does.

        Args:
            client: a security group, or what has one: an instance, an Auto Scaling group, a launch template, a service, a
                function; or a peer: a CIDR, a prefix list, the id of a group.

        Returns:
            the rules, for what must wait for them and is not below the client.

        Raises:
            ValueError: if the client has no security group, or is the whole world.
        """
        refuse_the_world(client)
        if is_peer(client):
            self._connections.allow_default_port_from(client, "NFS")
            return DependencyGroup()
        return self._clients.allow(client)

    @property
    def file_system(self) -> efs.IFileSystem:
        """The L2 file system. Its own id does not wait for the mount targets; `file_system_id` does."""
        return self._file_system

    @property
    @jsii.member(jsii_name="fileSystemId")
    def file_system_id(self) -> str:
        """The id of the file system; what reads it waits for the mount targets."""
        return self._readiness.file_system_id

    @property
    @jsii.member(jsii_name="fileSystemArn")
    def file_system_arn(self) -> str:
        """The ARN of the file system, for policies; it does not wait."""
        return self._file_system.file_system_arn

    @property
    @jsii.member(jsii_name="fileSystemRef")
    def file_system_ref(self) -> FileSystemReference:
        """The id, which waits, and the ARN: what newer versions of the CDK ask a file system for."""
        from aws_cdk.interfaces.aws_efs import FileSystemReference  # noqa: PLC0415, older versions have none

        return FileSystemReference(file_system_id=self.file_system_id, file_system_arn=self.file_system_arn)

    @property
    def dns_name(self) -> str:
        """Resolves to the mount target in the client's own AZ; needs DNS support and DNS hostnames in the VPC."""
        return f"{self.file_system_id}.{dns_suffix(self)}"

    @property
    def vpc(self) -> ec2.IVpc:
        """The VPC of the mount targets.

        Raises:
            ValueError: if it is not known: `MountTargetsReady` in a VPC that the app does not define.
        """
        if self._vpc is None:
            raise ValueError(f"the VPC of {self.node.path} is imported; use the object that its file system was given")
        return self._vpc

    @property
    def require_iam(self) -> bool:
        """Whether clients must sign in with IAM; False for an adopted file system, whose policy is not known at synth."""
        return self._require_iam

    @property
    def root_squash(self) -> bool:
        """Whether clients are not root without a grant; False for an adopted file system."""
        return self._root_squash

    @property
    def security_group(self) -> ec2.ISecurityGroup:
        """The (first) security group of the mount targets."""
        return self._security_groups[0]

    @property
    @jsii.member(jsii_name="connections")
    def connections(self) -> ec2.Connections:
        """Lets clients in: ``efs.connections.allow_default_port_from(instance)``."""
        return self._connections

    @property
    def mount_targets(self) -> tuple[MountTarget, ...]:
        """The mount targets, one per AZ, in the order of the subnets."""
        return self._readiness.mount_targets

    @property
    @jsii.member(jsii_name="mountTargetsAvailable")
    def mount_targets_available(self) -> IDependable:
        """Depend on this, not on the whole construct: rules for a client live in it, and would make a cycle."""
        return self._file_system.mount_targets_available

    @property
    def warnings(self) -> str:
        """What the last deployment found and went on with: findings of severity warning, tags that could not be set.

        Text, one warning per line, empty if there is none, shortened to fit into 4,096 bytes. Reading it waits. For example
        ``CfnOutput(self, "EfsWarnings", value=efs.warnings)``: they are in the function's log otherwise.
        """
        return self._readiness.get_att("Warnings").to_string()

    @checked
    def add_access_point(
        self,
        construct_id: str,
        *,
        path: str | None = None,
        posix_user: efs.PosixUser | None = None,
        create_acl: efs.Acl | None = None,
        client_token: str | None = None,
    ) -> efs.AccessPoint:
        """Define an access point; functions and tasks that mount it wait for the mount targets.

        Args:
            construct_id: its name below this construct.
            path: the directory it shows as root; default: the file system's root.
            posix_user: the user and group that all its clients act as; default: the clients' own.
            create_acl: owner and permissions of a path that does not exist yet; default: the path must exist.
            client_token: makes creation idempotent; default: CloudFormation chooses one.
        """
        self._use.access_points = True
        return efs.AccessPoint(
            self,
            construct_id,
            file_system=self,
            path=path,
            posix_user=posix_user,
            create_acl=create_acl,
            client_token=client_token,
        )

    @checked
    def access_point(
        self, construct_id: str, *, path: str, uid: int, gid: int, permissions: str = "750"
    ) -> efs.AccessPoint:
        """Define an access point whose clients all act as one user, and its directory, which that user owns.

        Args:
            construct_id: its name below this construct.
            path: the directory that it shows as root, like ``/n8n``; EFS makes it at the first mount.
            uid: the POSIX user id of all its clients and of the directory's owner.
            gid: the POSIX group id of both.
            permissions: of the directory, in octal; default: 750, the owner's and, for reading, the group's.

        Raises:
            ValueError: for values that EFS does not take.
        """
        validation.check_access_point(path, permissions, uid=uid, gid=gid)
        return self.add_access_point(
            construct_id,
            path=path,
            posix_user=efs.PosixUser(uid=str(uid), gid=str(gid)),
            create_acl=efs.Acl(owner_uid=str(uid), owner_gid=str(gid), permissions=permissions),
        )

    @jsii.member(jsii_name="grant")
    @checked
    def grant(self, grantee: iam.IGrantable, *actions: str) -> iam.Grant:
        """Grant the actions on this file system."""
        return grant(self, self._file_system, grantee, actions)

    @jsii.member(jsii_name="grantRead")
    @checked
    def grant_read(self, grantee: iam.IGrantable) -> iam.Grant:
        """Grant mounting and reading through a mount target."""
        return self._grant_client(grantee, MOUNT)

    @jsii.member(jsii_name="grantReadWrite")
    @checked
    def grant_read_write(self, grantee: iam.IGrantable) -> iam.Grant:
        """Grant mounting, reading and writing through a mount target."""
        return self._grant_client(grantee, MOUNT, WRITE)

    @jsii.member(jsii_name="grantRootAccess")
    @checked
    def grant_root_access(self, grantee: iam.IGrantable) -> iam.Grant:
        """Grant mounting, reading and writing as root through a mount target."""
        return self._grant_client(grantee, MOUNT, WRITE, ROOT)

    def _grant_client(self, grantee: iam.IGrantable, *actions: str) -> iam.Grant:
        self._use.granted = True
        return grant(self, self._file_system, grantee, actions, THROUGH_MOUNT_TARGET)

    @jsii.member(jsii_name="addToResourcePolicy")
    @checked
    def add_to_resource_policy(self, statement: iam.PolicyStatement) -> iam.AddToResourcePolicyResult:
        """Add a statement to the policy of a file system that is created; that of an adopted one is never changed.

        The statement's resources are left out: EFS means this file system then, and its own ARN would be a cycle.
        """
        added = self._file_system.add_to_resource_policy(statement.copy(resources=[]))
        if not added.statement_added:
            text = Stack.of(self).resolve(statement.copy(resources=[]).to_statement_json())
            Annotations.of(self).add_warning_v2(
                "geuse-efs:policy-not-changed",
                "the policy of an adopted file system is never changed; a principal of another account, or one that takes no "
                f"policy, needs a statement in it, which its owner must add: {json.dumps(text)}",
            )
        return added

    @jsii.member(jsii_name="applyRemovalPolicy")
    @checked
    def apply_removal_policy(self, policy: RemovalPolicy) -> None:
        """Say what happens to the data with the stack.

        Raises:
            ValueError: if the file system is adopted: it is never deleted.
        """
        if self._file_system.node.default_child is None:
            raise ValueError(
                f"{self.node.path} is an adopted file system, which is never deleted; leave apply_removal_policy out"
            )
        validation.check_removal_policy(policy)
        self._file_system.apply_removal_policy(policy)
