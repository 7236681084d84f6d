"""All stacks that the checkers look at, and what is accepted of them.

``python -m tests.static_checks.all_stacks`` synthesises and checks them.
"""

from __future__ import annotations

from aws_cdk import Acknowledgment, App, CfnResource, Stack, Validations

from stacks.settings import read_settings
from stacks.storage_stack import StorageStack
from tests.construct.example_stacks import CONTEXT, define_example_stacks
from tests.static_checks.checkers import GUARD, HIPAA, NIST, PCI, SERVERLESS, SOLUTIONS, add_checkers

_ARN = "arn:<AWS::Partition>:ec2:<AWS::Region>"
# The example with an account and a region that are known, and the subnets of those that adopt.
_KNOWN = "us-east-1:111122223333"
_IMPORTED_SUBNETS = ("subnet-0000000a", "subnet-0000000b", "subnet-0000000c")
_NEW_SUBNETS = ("<VpcStorageSubnet1Subnet0A2375BE>", "<VpcStorageSubnet2Subnet2398C7E9>")


def _in(rule: str, *packs: str) -> tuple[str, ...]:
    return tuple(f"{pack}::{pack}-{rule}" for pack in packs)


def _wildcard(resource: str) -> str:
    return f"{SOLUTIONS}::AwsSolutions-IAM5[Resource::{resource}]"


ACCEPTED: dict[str, dict[str, tuple[str, ...]]] = {
    "AWS::Lambda::Function": {
        "It talks to AWS APIs and CloudFormation's bucket only; in a VPC it would need a NAT gateway or five "
        "endpoints to answer at all, and its own network interfaces would hold up the deletion of the subnets.": (
            *_in("LambdaInsideVPC", NIST, HIPAA, PCI),
            f"{GUARD}::lambda_inside_vpc_check",
        ),
        "CloudFormation waits for the answer and reports a request that stays without one as a failure; a queue "
        "would keep events, whose ResponseURLs have expired, that nobody reads.": _in(
            "LambdaDLQ", NIST, HIPAA, SERVERLESS
        ),
        "Only CloudFormation and the function itself invoke it, a few times per deployment; a reservation would "
        "be taken from the account's pool for ever, and a new account with a pool of 10 refuses any.": _in(
            "LambdaConcurrency", NIST, HIPAA
        ),
        "X-Ray wants permissions on every resource (AwsSolutions-IAM5), and there is no chain of services to "
        "trace: one function that asks and waits, whose log and answer say why.": _in("LambdaTracing", SERVERLESS),
    },
    "AWS::Logs::LogGroup": {
        "CloudWatch encrypts every log group; a customer's key needs a key policy that lets the service in, which "
        "an imported key cannot get here, and the log has ids and states only, no data.": (
            *_in("CloudWatchLogGroupEncrypted", NIST, HIPAA, PCI),
            f"{GUARD}::cloudwatch_log_group_encrypted_check",
        ),
    },
    "AWS::IAM::Policy": {
        "It belongs to one role and goes with it. A managed policy holds 6,144 characters, an inline one 10,240, "
        "and the ARNs of many file systems and their subnets need more than the former.": _in(
            "IAMNoInlinePolicy", NIST, HIPAA, PCI
        ),
        "EFS makes the network interfaces, so their ids are not known; conditions limit subnets and tag keys.": (
            _wildcard(f"{_ARN}:<AWS::AccountId>:network-interface/*"),
            _wildcard(f"arn:<AWS::Partition>:ec2:{_KNOWN}:network-interface/*"),
        ),
        "The Describe calls of EC2 know no resources; a condition limits them to the region of the stack.": (
            _wildcard("*"),
        ),
        "A replacement is judged by describing both file systems, whose ids are not known at synth; a condition limits "
        "it to what CloudFormation created for this stack.": (
            _wildcard("arn:<AWS::Partition>:elasticfilesystem:<AWS::Region>:<AWS::AccountId>:file-system/*"),
            _wildcard(f"arn:<AWS::Partition>:elasticfilesystem:{_KNOWN}:file-system/*"),
        ),
    },
    "AWS::IAM::ManagedPolicy": {
        "The Describe calls of EC2 know no resources; a condition limits them to the region of the stack.": (
            _wildcard("*"),
        ),
        "A VPC that is shared by AWS RAM carries its owner's account; its id is unique in a region.": tuple(
            _wildcard(f"{_ARN}:*:vpc/{vpc}") for vpc in ("vpc-0123456789abcdef0", "<Vpc8378EB38>")
        ),
        "EFS makes the network interfaces, so their ids are not known; conditions limit the VPC, subnets and tag "
        "keys.": (_wildcard(f"{_ARN}:<AWS::AccountId>:network-interface/*"),),
        "The subnets of a VPC that is shared by AWS RAM carry their owner's account; their ids are unique in a region.": tuple(
            _wildcard(f"{_ARN}:*:subnet/{subnet}") for subnet in (*_IMPORTED_SUBNETS, *_NEW_SUBNETS)
        ),
        "Rules of existing groups name any prefix list, AWS's and other accounts' shared ones too, and only the "
        "deployment sees which. Entries are read, nothing else.": (_wildcard(f"{_ARN}:*:prefix-list/*"),),
        "EC2 wants the groups of an interface beside it, and which ones others gave is not known; a condition "
        "limits the VPC.": (_wildcard(f"{_ARN}:<AWS::AccountId>:security-group/*"),),
    },
    "AWS::EFS::FileSystem": {
        "BackupPolicy puts it into the plan aws/efs/automatic-backup-plan; the rule looks for a plan in the stack "
        "only.": _in("EFSInBackupPlan", NIST, HIPAA),
    },
    "AWS::EC2::SecurityGroupIngress": {
        "The rule takes a prefix list for the whole world (its own text says that they are not supported), and "
        "the example names one as a client, at the port of NFS. cdk-nag's AwsSolutions-EC23 still refuses the "
        "whole world.": (f"{GUARD}::vpc_sg_open_only_to_authorized_ports_check",),
    },
    "AWS::EC2::VPC": {
        "Flow logs cost by the gigabyte, and where they go and how long they stay is a decision of the account; "
        "the setting vpc_id brings a VPC that has them.": (
            *_in("VPC7", SOLUTIONS),
            *_in("VPCFlowLogsEnabled", NIST, HIPAA, PCI),
        ),
        "Nothing uses the default group, which admits its own members only. CloudFormation cannot empty it, and "
        "the CDK's way is a second custom resource, with a function that may change groups.": _in(
            "VPCDefaultSecurityGroupClosed", NIST, HIPAA, PCI
        ),
    },
    "AWS::EC2::Route": {
        "A public subnet is one with this route. Clients that ask for an address reach the internet there without "
        "a NAT gateway, which costs by the hour; the mount targets sit in isolated subnets.": _in(
            "VPCNoUnrestrictedRouteToIGW", NIST, HIPAA, PCI
        ),
    },
}
"""By the type of the resource: each reason, and the findings that it answers."""


def define_all_stacks(app: App) -> list[Stack]:
    """The app's own, as cdk.json says, and the examples."""
    return [*(StorageStack(app, settings) for settings in read_settings(CONTEXT)), *define_example_stacks(app)]


def accept(stack: Stack) -> None:
    """Acknowledge what is accepted at each resource: here, and not in the library, whose users decide for themselves."""
    for resource in stack.node.find_all():
        if isinstance(resource, CfnResource):
            for reason, rules in ACCEPTED.get(resource.cfn_resource_type, {}).items():
                Validations.of(resource).acknowledge(*(Acknowledgment(id=rule, reason=reason) for rule in rules))


def main() -> None:
    app = App(context=CONTEXT)
    add_checkers(app)
    for stack in define_all_stacks(app):
        accept(stack)
    app.synth()


if __name__ == "__main__":
    main()
