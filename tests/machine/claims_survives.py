"""Data outlives the machine that wrote it, and the stack that created the file system."""

from __future__ import annotations

from pathlib import Path

import pytest
from aws_cdk import App, CfnOutput, Environment, Stack
from aws_cdk import aws_ec2 as ec2

from geuse_efs import GeuseEfs
from local.emulator.local_aws import LocalAws
from tests.construct.mounting.consumers import instance
from tests.machine import mutations
from tests.machine.file_server import Export
from tests.machine.lab import Lab, dns_name
from tests.machine.machine import Boot
from tests.machine.rendered import ONE_AT_A_TIME
from tests.support.deployer import Deployer

SERVICES = {"n8n": 1000, "ollama": 1001, "qdrant": 1002, "postgres": 999}
ZONES = ("us-east-1a", "us-east-1b")
DEPLOY_SECONDS = 180
"""A deployment takes two."""
# A service's data is there, or it writes some; who owns it, and what it is.
READ_OR_WRITE = f"""for service in {" ".join(SERVICES)}; do
  data=/mnt/$service/data
  [ -e $data ] || cat /proc/sys/kernel/random/uuid > $data
  echo "@ $service $(stat -c %u:%g $data) $(cat $data)"
done"""


def survives(lab: Lab) -> list[Boot]:
    """A machine writes, a new one replaces it; then the stack goes, another adopts the file system, and has a machine too."""
    with LocalAws(mount_target_seconds=0) as aws:
        subnets = _network(aws)
        deployer = Deployer(aws)
        user_data = _deploy(lab, aws, subnets)
        boots = [_boot(lab, user_data), _boot(lab, user_data)]
        for name in ("Consumer", "Creator"):
            deleted = deployer.delete(name, timeout=DEPLOY_SECONDS)
            assert deleted.succeeded, deleted.failures
        _mirror(lab, aws)
        [file_system] = aws.client("efs").describe_file_systems()["FileSystems"]
        return [*boots, _boot(lab, _deploy(lab, aws, subnets, file_system["FileSystemId"]))]


def _network(aws: LocalAws) -> tuple[str, list[str]]:
    """A VPC that belongs to neither stack, and a subnet in each zone."""
    client = aws.client("ec2")
    vpc_id = client.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    for attribute in ("EnableDnsSupport", "EnableDnsHostnames"):
        client.modify_vpc_attribute(VpcId=vpc_id, **{attribute: {"Value": True}})
    made = [
        client.create_subnet(VpcId=vpc_id, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=zone)
        for number, zone in enumerate(ZONES)
    ]
    return vpc_id, [answer["Subnet"]["SubnetId"] for answer in made]


def _deploy(lab: Lab, aws: LocalAws, network: tuple[str, list[str]], adopted: str | None = None) -> str:
    """Deploys a stack that creates a file system, or adopts one, with the access points, and one with a host.

    Returns:
        The user data of the host, which the local CloudFormation has put the ids into.
    """
    with ONE_AT_A_TIME:
        app = App()
        environment = Environment(account=aws.account, region=aws.region)
        storage = Stack(app, "Adopter" if adopted else "Creator", env=environment)
        consumer = Stack(app, "Consumer", env=environment)
        vpc = ec2.Vpc.from_vpc_attributes(
            storage, "Vpc", vpc_id=network[0], availability_zones=list(ZONES), isolated_subnet_ids=network[1]
        )
        efs = (
            GeuseEfs.adopt(storage, "Efs", file_system_id=adopted, vpc=vpc)
            if adopted
            else GeuseEfs(storage, "Efs", vpc=vpc)
        )
        host = instance(consumer, vpc)
        for name, user in SERVICES.items():
            efs.mount_on(host, f"/mnt/{name}", access_point=efs.access_point(name, path=f"/{name}", uid=user, gid=user))
        # The local AWS keeps the user data of an instance to itself.
        CfnOutput(consumer, "UserData", value=host.user_data.render())
        assembly = Path(app.synth().directory)
        names = [stack.artifact_id for stack in (storage, consumer)]
    for name in names:
        deployed = Deployer(aws).deploy(assembly, name, timeout=DEPLOY_SECONDS)
        assert deployed.succeeded, deployed.failures
    _mirror(lab, aws)
    return mutations.apply(deployed.outputs["UserData"] + "\n")


def _mirror(lab: Lab, aws: LocalAws) -> None:
    """The network has the file systems, access points and mount targets that the local AWS has now."""
    efs = aws.client("efs")
    file_systems = [found["FileSystemId"] for found in efs.describe_file_systems()["FileSystems"]]
    exports = {file_system: Export(file_system) for file_system in file_systems}
    for point in efs.describe_access_points()["AccessPoints"]:
        directory = point["FileSystemId"] + point["RootDirectory"]["Path"]
        exports[point["AccessPointId"]] = Export(directory, user=int(point["PosixUser"]["Uid"]))
    lab.serve(exports, [dns_name(file_system) for file_system in file_systems])
    lab.network.start_resolving()
    lab.network.silence_mount_target()
    if any(efs.describe_mount_targets(FileSystemId=file_system)["MountTargets"] for file_system in file_systems):
        lab.network.open_mount_target()


def _boot(lab: Lab, user_data: str) -> Boot:
    return lab.machine(user_data, then=READ_OR_WRITE).boot()


def data(boot: Boot) -> dict[str, str]:
    return {service: boot.one(service) for service in SERVICES}


pytestmark = pytest.mark.scenario(run=survives)


def test_each_service_writes_as_the_user_of_its_access_point(boots: list[Boot]) -> None:
    owners = {service: found.split()[0] for service, found in data(boots[0]).items()}
    assert owners == {service: f"{user}:{user}" for service, user in SERVICES.items()}


def test_a_machine_that_replaces_it_reads_the_same_data(boots: list[Boot]) -> None:
    assert data(boots[1]) == data(boots[0])


def test_the_machine_of_a_stack_that_adopts_the_file_system_reads_the_same_data(boots: list[Boot]) -> None:
    assert data(boots[2]) == data(boots[0])


def test_the_access_points_of_the_adoption_are_its_own(boots: list[Boot]) -> None:
    file_systems, options = ([{line.split()[at] for line in boot.all("fstab")} for boot in boots[1:]] for at in (0, 3))
    assert file_systems[0] == file_systems[1]
    assert [len(found) for found in (options[0] | options[1], options[0] & options[1])] == [8, 0]
