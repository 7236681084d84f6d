"""GeuseMaker's services on a spot instance: n8n, Ollama, Qdrant and PostgreSQL, each with a directory of its own.

cdk deploy --app "python3 examples/spot_group.py"
"""

import json

from aws_cdk import App, Duration, Stack
from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam

from geuse_efs import GeuseEfs

# Only the other services reach PostgreSQL, so it asks for no password.
DATABASE = {"POSTGRES_DB": "n8n", "POSTGRES_HOST_AUTH_METHOD": "trust"}
# Image, directory of its data, user who owns it (n8n and PostgreSQL need theirs), environment.
SERVICES = {
    "n8n": ("n8nio/n8n", "/home/node/.n8n", 1000, {"DB_TYPE": "postgresdb", "DB_POSTGRESDB_HOST": "postgres"}),
    "ollama": ("ollama/ollama", "/root/.ollama", 1001, {}),
    "qdrant": ("qdrant/qdrant", "/qdrant/storage", 1002, {}),
    "postgres": ("postgres:15", "/var/lib/postgresql/data", 999, DATABASE),
}
COMPOSE = "https://github.com/docker/compose/releases/download/v2.29.7/docker-compose-linux-x86_64"

app = App()
stack = Stack(app, "SpotGroupExample")
vpc = ec2.Vpc(stack, "Vpc", nat_gateways=0)
efs = GeuseEfs(stack, "Efs", vpc=vpc, deployment="ai-stack")
user_data = ec2.UserData.for_linux()
host = ec2.LaunchTemplate(
    stack,
    "Template",
    instance_type=ec2.InstanceType("m6i.xlarge"),
    machine_image=ec2.MachineImage.latest_amazon_linux2023(),
    security_group=ec2.SecurityGroup(stack, "Instances", vpc=vpc),
    role=iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com")),
    associate_public_ip_address=True,
    spot_options=ec2.LaunchTemplateSpotOptions(),
    user_data=user_data,
)
public = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PUBLIC)
# By default it has one instance: two of PostgreSQL must never share a directory. It signals how its user data ended.
signals = autoscaling.Signals.wait_for_all(timeout=Duration.minutes(15))
group = autoscaling.AutoScalingGroup(stack, "Group", vpc=vpc, vpc_subnets=public, launch_template=host, signals=signals)
services = {}
for name, (image, path, owner, env) in SERVICES.items():
    directory = efs.access_point(name, path=f"/{name}", uid=owner, gid=owner)
    efs.mount_on(host, f"/mnt/{name}", access_point=directory)
    services[name] = {"image": image, "restart": "always", "volumes": [f"/mnt/{name}:{path}"], "environment": env}
user_data.add_commands(
    "set -e",
    "dnf install -y docker; systemctl enable --now docker",
    f"curl -fsSL {COMPOSE} -o /usr/bin/docker-compose; chmod +x /usr/bin/docker-compose",
    f"echo '{json.dumps({'services': services})}' > /etc/compose.json",
    "docker-compose -f /etc/compose.json up -d",
)
user_data.add_signal_on_exit_command(group)
app.synth()
