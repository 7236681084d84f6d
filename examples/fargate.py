"""A service on Fargate that mounts a directory of the file system, with TLS and IAM.

cdk deploy --app "python3 examples/fargate.py"
"""

from aws_cdk import App, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs

from geuse_efs import GeuseEfs

app = App()
stack = Stack(app, "FargateExample")

vpc = ec2.Vpc(stack, "Vpc", nat_gateways=0)
efs = GeuseEfs(stack, "Efs", vpc=vpc, deployment="example", require_iam=True)

task = ecs.FargateTaskDefinition(stack, "Task")
container = task.add_container(
    "Web",
    image=ecs.ContainerImage.from_registry("public.ecr.aws/docker/library/nginx:stable"),
    port_mappings=[ecs.PortMapping(container_port=80)],
)
# The task role is granted the mount; the service is let in and waits for the mount targets.
directory = efs.access_point("Pages", path="/pages", uid=1000, gid=1000)
efs.mount_in(container, "/usr/share/nginx/html", access_point=directory)

ecs.FargateService(
    stack,
    "Service",
    cluster=ecs.Cluster(stack, "Cluster", vpc=vpc),
    task_definition=task,
    # It pulls its image from outside.
    vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PUBLIC),
    assign_public_ip=True,
    circuit_breaker=ecs.DeploymentCircuitBreaker(rollback=True),
    min_healthy_percent=100,
)

app.synth()
