"""A new file system in a new VPC, and a security group to put on whatever mounts it.

cdk deploy --app "python3 examples/created.py"
"""

from aws_cdk import App, CfnOutput, Stack
from aws_cdk import aws_ec2 as ec2

from geuse_efs import GeuseEfs

app = App()
stack = Stack(app, "CreatedExample")

vpc = ec2.Vpc(stack, "Vpc", nat_gateways=0)
clients = ec2.SecurityGroup(stack, "Clients", vpc=vpc, description="Whatever mounts the file system")
efs = GeuseEfs(stack, "Efs", vpc=vpc, clients=[clients], deployment="example", tier="dev")

# Read from the construct, so each is known only when every mount target is available.
CfnOutput(stack, "FileSystemId", value=efs.file_system_id)
CfnOutput(stack, "DnsName", value=efs.dns_name)
CfnOutput(stack, "ClientSecurityGroupId", value=clients.security_group_id)

app.synth()
