"""The same file system in several environments, with what differs in one place.

cdk deploy --app "python3 examples/environments.py" DevStorage
"""

from dataclasses import dataclass

from aws_cdk import App, Environment, RemovalPolicy, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_efs as efs

from geuse_efs import GeuseEfs


@dataclass(frozen=True)
class Settings:
    """What differs between environments."""

    region: str
    throughput_mode: efs.ThroughputMode = efs.ThroughputMode.BURSTING
    removal_policy: RemovalPolicy = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
    account: str | None = None  # default: that of the CLI's credentials


ENVIRONMENTS = {
    "Dev": Settings(region="us-east-1", removal_policy=RemovalPolicy.DESTROY),
    "Prod": Settings(region="eu-west-1", throughput_mode=efs.ThroughputMode.ELASTIC),
}

app = App()
for name, settings in ENVIRONMENTS.items():
    stack = Stack(app, f"{name}Storage", env=Environment(account=settings.account, region=settings.region))
    # By name, so that synthesis asks no account for its zones.
    zones = [f"{settings.region}{letter}" for letter in "ab"]
    vpc = ec2.Vpc(stack, "Vpc", nat_gateways=0, availability_zones=zones)
    GeuseEfs(
        stack,
        "Efs",
        vpc=vpc,
        throughput_mode=settings.throughput_mode,
        removal_policy=settings.removal_policy,
        deployment="example",
        tier=name.lower(),
    )
app.synth()
