"""Grants on a file system, and warnings where a client could connect and then do nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import jsii
from aws_cdk import Annotations
from aws_cdk import aws_efs as efs
from aws_cdk import aws_iam as iam
from constructs import Construct, IValidation

THROUGH_MOUNT_TARGET = {"Bool": {"elasticfilesystem:AccessedViaMountTarget": "true"}}


def grant(
    file_system: efs.IFileSystem,
    grantee: iam.IGrantable,
    actions: Sequence[str],
    conditions: Mapping[str, Mapping[str, Any]] | None = None,
) -> iam.Grant:
    """Grant to the principal, or in the file-system policy if it takes no policy or is of another account.

    The L2's own grants would also make it append anonymous access to the policy (aws-cdk#36224).
    """
    return iam.Grant.add_to_principal_or_resource(
        grantee=grantee,
        actions=list(actions),
        resource_arns=[file_system.file_system_arn],
        resource=file_system,
        conditions=conditions,
    )


@jsii.implements(IValidation)
class Use:
    """What was granted, and a warning at synthesis if a file system that demands it was granted to nobody."""

    def __init__(self, file_system: Construct, *, require_iam: bool) -> None:
        self.granted = self.access_points = False
        self._file_system, self._require_iam = file_system, require_iam
        if require_iam:
            file_system.node.add_validation(self)

    def validate(self) -> list[str]:
        """Warn, and find no error."""
        annotations = Annotations.of(self._file_system)
        if self._require_iam and not (self.granted or self.access_points):
            annotations.add_warning_v2(
                "geuse-efs:no-grant",
                "require_iam=True and no grant: no client can mount; call grant_read_write(role) or grant_read(role), mount "
                "with -o tls,iam, or acknowledge this where policies are written by hand",
            )
        return []
