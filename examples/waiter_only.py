"""The waiter alone, behind a file system of the CDK's own that a stack already has: nothing of it changes.

cdk deploy --app "python3 examples/waiter_only.py"
"""

from aws_cdk import App, CfnOutput, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_efs as efs

from geuse_efs import MountTargetsReady

app = App()
stack = Stack(app, "WaiterOnlyExample")

vpc = ec2.Vpc(stack, "Vpc", nat_gateways=0)
clients = ec2.SecurityGroup(stack, "Clients", vpc=vpc, description="Whatever mounts the file system")
isolated = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
file_system = efs.FileSystem(stack, "FileSystem", vpc=vpc, vpc_subnets=isolated, encrypted=True)
file_system.connections.allow_default_port_from(clients)

# What used file_system uses this from now on: its id is known when every mount target is available.
ready = MountTargetsReady(stack, "Ready", file_system=file_system)
CfnOutput(stack, "FileSystemId", value=ready.file_system_id)

app.synth()
