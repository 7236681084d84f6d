"""Mounts in containers of ECS, on Fargate and on EC2."""

from __future__ import annotations

import jsii
from aws_cdk import Annotations, AspectPriority, Aspects, IAspect, Stage
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_efs as efs
from constructs import Construct, IConstruct

from geuse_efs.argument_types import checked
from geuse_efs.mounting.access import check_container_path, grant_mount, signs_in
from geuse_efs.waiting_file_system import WaitingFileSystem


@checked
def mount_in(
    file_system: WaitingFileSystem,
    container: ecs.ContainerDefinition,
    container_path: str,
    *,
    access_point: efs.IAccessPoint | None,
    read_only: bool,
    iam: bool | None,
) -> None:
    """See `GeuseEfsBase.mount_in`."""
    check_container_path(container_path)
    task = container.task_definition
    sign_in = signs_in(file_system, iam)
    # Containers of one task share a volume, but not one that signs in otherwise.
    optional = [*([access_point.node.addr[-8:]] if access_point else []), *(["iam"] if sign_in else [])]
    name = "-".join(["efs", file_system.node.addr[-8:], *optional])
    if task.node.try_find_child(name) is None:
        # Remembers the volume. Asked for its volumes, a task of older versions of the CDK would never get another one.
        Construct(task, name)
        _add_volume(file_system, task, name, access_point, sign_in=sign_in)
        _admit_services(file_system, task)
    container.add_mount_points(ecs.MountPoint(container_path=container_path, source_volume=name, read_only=read_only))
    if sign_in:
        leaf = task.node.default_child
        grant_mount(file_system, task.task_role, access_point=access_point, read_only=read_only, before=leaf)


def _add_volume(
    file_system: WaitingFileSystem,
    task: ecs.TaskDefinition,
    name: str,
    access_point: efs.IAccessPoint | None,
    *,
    sign_in: bool,
) -> None:
    authorization = ecs.AuthorizationConfig(
        access_point_id=access_point.access_point_id if access_point is not None else None,
        iam="ENABLED" if sign_in else None,
    )
    task.add_volume(
        name=name,
        efs_volume_configuration=ecs.EfsVolumeConfiguration(
            file_system_id=file_system.file_system_id,
            # ECS has it off by default; our file-system policy, IAM and access points all need it.
            transit_encryption="ENABLED",
            authorization_config=authorization if sign_in or access_point is not None else None,
        ),
    )


def _admit_services(file_system: WaitingFileSystem, task: ecs.TaskDefinition) -> None:
    """A service knows its task definition, not the reverse, and may be defined later: so all are visited at synthesis."""
    Aspects.of(Stage.of(task) or task.node.root).add(_Admission(file_system, task), priority=AspectPriority.MUTATING)


@jsii.implements(IAspect)
class _Admission:
    def __init__(self, file_system: WaitingFileSystem, task: ecs.TaskDefinition) -> None:
        self._file_system, self._task = file_system, task

    def visit(self, node: IConstruct) -> None:
        if not isinstance(node, ecs.BaseService) or node.task_definition.node.path != self._task.node.path:
            return
        if node.connections.security_groups:
            self._file_system.allow(node)
        else:
            Annotations.of(node).add_warning_v2(
                "geuse-efs:service-without-group",
                f"this service mounts {self._file_system.node.path} and has no security group of its own: its tasks connect "
                "with that of their instances. Let these in, allow(auto_scaling_group), and acknowledge this",
            )
