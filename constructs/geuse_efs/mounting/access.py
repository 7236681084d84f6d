"""What every consumer needs beside the mount itself: permissions, where clients sign in with IAM."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Token
from aws_cdk import aws_efs as efs
from aws_cdk import aws_iam as iam
from constructs import IDependable

from geuse_efs.file_system_policy import MOUNT, ROOT, WRITE

if TYPE_CHECKING:
    from geuse_efs.waiting_file_system import WaitingFileSystem


def signs_in(file_system: WaitingFileSystem, asked: bool | None) -> bool:
    """Whether a client signs in with IAM: as asked, and by default where the file system requires it."""
    return file_system.require_iam if asked is None else asked


def sign_in_cause(file_system: WaitingFileSystem, asked: bool | None) -> str:
    """Why a client signs in, for errors."""
    return "iam=True was given" if asked else f"{file_system.node.path} has require_iam=True"


def grant_mount(
    file_system: WaitingFileSystem,
    grantee: iam.IGrantable,
    *,
    access_point: efs.IAccessPoint | None,
    read_only: bool,
    before: IDependable | None = None,
) -> None:
    """Grant mounting, and writing unless it is read-only; through the access point only, where there is one.

    Without an access point a host also acts as root, as it could without IAM, unless the file system squashes root: the
    root directory of a new file system belongs to root.
    """
    actions = [MOUNT] if read_only else [MOUNT, WRITE]
    if not read_only and access_point is None and not file_system.root_squash:
        actions.append(ROOT)
    conditions: dict[str, dict[str, str]] = {"Bool": {"elasticfilesystem:AccessedViaMountTarget": "true"}}
    if access_point is not None:
        conditions["StringEquals"] = {"elasticfilesystem:AccessPointArn": access_point.access_point_arn}
    grant = iam.Grant.add_to_principal(
        grantee=grantee, actions=actions, resource_arns=[file_system.file_system_arn], conditions=conditions
    )
    file_system._use.granted = True  # noqa: SLF001
    if before is not None:
        grant.apply_before(before)  # type: ignore[arg-type]


def zone_of_one_zone(file_system: WaitingFileSystem) -> str | None:
    """The AZ for the mount option `az=`: of the only mount target there is, since no other AZ's name resolves."""
    targets = file_system.mount_targets
    return targets[0].availability_zone if len(targets) == 1 else None


def check_container_path(container_path: str) -> None:
    """Containers take absolute paths only."""
    if not container_path.startswith("/") and not Token.is_unresolved(container_path):
        raise ValueError(f"container_path is {container_path!r}; allowed is an absolute path, like /data")
