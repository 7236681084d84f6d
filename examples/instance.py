"""An instance that mounts the file system at its first boot and after each reboot. The deployment fails if it cannot.

cdk deploy --app "python3 examples/instance.py"
"""

from aws_cdk import App, CfnCreationPolicy, CfnResourceSignal, Stack
from aws_cdk import aws_ec2 as ec2

from geuse_efs import GeuseEfs

app = App()
stack = Stack(app, "InstanceExample")

vpc = ec2.Vpc(stack, "Vpc", nat_gateways=0)
efs = GeuseEfs(stack, "Efs", vpc=vpc, deployment="example")

host = ec2.Instance(
    stack,
    "Host",
    vpc=vpc,
    # It installs the mount helper from the package repository of Amazon Linux, so it needs a way out.
    vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PUBLIC),
    associate_public_ip_address=True,
    instance_type=ec2.InstanceType("t3.micro"),
    machine_image=ec2.MachineImage.latest_amazon_linux2023(),
    ssm_session_permissions=True,
)
efs.mount_on(host, "/mnt/efs")

# Its user data tells CloudFormation how it ended.
host.user_data.add_signal_on_exit_command(host)
host.instance.cfn_options.creation_policy = CfnCreationPolicy(resource_signal=CfnResourceSignal(timeout="PT15M"))

app.synth()
