"""Warnings about what is possible and hardly ever meant. They depend on the whole app, so an aspect looks at its end.

Sources: EFS user guide, "Using IAM to control file system data access" (root squash); KMS developer guide, "Deleting keys".
"""

from __future__ import annotations

import jsii
from aws_cdk import Annotations, Aspects, CfnDeletionPolicy, IAspect, Stack
from aws_cdk import aws_efs as efs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct, IConstruct

_ROOT_ACCESS = "elasticfilesystem:ClientRootAccess"
_KEPT = (CfnDeletionPolicy.RETAIN, CfnDeletionPolicy.RETAIN_EXCEPT_ON_CREATE)


def warn_at_synthesis(scope: Construct, kms_key: kms.IKey | None, *, root_squash: bool) -> None:
    """Look at the end of the synthesis, if there may be something to warn of."""
    key = kms_key.node.default_child if kms_key is not None else None
    if root_squash or isinstance(key, kms.CfnKey):
        Aspects.of(scope).add(_Warnings(scope, key if isinstance(key, kms.CfnKey) else None, root_squash=root_squash))


@jsii.implements(IAspect)
class _Warnings:
    def __init__(self, scope: Construct, key: kms.CfnKey | None, *, root_squash: bool) -> None:
        self._scope, self._key, self._root_squash = scope, key, root_squash

    def visit(self, node: IConstruct) -> None:
        # Only one of the scope; it is not the same Python object as the one that the constructor saw.
        if not isinstance(node, efs.CfnFileSystem):
            return
        if self._root_squash and not _root_can_write(self._scope):
            self._warn(
                "root-squash",
                "root_squash=True, and the app has neither an access point nor a grant of root access: a new file system "
                "belongs to root, so no client can write. Use add_access_point with create_acl, or grant_root_access",
            )
        if self._key is not None and _is_deleted(self._key) and node.cfn_options.deletion_policy in _KEPT:
            self._warn(
                "key-removal",
                f"the file system outlives its stack, its key {self._key.node.path} does not: without it the data is lost. "
                "Give the key removal_policy=RemovalPolicy.RETAIN",
            )

    def _warn(self, name: str, message: str) -> None:
        Annotations.of(self._scope).add_warning_v2(f"geuse-efs:{name}", message)


def _is_deleted(key: kms.CfnKey) -> bool:
    return key.cfn_options.deletion_policy not in _KEPT


def _root_can_write(scope: Construct) -> bool:
    return any(map(_admits_root, scope.node.root.node.find_all()))


def _admits_root(node: IConstruct) -> bool:
    if isinstance(node, iam.CfnPolicy | iam.CfnManagedPolicy | iam.CfnRole):
        document = node.policies if isinstance(node, iam.CfnRole) else node.policy_document
        return _ROOT_ACCESS in repr(Stack.of(node).resolve(document))
    return isinstance(node, efs.CfnAccessPoint)
