"""Adoption on the local AWS: the synthesised stack, its real Lambda, IAM evaluation on."""

from __future__ import annotations

import pytest

from local.emulator.local_aws import LocalAws
from tests.integration.existing import ZONES, Adopt, Existing, refusal
from tests.support.deployer import Deployer


def test_only_what_is_missing_is_created_and_tagged_and_only_that_is_updated_and_deleted(
    aws: LocalAws, existing: Existing, adopt: Adopt, deployer: Deployer
) -> None:
    result = adopt(deployment="demo")
    assert result.status == "CREATE_COMPLETE", result.failures
    targets, made = existing.targets(), existing.by_zone()
    states = {target["AvailabilityZoneName"]: target["LifeCycleState"] for target in targets}
    assert states == dict.fromkeys(ZONES, "available")
    interfaces = aws.client("ec2").describe_network_interfaces(
        NetworkInterfaceIds=[target["NetworkInterfaceId"] for target in targets]
    )["NetworkInterfaces"]
    tagged = {interface["AvailabilityZone"] for interface in interfaces if interface["TagSet"]}
    assert tagged == {"us-east-1b", "us-east-1c"}
    updated = adopt(zones=ZONES[:2], deployment="demo")
    assert updated.status == "UPDATE_COMPLETE", updated.failures
    assert existing.by_zone() == {zone: made[zone] for zone in ZONES[:2]}
    deleted = deployer.delete("Adopter")
    assert deleted.status == "DELETE_COMPLETE", deleted.failures
    existing.check_nothing_is_left()


@pytest.mark.check  # waits in real seconds
def test_of_a_creation_that_fails_half_way_nothing_is_left(aws: LocalAws, existing: Existing, adopt: Adopt) -> None:
    aws.configure(final_states={"us-east-1c": "error"})
    result = adopt()
    assert result.status == "ROLLBACK_COMPLETE", result.failures
    assert "in us-east-1c is error" in refusal(result)
    existing.check_nothing_is_left()


def test_every_error_is_in_one_reason_and_nothing_is_changed(aws: LocalAws, existing: Existing, adopt: Adopt) -> None:
    aws.client("ec2").revoke_security_group_ingress(GroupId=existing.group, IpPermissions=existing.ingress)
    result = adopt(create_missing=False)
    assert result.status == "ROLLBACK_COMPLETE"
    for words in ("mount-target-missing us-east-1b", "mount-target-missing us-east-1c", "ingress-missing"):
        assert words in refusal(result)
    existing.check_nothing_is_left()
