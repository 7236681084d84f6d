"""Manifests for the EFS CSI driver of Kubernetes, and the permissions of its roles.

Source of fields and parameters: docs/README.md of kubernetes-sigs/aws-efs-csi-driver. The driver mounts with TLS by default.
"""

from __future__ import annotations

from typing import Any

from aws_cdk import Stack, aws_iam
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_efs as efs

from geuse_efs.argument_types import checked
from geuse_efs.mounting.access import grant_mount, sign_in_cause, signs_in, zone_of_one_zone
from geuse_efs.waiting_file_system import WaitingFileSystem

_DRIVER = "efs.csi.aws.com"
# The driver's controller puts it on the access points it makes, and deletes no others.
_TAG = "efs.csi.aws.com/cluster"


@checked
def persistent_volume(
    file_system: WaitingFileSystem,
    name: str,
    *,
    client: ec2.IConnectable | None,
    access_point: efs.IAccessPoint | None,
    read_only: bool,
    node_role: aws_iam.IRole | None,
    iam: bool | None,
) -> dict[str, Any]:
    """See `GeuseEfsBase.persistent_volume`."""
    sign_in = _let_nodes_in(file_system, client, node_role, access_point, read_only=read_only, iam=iam)
    handle = file_system.file_system_id
    if access_point is not None:
        handle = f"{handle}::{access_point.access_point_id}"
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": name},
        "spec": {
            # Kubernetes demands a capacity; EFS has none.
            "capacity": {"storage": "1Ti"},
            "volumeMode": "Filesystem",
            "accessModes": ["ReadOnlyMany" if read_only else "ReadWriteMany"],
            "persistentVolumeReclaimPolicy": "Retain",
            "storageClassName": "",
            "mountOptions": [*(["ro"] if read_only else []), *_mount_options(file_system, sign_in=sign_in)],
            "csi": {
                "driver": _DRIVER,
                "volumeHandle": handle,
                "readOnly": read_only,
                "volumeAttributes": {"encryptInTransit": "true"},
            },
        },
    }


@checked
def storage_class(
    file_system: WaitingFileSystem,
    name: str,
    *,
    client: ec2.IConnectable | None,
    base_path: str | None,
    uid: int | None,
    gid: int | None,
    permissions: str,
    controller_role: aws_iam.IRole | None,
    node_role: aws_iam.IRole | None,
    iam: bool | None,
) -> dict[str, Any]:
    """See `GeuseEfsBase.storage_class`."""
    if (uid is None) != (gid is None):
        raise ValueError(f"uid is {uid} and gid is {gid}; give both, or neither and the driver chooses")
    sign_in = _let_nodes_in(file_system, client, node_role, None, read_only=False, iam=iam)
    if controller_role is not None:
        _grant_provisioning(file_system, controller_role)
    optional = {"basePath": base_path, "uid": uid, "gid": gid}
    return {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": name},
        "provisioner": _DRIVER,
        # A deleted claim deletes no data.
        "reclaimPolicy": "Retain",
        "mountOptions": _mount_options(file_system, sign_in=sign_in),
        "parameters": {
            "provisioningMode": "efs-ap",
            "fileSystemId": file_system.file_system_id,
            "directoryPerms": permissions,
            **{key: str(value) for key, value in optional.items() if value is not None},
        },
    }


def _mount_options(file_system: WaitingFileSystem, *, sign_in: bool) -> list[str]:
    zone = zone_of_one_zone(file_system)
    return [*(["iam"] if sign_in else []), *([f"az={zone}"] if zone else [])]


def _let_nodes_in(
    file_system: WaitingFileSystem,
    client: ec2.IConnectable | None,
    node_role: aws_iam.IRole | None,
    access_point: efs.IAccessPoint | None,
    *,
    read_only: bool,
    iam: bool | None,
) -> bool:
    sign_in = signs_in(file_system, iam)
    if sign_in and node_role is None:
        raise ValueError(
            f"the driver signs in with IAM to mount {file_system.node.path}, as {sign_in_cause(file_system, iam)}; give "
            "node_role=, the role of the service account efs-csi-node-sa"
        )
    if client is not None:
        file_system.allow(client)
    if sign_in and node_role is not None:
        grant_mount(file_system, node_role, access_point=access_point, read_only=read_only)
    return sign_in


def _grant_provisioning(file_system: WaitingFileSystem, role: aws_iam.IRole) -> None:
    """What AWS's policy for the driver grants for every file system, for this one; access points are told apart by their tag.

    Source: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonEFSCSIDriverPolicy.html (version 1), which
    takes any value of the tag; the driver's own example in docs/iam-policy-example.json takes "true", which it writes.
    """
    own, any_access_point = (
        file_system.file_system_arn,
        Stack.of(file_system).format_arn(service="elasticfilesystem", resource="access-point", resource_name="*"),
    )
    made, making = {f"aws:ResourceTag/{_TAG}": "true"}, {f"aws:RequestTag/{_TAG}": "true"}
    # Whoever may tag an access point that exists could delete it next.
    tagging = {**making, "elasticfilesystem:CreateAction": "CreateAccessPoint"}
    for actions, arns, condition in (
        (["DescribeAccessPoints", "DescribeFileSystems", "DescribeMountTargets"], [own, any_access_point], None),
        (["CreateAccessPoint"], [own], making),
        (["TagResource"], [any_access_point], tagging),
        (["DeleteAccessPoint"], [any_access_point], made),
    ):
        aws_iam.Grant.add_to_principal(
            grantee=role,
            actions=[f"elasticfilesystem:{action}" for action in actions],
            resource_arns=arns,
            conditions={"StringEquals": condition} if condition else None,
        )
    aws_iam.Grant.add_to_principal(grantee=role, actions=["ec2:DescribeAvailabilityZones"], resource_arns=["*"])
