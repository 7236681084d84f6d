"""`GeuseEfsBase`: what a file system has, be it created or adopted."""

from __future__ import annotations

from collections.abc import Sequence

import jsii
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_efs as efs
from aws_cdk import aws_iam as iam
from constructs import Construct, DependencyGroup, IDependable

from geuse_efs.clients import ClientConnections, Clients, is_peer
from geuse_efs.custom_resource import Readiness
from geuse_efs.monitoring import Metrics
from geuse_efs.mount_targets import MountTarget, dns_suffix
from geuse_efs.mounting.mounts import Mounts
from geuse_efs.security_group import refuse_the_world


@jsii.implements(ec2.IConnectable)
class GeuseEfsBase(Construct, Mounts, Metrics):
    """An encrypted file system whose dependents wait for its mount targets. `GeuseEfs` defines one."""

    _file_system: efs.IFileSystem
    _readiness: Readiness
    _security_groups: tuple[ec2.ISecurityGroup, ...]
    _connections: ec2.Connections
    _clients: Clients
    _vpc: ec2.IVpc
    _require_iam = False
    _root_squash = False

    def _complete(
        self,
        file_system: efs.IFileSystem,
        readiness: Readiness,
        vpc: ec2.IVpc,
        security_groups: Sequence[ec2.ISecurityGroup],
        clients: Sequence[ec2.IConnectable],
        *,
        admit_through: ec2.ISecurityGroup | None = None,
        evaluates: bool = False,
    ) -> None:
        """The last step of a constructor."""
        self._file_system, self._readiness = file_system, readiness
        self._security_groups, self._vpc = tuple(security_groups), vpc
        admitting = [*security_groups[:1], *([admit_through] if admit_through else [])]
        self._clients = Clients(self, vpc, admitting, readiness if evaluates else None)
        self._connections = ClientConnections(self._clients, admitting)
        # Joining the group of the L2 makes whatever the CDK lets wait for an EFS file system wait for ours.
        file_system.mount_targets_available.add(readiness)  # type: ignore[attr-defined]
        for client in clients:
            self.allow(client)

    def allow(self, client: ec2.IConnectable) -> IDependable:
        """Let a client connect to the mount targets on tcp 2049, at any time and from any stack.

        The ingress rule is defined at the client, in its stack, so that the two stacks do not wait for each other. What runs
        below the client (an instance, the instances of a group, an ECS service, a function) waits for that rule. It does
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
    def file_system_id(self) -> str:
        """The id of the file system; what reads it waits for the mount targets."""
        return self._readiness.file_system_id

    @property
    def file_system_arn(self) -> str:
        """The ARN of the file system, for policies; it does not wait."""
        return self._file_system.file_system_arn

    @property
    def dns_name(self) -> str:
        """Resolves to the mount target in the client's own AZ; needs DNS support and DNS hostnames in the VPC."""
        return f"{self.file_system_id}.{dns_suffix(self)}"

    @property
    def vpc(self) -> ec2.IVpc:
        """The VPC of the mount targets."""
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
    def mount_targets_available(self) -> IDependable:
        """Depend on this, not on the whole construct: rules for a client live in it, and would make a cycle."""
        return self._file_system.mount_targets_available

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
        return efs.AccessPoint(
            self,
            construct_id,
            file_system=self._file_system,
            path=path,
            posix_user=posix_user,
            create_acl=create_acl,
            client_token=client_token,
        )

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
        """
        return self.add_access_point(
            construct_id,
            path=path,
            posix_user=efs.PosixUser(uid=str(uid), gid=str(gid)),
            create_acl=efs.Acl(owner_uid=str(uid), owner_gid=str(gid), permissions=permissions),
        )

    def grant(self, grantee: iam.IGrantable, *actions: str) -> iam.Grant:
        """Grant the actions on this file system."""
        return self._file_system.grant(grantee, *actions)

    def grant_read(self, grantee: iam.IGrantable) -> iam.Grant:
        """Grant mounting and reading through a mount target."""
        return self._file_system.grant_read(grantee)

    def grant_read_write(self, grantee: iam.IGrantable) -> iam.Grant:
        """Grant mounting, reading and writing through a mount target."""
        return self._file_system.grant_read_write(grantee)

    def grant_root_access(self, grantee: iam.IGrantable) -> iam.Grant:
        """Grant mounting, reading and writing as root through a mount target."""
        return self._file_system.grant_root_access(grantee)
