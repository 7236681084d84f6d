"""The app that is deployed with a released wheel and then with the present code, so it uses what both have."""

from aws_cdk import App, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_efs as efs

from geuse_efs import GeuseEfs

app = App()
network = Stack(app, "Network")
vpc = ec2.Vpc(network, "Vpc", nat_gateways=0, availability_zones=["us-east-1a", "us-east-1b"])
stack = Stack(app, "Storage")
clients = [ec2.SecurityGroup(network, "Shared", vpc=vpc), ec2.SecurityGroup(stack, "Clients", vpc=vpc)]
storage = GeuseEfs(
    stack, "Efs", vpc=vpc, clients=clients, deployment="demo", tier="prod", tags={"owner": "storage team"}
)
efs.AccessPoint(stack, "AccessPoint", file_system=storage.file_system, path="/data")
app.synth()
