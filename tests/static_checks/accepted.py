"""Every finding of a checker that is accepted, with its reason. The gates fail at any other, and at one that is gone."""

from __future__ import annotations

from tests.static_checks.findings import Accepted

CDK_NAG = "cdk-nag"
CDK_VALIDATION = "CDK validation"
CFN_LINT = "cfn-lint"
CHECKOV = "checkov"
GUARD = "guard"
PIP_AUDIT = "pip-audit"

_NIST, _HIPAA, _PCI = "NIST.800.53.R5", "HIPAA.Security", "PCI.DSS.321"
_FUNCTION = "*/GeuseEfsWaiter/Function"
_LOGS = "*/GeuseEfsWaiter/Logs"
_ADOPTIONS = ("geuse-efs-adopting/Efs/Rights-fs-*", "adopt-many/Kept/Rights-fs-*", "adopt-many/Theirs/Rights-fs-*")
_ARN = "arn:<AWS::Partition>:ec2:<AWS::Region>"


def _in(rule: str, *packs: str) -> tuple[str, ...]:
    return tuple(f"{pack}-{rule}" for pack in packs)


_WAITER = (
    Accepted(
        {CDK_NAG: _in("LambdaInsideVPC", _NIST, _HIPAA, _PCI), GUARD: ("CT.LAMBDA.PR.3",), CHECKOV: ("CKV_AWS_117",)},
        (_FUNCTION,),
        "It talks to AWS APIs and CloudFormation's bucket only; in a VPC it would need a NAT gateway or five endpoints to "
        "answer at all, and its own network interfaces would hold up the deletion of the subnets.",
    ),
    Accepted(
        {CDK_NAG: (*_in("LambdaDLQ", _NIST, _HIPAA), "Serverless-LambdaDLQ"), CHECKOV: ("CKV_AWS_116",)},
        (_FUNCTION,),
        "CloudFormation is who waits for the answer, and it reports a request that stays without one as a failure; a queue "
        "would keep events, whose answer addresses have expired, that nobody reads.",
    ),
    Accepted(
        {CDK_NAG: _in("LambdaConcurrency", _NIST, _HIPAA), CHECKOV: ("CKV_AWS_115",)},
        (_FUNCTION,),
        "CloudFormation and the function itself are all that invoke it, a few times a deployment; a reservation would be "
        "taken from the account's pool for ever, and a new account with a pool of 10 refuses any.",
    ),
    Accepted(
        {CDK_NAG: ("Serverless-LambdaTracing",)},
        (_FUNCTION,),
        "X-Ray wants rights on every resource (AwsSolutions-IAM5), and there is no chain of services to trace: one "
        "function that asks and waits, whose log and answer say why.",
    ),
    Accepted(
        {
            CDK_NAG: _in("CloudWatchLogGroupEncrypted", _NIST, _HIPAA, _PCI),
            GUARD: ("CT.CLOUDWATCH.PR.3",),
            CHECKOV: ("CKV_AWS_158",),
        },
        (_LOGS,),
        "CloudWatch encrypts every log group; a customer's key needs a key policy that lets the service in, which an "
        "imported key cannot get here, and the log has ids and states only, no data.",
    ),
    Accepted(
        {CFN_LINT: ("W3005",), GUARD: ("W3005",)},
        (_FUNCTION,),
        "The CDK lets every function depend on its role explicitly; it refers to it as well.",
    ),
    Accepted(
        {CDK_NAG: _in("IAMNoInlinePolicy", _NIST, _HIPAA, _PCI)},
        ("*/GeuseEfsWaiter/Policy",),
        "It belongs to one role and goes with it. A managed policy holds 6,144 characters, an inline one 10,240, and the "
        "ARNs of many file systems and their subnets need more than the former.",
    ),
    Accepted(
        {CDK_NAG: (f"AwsSolutions-IAM5[Resource::{_ARN}:<AWS::AccountId>:network-interface/*]",)},
        ("*/GeuseEfsWaiter/Policy", *_ADOPTIONS),
        "EFS makes the network interfaces, so their ids are not known; conditions limit subnets and tag keys for tagging, "
        "and the VPC for all else.",
    ),
    Accepted(
        {
            CDK_NAG: (
                "AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ec2:us-east-1:111122223333:network-interface/*]",
            )
        },
        ("geuse-efs-customer-key/GeuseEfsWaiter/Policy",),
        "As above, in an account and a region that are known.",
    ),
)

_ADOPTION = (
    Accepted(
        {CDK_NAG: ("AwsSolutions-IAM5[Resource::*]",)},
        _ADOPTIONS,
        "The Describe calls of EC2 know no resources; a condition limits them to the region of the stack.",
    ),
    Accepted(
        {CDK_NAG: (f"AwsSolutions-IAM5[Resource::{_ARN}:*:prefix-list/*]",)},
        _ADOPTIONS,
        "Rules of groups that exist name any prefix list, AWS's and other accounts' shared ones too; which ones, the "
        "deployment sees only. Entries are read, nothing else.",
    ),
    Accepted(
        {CDK_NAG: (f"AwsSolutions-IAM5[Resource::{_ARN}:<AWS::AccountId>:security-group/*]",)},
        _ADOPTIONS,
        "EC2 wants the groups of an interface beside it, and which ones others gave is not known; a condition limits the "
        "VPC.",
    ),
    Accepted(
        {CDK_NAG: tuple(f"AwsSolutions-IAM5[Resource::{_ARN}:*:subnet/subnet-0000000{letter}]" for letter in "abc")},
        ("adopt-many/Kept/Rights-fs-*",),
        "The subnets are named; in a VPC that another account shares, they are that account's.",
    ),
    Accepted(
        {
            CDK_NAG: tuple(
                f"AwsSolutions-IAM5[Resource::{_ARN}:*:subnet/<VpcStorageSubnet{name}>]"
                for name in ("1Subnet0A2375BE", "2Subnet2398C7E9")
            )
        },
        ("geuse-efs-adopting/Efs/Rights-fs-*",),
        "As above.",
    ),
)

_FILE_SYSTEM = (
    Accepted(
        {CDK_NAG: _in("EFSInBackupPlan", _NIST, _HIPAA)},
        ("geuse-efs-*/Efs/FileSystem", "many/*/FileSystem", "adopt-many/Created/FileSystem"),
        "BackupPolicy puts it into the plan aws/efs/automatic-backup-plan; the rule looks for a plan in the stack only.",
    ),
    Accepted(
        {GUARD: ("W9013",)},
        ("geuse-efs-customer-key/Efs/FileSystem",),
        "The key is named as the customer named it: it may be another account's, so the stack's own account must not be "
        "put into its ARN.",
    ),
    Accepted(
        {GUARD: ("CT.EC2.PR.3",)},
        ("adopt-many/Kept/SecurityGroup/from pl-11111111:2049",),
        "The rule takes a prefix list for the whole world (its own text says that they are not supported); this one is the "
        "client that the example names, at the port of NFS.",
    ),
)

_APP = (
    Accepted(
        {CDK_NAG: ("AwsSolutions-VPC7", *_in("VPCFlowLogsEnabled", _NIST, _HIPAA, _PCI))},
        ("geuse-efs-*/Vpc",),
        "They cost by the gigabyte, and where they go and how long they stay is a decision of the account; the setting "
        "vpc_id brings a VPC that has them.",
    ),
    Accepted(
        {CDK_NAG: _in("VPCDefaultSecurityGroupClosed", _NIST, _HIPAA, _PCI)},
        ("geuse-efs-*/Vpc",),
        "Nothing uses the default group, which admits its own members only. CloudFormation cannot empty it, and the CDK's "
        "way is a second custom resource, with a function that may change groups.",
    ),
    Accepted(
        {CDK_NAG: _in("VPCNoUnrestrictedRouteToIGW", _NIST, _HIPAA, _PCI)},
        ("geuse-efs-*/Vpc/PublicSubnet?/DefaultRoute",),
        "A public subnet is one with this route. Clients that ask for an address reach the internet there without a NAT "
        "gateway, which costs by the hour; the mount targets sit in isolated subnets.",
    ),
)

ACCEPTED = (*_WAITER, *_ADOPTION, *_FILE_SYSTEM, *_APP)
