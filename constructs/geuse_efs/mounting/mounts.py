"""`Mounts`: what a file system offers to each kind of consumer. The work is done in the modules beside this one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # Only types: each of these modules costs every synth up to half a second, so the consumer that needs one imports it.
    from aws_cdk import Duration, aws_iam
    from aws_cdk import aws_autoscaling as autoscaling
    from aws_cdk import aws_batch as batch
    from aws_cdk import aws_ec2 as ec2
    from aws_cdk import aws_ecs as ecs
    from aws_cdk import aws_efs as efs
    from aws_cdk import aws_s3_assets as s3_assets

DEFAULT_BEFORE = ("docker.service",)


class Mounts:
    """The part of `GeuseEfsBase` that mounts; `self` is one."""

    def mount_on(
        self: Any,
        host: ec2.Instance | autoscaling.AutoScalingGroup | ec2.LaunchTemplate,
        mount_point: str,
        *,
        access_point: efs.IAccessPoint | None = None,
        read_only: bool = False,
        timeout: Duration | None = None,
        before: Sequence[str] = DEFAULT_BEFORE,
        efs_utils: s3_assets.Asset | Sequence[str] | None = None,
        iam: bool | None = None,
    ) -> None:
        """Mount on a Linux host with TLS: at its first boot by user data, at every later one by /etc/fstab.

        The host is let in, and waits for that and for the mount targets. A mount that fails ends the user data with one line
        of cause and exit status 1; the deployment fails too where the host signals (docs/mounting.md).

        Args:
            host: where the user data goes; several mounts of one host are fine.
            mount_point: the directory, an absolute path. It is made.
            access_point: mount this access point; default: the root of the file system.
            read_only: mount without writing; default: False.
            timeout: for installation and mount; default: 10 minutes.
            before: systemd units that start with the mount only, at every boot; default: docker.service.
            efs_utils: how amazon-efs-utils gets onto an image other than Amazon Linux: an asset of a .deb or .rpm file, which
                the host downloads with its role, or bash commands. Default: the package manager of Amazon Linux.
            iam: sign in with the role of the host, which is granted the mount; default: where the file system requires it.

        Raises:
            ValueError: for a Windows host, one without a security group, user data that bash does not run, and whatever else
                can be seen at synth.
        """
        from geuse_efs.mounting.ec2 import mount_on  # noqa: PLC0415

        mount_on(
            self,
            host,
            mount_point,
            access_point=access_point,
            read_only=read_only,
            timeout=timeout,
            before=before,
            efs_utils=efs_utils,
            iam=iam,
        )

    def mount_commands(
        self: Any,
        mount_point: str,
        *,
        access_point: efs.IAccessPoint | None = None,
        read_only: bool = False,
        timeout: Duration | None = None,
        before: Sequence[str] = DEFAULT_BEFORE,
        efs_utils: s3_assets.Asset | Sequence[str] | None = None,
        iam: bool | None = None,
    ) -> list[str]:
        """The bash commands of `mount_on` alone, for image builders and user data of other kinds.

        Letting the host in (`allow`), its grants and its right to read an asset are left to the caller.
        """
        from geuse_efs.mounting.ec2 import mount_commands  # noqa: PLC0415

        return mount_commands(
            self,
            mount_point,
            access_point=access_point,
            read_only=read_only,
            timeout=timeout,
            before=before,
            efs_utils=efs_utils,
            iam=iam,
        )

    def mount_in(
        self: Any,
        container: ecs.ContainerDefinition,
        container_path: str,
        *,
        access_point: efs.IAccessPoint | None = None,
        read_only: bool = False,
        iam: bool | None = None,
    ) -> None:
        """Mount in a container of ECS with TLS. Services of its task definition wait and are let in, also later ones.

        Tasks that no service runs need `allow` with their security group, and so do the instances of a capacity provider
        whose tasks have no security group of their own.

        Args:
            container: of a task definition, on Fargate (platform 1.4.0 or newer) or on EC2.
            container_path: the directory in the container.
            access_point: mount this access point; default: the root of the file system.
            read_only: mount without writing; default: False.
            iam: sign in with the task role, which is granted the mount; default: where the file system requires it.

        Raises:
            ValueError: if container_path is not absolute.
        """
        from geuse_efs.mounting.ecs import mount_in  # noqa: PLC0415

        mount_in(self, container, container_path, access_point=access_point, read_only=read_only, iam=iam)

    def batch_volume(
        self: Any,
        container_path: str,
        *,
        client: ec2.IConnectable | None = None,
        access_point: efs.IAccessPoint | None = None,
        read_only: bool = False,
        job_role: aws_iam.IRole | None = None,
        iam: bool | None = None,
    ) -> batch.EfsVolume:
        """A volume with TLS for ``volumes=`` of a container definition of AWS Batch; its job definition waits.

        Args:
            container_path: the directory in the container.
            client: the compute environment, which is let in; default: nobody is.
            access_point: mount this access point; default: the root of the file system.
            read_only: mount without writing; default: False.
            job_role: the role of the container definition, which is granted the mount with IAM.
            iam: sign in with the job role; default: where the file system requires it.

        Raises:
            ValueError: if it must sign in and has no job_role.
        """
        from geuse_efs.mounting.batch import batch_volume  # noqa: PLC0415

        return batch_volume(
            self,
            container_path,
            client=client,
            access_point=access_point,
            read_only=read_only,
            job_role=job_role,
            iam=iam,
        )

    def persistent_volume(
        self: Any,
        name: str,
        *,
        client: ec2.IConnectable | None = None,
        access_point: efs.IAccessPoint | None = None,
        read_only: bool = False,
        node_role: aws_iam.IRole | None = None,
        iam: bool | None = None,
    ) -> dict[str, Any]:
        """The manifest of a PersistentVolume for the EFS CSI driver, for ``cluster.add_manifest``.

        Args:
            name: of the volume; a claim names it as volumeName, with storageClassName "".
            client: the cluster or the security group of its nodes, which is let in; default: nobody is.
            access_point: mount this access point; default: the root of the file system.
            read_only: mount without writing; default: False.
            node_role: the role of the driver's service account efs-csi-node-sa, which is granted the mount with IAM.
            iam: sign in with node_role; default: where the file system requires it.

        Raises:
            ValueError: if it must sign in and has no node_role.
        """
        from geuse_efs.mounting.eks import persistent_volume  # noqa: PLC0415

        return persistent_volume(
            self, name, client=client, access_point=access_point, read_only=read_only, node_role=node_role, iam=iam
        )

    def storage_class(
        self: Any,
        name: str,
        *,
        client: ec2.IConnectable | None = None,
        base_path: str | None = None,
        uid: int | None = None,
        gid: int | None = None,
        permissions: str = "700",
        controller_role: aws_iam.IRole | None = None,
        node_role: aws_iam.IRole | None = None,
        iam: bool | None = None,
    ) -> dict[str, Any]:
        """The manifest of a StorageClass for the EFS CSI driver, which makes an access point for each claim.

        Args:
            name: of the class.
            client: the cluster or the security group of its nodes, which is let in; default: nobody is.
            base_path: the directory of all its volumes; default: the root of the file system.
            uid: the POSIX user id of all its volumes, given with gid; default: the driver's.
            gid: the POSIX group id of all its volumes; default: the driver chooses one for each.
            permissions: of the directory of each volume, in octal; default: 700.
            controller_role: the role of the driver's service account efs-csi-controller-sa, which is granted what it needs
                to make access points on this file system.
            node_role: the role of efs-csi-node-sa, which is granted the mount with IAM.
            iam: sign in with node_role; default: where the file system requires it.

        Raises:
            ValueError: if it must sign in and has no node_role; if one of uid and gid is missing.
        """
        from geuse_efs.mounting.eks import storage_class  # noqa: PLC0415

        return storage_class(
            self,
            name,
            client=client,
            base_path=base_path,
            uid=uid,
            gid=gid,
            permissions=permissions,
            controller_role=controller_role,
            node_role=node_role,
            iam=iam,
        )
