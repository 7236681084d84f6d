"""A Lambda function that mounts a directory of the file system.

cdk deploy --app "python3 examples/function.py"
"""

from aws_cdk import App, Duration, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_lambda as lambda_

from geuse_efs import GeuseEfs

CODE = """
from pathlib import Path

def handler(event, context):
    with Path("/mnt/efs/visits").open("a+") as visits:
        visits.write("visit\\n")
        visits.seek(0)
        return len(visits.readlines())
"""

app = App()
stack = Stack(app, "FunctionExample")

vpc = ec2.Vpc(stack, "Vpc", nat_gateways=0)
efs = GeuseEfs(stack, "Efs", vpc=vpc, deployment="example")

directory = efs.access_point("Visits", path="/visits", uid=1000, gid=1000)
lambda_.Function(
    stack,
    "Function",
    runtime=lambda_.Runtime.PYTHON_3_13,
    handler="index.handler",
    code=lambda_.Code.from_inline(CODE),
    timeout=Duration.seconds(30),
    vpc=vpc,
    vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
    # By this it may reach the file system, and nothing else, and waits for the mount targets.
    allow_all_outbound=False,
    filesystem=lambda_.FileSystem.from_efs_access_point(directory, "/mnt/efs"),
)

app.synth()
