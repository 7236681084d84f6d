"""Jobs of AWS Batch that share a directory of the file system.

cdk deploy --app "python3 examples/batch.py"
"""

from aws_cdk import App, Size, Stack
from aws_cdk import aws_batch as batch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs

from geuse_efs import GeuseEfs

app = App()
stack = Stack(app, "BatchExample")

vpc = ec2.Vpc(stack, "Vpc", nat_gateways=0)
efs = GeuseEfs(stack, "Efs", vpc=vpc, deployment="example")

environment = batch.FargateComputeEnvironment(
    stack, "Environment", vpc=vpc, vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PUBLIC)
)
directory = efs.access_point("Results", path="/results", uid=1000, gid=1000)
container = batch.EcsFargateContainerDefinition(
    stack,
    "Container",
    image=ecs.ContainerImage.from_registry("public.ecr.aws/docker/library/busybox:stable"),
    command=["sh", "-c", "date >> /data/runs"],
    cpu=0.25,
    memory=Size.mebibytes(512),
    # It pulls its image from outside.
    assign_public_ip=True,
    # With TLS, which Batch leaves out by default. The compute environment is let in.
    volumes=[efs.batch_volume("/data", client=environment, access_point=directory)],
)
batch.JobQueue(
    stack, "Queue", compute_environments=[batch.OrderedComputeEnvironment(compute_environment=environment, order=1)]
)
batch.EcsJobDefinition(stack, "Job", container=container)

app.synth()
