"""The file-system policy: who may mount, write and act as root.

It is rendered in full, because EFS without a policy lets every client do everything over plain NFS, and because grants of
the L2 would otherwise append anonymous root write access to it (aws-cdk#36224, #33669, #30753).
"""

from __future__ import annotations

from aws_cdk import aws_iam as iam

MOUNT = "elasticfilesystem:ClientMount"
WRITE = "elasticfilesystem:ClientWrite"
ROOT = "elasticfilesystem:ClientRootAccess"


def file_system_policy(*, enforce_tls: bool, root_squash: bool, require_iam: bool) -> iam.PolicyDocument:
    """The policy document for the three options of the construct.

    Args:
        enforce_tls: deny every client that comes without TLS.
        root_squash: do not let a client act as root, unless its IAM identity is granted that.
        require_iam: grant nothing to clients that do not sign in with IAM.
    """
    # Actions in alphabetical order, and a Sid each: so it is written as it stands, whatever the feature flag
    # aws-iam:minimizePolicies says.
    statements: list[dict[str, object]] = []
    if not require_iam:
        statements.append(
            {
                "Sid": "AllowThroughMountTargets",
                "Effect": "Allow",
                "Principal": {"AWS": "*"},
                "Action": [MOUNT, WRITE] if root_squash else [MOUNT, ROOT, WRITE],
                "Condition": {"Bool": {"elasticfilesystem:AccessedViaMountTarget": "true"}},
            }
        )
    if enforce_tls:
        statements.append(
            {
                "Sid": "DenyWithoutTls",
                "Effect": "Deny",
                "Principal": {"AWS": "*"},
                "Action": "elasticfilesystem:*",
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        )
    return iam.PolicyDocument.from_json({"Statement": statements})
