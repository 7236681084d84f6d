"""Grants on a file system, and warnings where a client could connect and then do nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import jsii
from aws_cdk import Annotations, Stack
from aws_cdk import aws_efs as efs
from aws_cdk import aws_iam as iam
from constructs import Construct, IValidation

THROUGH_MOUNT_TARGET = {"Bool": {"elasticfilesystem:AccessedViaMountTarget": "true"}}


def grant(
    file_system: efs.IFileSystem,
    defined: efs.IFileSystem,
    grantee: iam.IGrantable,
    actions: Sequence[str],
    conditions: Mapping[str, Mapping[str, Any]] | None = None,
) -> iam.Grant:
    """Grant to the principal, or in the file-system policy if it takes no policy or is of another account.

    The L2's own grants would also make it append anonymous access to the policy (aws-cdk#36224).

    Args:
        file_system: the file system that waits.
        defined: the one of the CDK behind it, which has the policy.
        grantee: who is granted.
        actions: what.
        conditions: of the statement.

    Raises:
        ValueError: if the file system has no policy yet and needs one for this grant, which would lock all others out.
    """
    granted = iam.Grant.add_to_principal_or_resource(
        grantee=grantee,
        actions=list(actions),
        resource_arns=[file_system.file_system_arn],
        resource=file_system,
        conditions=conditions,
    )
    if granted.resource_statement is not None:
        _refuse_sole_statement(defined)
    return granted


def _refuse_sole_statement(file_system: efs.IFileSystem) -> None:
    """Without a policy EFS lets every client do everything; with one, what no statement allows is denied.

    Source: EFS user guide, "Using IAM to control file system data access", default file system policy.
    """
    resource = file_system.node.default_child
    if not isinstance(resource, efs.CfnFileSystem):
        return  # imported: its policy is never changed
    if len(Stack.of(resource).resolve(resource.file_system_policy)["Statement"]) == 1:
        raise ValueError(
            f"the grant to a principal of another account, or one that takes no policy, would be the only statement in the "
            f"policy of {file_system.node.path}, and deny every client without a grant; say first what they may do, for "
            "example file_system.add_to_resource_policy(iam.PolicyStatement(principals=[iam.AnyPrincipal()], "
            'actions=["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite", '
            '"elasticfilesystem:ClientRootAccess"], conditions={"Bool": '
            '{"elasticfilesystem:AccessedViaMountTarget": "true"}}))'
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
