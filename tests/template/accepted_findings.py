"""Findings of cdk-nag's AwsSolutions that are accepted, each with its reason."""

from __future__ import annotations

from typing import NamedTuple


class Accepted(NamedTuple):
    """One finding.

    Attributes:
        stacks: where it occurs; each must have it, so that nothing is accepted that is not there.
        finding: the rule, with its details in brackets; parts known at deployment stand in angle brackets.
        reason: why it is right as it is.
    """

    stacks: frozenset[str]
    finding: str
    reason: str


_NEW_VPC = frozenset(
    f"geuse-efs-{name}" for name in ("default", "one-zone", "provisioned", "known-clients", "adopting")
)
_KNOWN_ACCOUNT = frozenset({"geuse-efs-customer-key"})
_ADOPTING = frozenset({"geuse-efs-adopting", "adopt-many"})
_EVERYWHERE = _NEW_VPC | _ADOPTING | {"many"}

ACCEPTED = (
    Accepted(
        _NEW_VPC | _KNOWN_ACCOUNT,
        "AwsSolutions-VPC7",
        "Flow logs are a decision of the account, with their own cost and retention; the VPC of the app is an example.",
    ),
    Accepted(
        _EVERYWHERE,
        "AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ec2:<AWS::Region>:<AWS::AccountId>:network-interface/*]",
        "EFS makes the network interfaces, so their ids are not known; conditions limit subnets and tag keys.",
    ),
    Accepted(
        _KNOWN_ACCOUNT,
        "AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ec2:us-east-1:111122223333:network-interface/*]",
        "As above, in an account and a region that are known.",
    ),
    Accepted(
        _ADOPTING,
        "AwsSolutions-IAM5[Resource::*]",
        "The Describe calls of EC2 know no resources; a condition limits them to the region of the stack.",
    ),
    Accepted(
        _ADOPTING,
        "AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ec2:<AWS::Region>:*:prefix-list/*]",
        "Rules of groups that exist name any prefix list, AWS's and shared ones too; only entries are read.",
    ),
    Accepted(
        _ADOPTING,
        "AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ec2:<AWS::Region>:<AWS::AccountId>:security-group/*]",
        "EC2 wants the groups of an interface beside it, and which ones others gave is not known; a condition limits the VPC.",
    ),
)
