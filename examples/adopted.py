"""A file system that exists: checked first, then what it lacks is created.

cdk deploy --app "python3 examples/adopted.py" -c file_system_id=fs-… -c vpc_id=vpc-… -c mount_target_group_id=sg-…
"""

import os

from aws_cdk import App, CfnOutput, Environment, Stack
from aws_cdk import aws_ec2 as ec2

from geuse_efs import GeuseEfs

app = App()
given = app.node.try_get_context
# The account and region of the CLI's credentials: a VPC is looked up there.
here = Environment(account=os.environ.get("CDK_DEFAULT_ACCOUNT"), region=os.environ.get("CDK_DEFAULT_REGION"))
stack = Stack(app, "AdoptedExample", env=here)

vpc = ec2.Vpc.from_lookup(stack, "Vpc", vpc_id=given("vpc_id"))
clients = ec2.SecurityGroup(stack, "Clients", vpc=vpc, description="Whatever mounts the file system")
efs = GeuseEfs.adopt(
    stack,
    "Efs",
    file_system_id=given("file_system_id"),
    vpc=vpc,
    clients=[clients],
    # The group of the mount targets that exist gets a rule for the clients. Without it no group of another owner is changed.
    admit_through=ec2.SecurityGroup.from_security_group_id(stack, "MountTargets", given("mount_target_group_id")),
)

CfnOutput(stack, "FileSystemId", value=efs.file_system_id)
CfnOutput(stack, "ClientSecurityGroupId", value=clients.security_group_id)

app.synth()
