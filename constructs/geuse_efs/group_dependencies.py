"""Takes back what the security groups of an adoption's clients would wait for without need, and in a cycle."""

from __future__ import annotations

import jsii
from aws_cdk import CfnResource
from constructs import IValidation


@jsii.implements(IValidation)
class GroupsDoNotWait:
    """``instance.node.add_dependency(efs.mount_targets_available)`` makes also the instance's security group wait.

    The adoption needs the group's id, so that would be a cycle; nothing is lost when the group alone does not wait. It can
    be taken back only after the CDK has spread the dependencies, and before it renders them: when it validates.

    A group that its instance, service or function has made waits only because that waits. What it waits for may wait for
    the adoption in turn (a task role that may mount, an access point, a first client), so all of it is taken back.

    Args:
        evaluation: the custom resource of the adoption.
        resources: the groups and rules that it needs.
        inside: those groups that are below a client.
    """

    def __init__(self, evaluation: CfnResource, resources: list[CfnResource], inside: list[CfnResource]) -> None:
        self._evaluation, self._resources, self._inside = evaluation, resources, inside

    def validate(self) -> list[str]:
        """Find nothing; take the dependencies back."""
        for resource in self._resources:
            _take_back(resource, self._evaluation)
        for group in self._inside:
            for other in group.obtain_dependencies():
                if isinstance(other, CfnResource) and other.stack.node.addr == group.stack.node.addr:
                    _take_back(group, other)
        return []


def _take_back(resource: CfnResource, dependency: CfnResource) -> None:
    # The older name is deprecated, the newer one is not in older versions of the CDK.
    getattr(resource, "remove_resource_dependency", resource.remove_dependency)(dependency)
