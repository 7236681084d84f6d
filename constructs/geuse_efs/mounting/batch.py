"""Volumes for jobs of AWS Batch."""

from __future__ import annotations

import re

from aws_cdk import aws_batch as batch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_efs as efs
from aws_cdk import aws_iam

from geuse_efs.argument_types import checked
from geuse_efs.mounting.access import check_container_path, grant_mount, sign_in_cause, signs_in
from geuse_efs.waiting_file_system import WaitingFileSystem


@checked
def batch_volume(
    file_system: WaitingFileSystem,
    container_path: str,
    *,
    client: ec2.IConnectable | None,
    access_point: efs.IAccessPoint | None,
    read_only: bool,
    job_role: aws_iam.IRole | None,
    iam: bool | None,
) -> batch.EfsVolume:
    """See `GeuseEfsBase.batch_volume`."""
    check_container_path(container_path)
    sign_in = signs_in(file_system, iam)
    if sign_in and job_role is None:
        raise ValueError(
            f"jobs that mount {file_system.node.path} sign in with IAM, as {sign_in_cause(file_system, iam)}; give "
            "batch_volume(…, job_role=role) and the same role to the container definition"
        )
    if client is not None:
        file_system.allow(client)
    if sign_in and job_role is not None:
        grant_mount(file_system, job_role, access_point=access_point, read_only=read_only)
    return batch.EcsVolume.efs(
        name=_name(file_system, container_path, access_point),
        container_path=container_path,
        file_system=file_system,
        access_point_id=access_point.access_point_id if access_point is not None else None,
        # Batch has it off by default; our file-system policy, IAM and access points all need it.
        enable_transit_encryption=True,
        use_job_role=sign_in or None,
        readonly=read_only,
    )


def _name(file_system: WaitingFileSystem, container_path: str, access_point: efs.IAccessPoint | None) -> str:
    """Another one per directory, as a container takes no two volumes of the same name."""
    path = re.sub(r"[^A-Za-z0-9]+", "-", container_path).strip("-")
    return "-".join(["efs", file_system.node.addr[-8:], *([access_point.node.addr[-8:]] if access_point else []), path])
