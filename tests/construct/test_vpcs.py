"""VPCs that are looked up, imported with lists of tokens, or reach into local zones."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Fn, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_efs as efs
from aws_cdk import aws_ssm as ssm

from geuse_efs import GeuseEfs, MountTargetsReady
from tests.construct.adopting import ID, adopt, known
from tests.construct.templates import MOUNT_TARGET, READINESS, import_vpc, of_type, properties_of, resources_of

MAKERS: Mapping[str, Callable[..., Any]] = {
    "created": lambda stack, **given: GeuseEfs(stack, "Efs", **given),
    "adopted": lambda stack, **given: GeuseEfs.adopt(stack, "Efs", file_system_id=ID, **given),
}
either = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)


def _looked_up(app: App) -> list[str]:
    """What the CDK CLI is going to look up."""
    manifest = json.loads(Path(app.synth().directory, "manifest.json").read_text())
    return [entry["provider"] for entry in manifest["missing"]]


SELECTIONS = {
    "name": ec2.SubnetSelection(subnet_group_name="Data"),
    "zone": ec2.SubnetSelection(availability_zones=["us-east-1a"]),
    "id": ec2.SubnetSelection(subnet_filters=[ec2.SubnetFilter.by_ids(["subnet-0000000a"])]),
    "type": ec2.SubnetSelection(subnet_type=ec2.SubnetType.PUBLIC),
}


@either
@pytest.mark.parametrize("selection", SELECTIONS.values(), ids=SELECTIONS)
def test_nothing_is_judged_before_the_vpc_is_looked_up(
    selection: ec2.SubnetSelection, make: Callable[..., Any], app: App
) -> None:
    stack = known(app)
    make(stack, vpc=ec2.Vpc.from_lookup(stack, "Vpc", vpc_id="vpc-0123456789abcdef0"), vpc_subnets=selection)
    assert _looked_up(app) == ["vpc-provider"]


def test_one_zone_waits_for_the_lookup_too(app: App) -> None:
    stack = known(app)
    vpc = ec2.Vpc.from_lookup(stack, "Vpc", vpc_id="vpc-0123456789abcdef0")
    GeuseEfs(stack, "Efs", vpc=vpc, vpc_subnets=ec2.SubnetSelection(one_per_az=True), one_zone=True)
    assert len(of_type(resources_of(stack), MOUNT_TARGET)) == 1


def test_mount_targets_of_the_cdk_wait_for_the_lookup_too(app: App) -> None:
    stack = known(app)
    vpc = ec2.Vpc.from_lookup(stack, "Vpc", vpc_id="vpc-0123456789abcdef0")
    files = efs.FileSystem(stack, "Files", vpc=vpc, vpc_subnets=SELECTIONS["name"])
    MountTargetsReady(stack, "Ready", file_system=files)
    assert _looked_up(app) == ["vpc-provider"]


def test_fixed_addresses_wait_for_the_lookups_too(app: App) -> None:
    stack = known(app)
    vpc = ec2.Vpc.from_lookup(stack, "Vpc", vpc_id="vpc-0123456789abcdef0")
    address = ssm.StringParameter.value_from_lookup(stack, "/storage/address")
    GeuseEfs(stack, "Efs", vpc=vpc, ip_addresses={"us-east-1a": address})
    assert sorted(_looked_up(app)) == ["ssm", "vpc-provider"]


def test_an_id_that_is_looked_up_passes_in_the_first_pass(app: App) -> None:
    stack = known(app)
    adopt(stack, import_vpc(stack), file_system_id=ssm.StringParameter.value_from_lookup(stack, "/storage/id"))
    assert _looked_up(app) == ["ssm"]


def _split(name: str) -> list[str]:
    return Fn.split(",", Fn.import_value(name))


LISTS: Mapping[str, Callable[[], dict[str, Any]]] = {
    "zones": lambda: {"availability_zones": Fn.get_azs(), "private_subnet_ids": ["subnet-00000001", "subnet-00000002"]},
    "subnets": lambda: {"availability_zones": ["us-east-1a"], "private_subnet_ids": _split("subnets")},
}


@pytest.mark.parametrize("lists", LISTS.values(), ids=LISTS)
def test_a_list_of_unknown_length_is_refused(lists: Callable[[], dict[str, Any]], stack: Stack) -> None:
    vpc = ec2.Vpc.from_vpc_attributes(stack, "Vpc", vpc_id=Fn.import_value("vpc"), **lists())
    with pytest.raises(ValueError, match=r"Storage/Vpc, .* known at synth\. Import .*\[Fn\.select\(i, Fn\.split\("):
        GeuseEfs(stack, "Efs", vpc=vpc)


@either
def test_a_vpc_without_subnets_is_refused(make: Callable[..., Any], stack: Stack) -> None:
    vpc = ec2.Vpc.from_vpc_attributes(stack, "Vpc", vpc_id="vpc-01234567", availability_zones=["us-east-1a"])
    with pytest.raises(
        ValueError, match=r"^Storage/Vpc has no subnets \(.*; import it with them, .* or give vpc_subnets="
    ):
        make(stack, vpc=vpc)


LOCAL_ZONES = ("us-east-1-bos-1a", "us-east-1-wl1-bos-wlz-1", "us-gov-west-1-xyz-1a")


def test_local_zones_are_not_in_the_default_selection(stack: Stack) -> None:
    storage = GeuseEfs(stack, "Efs", vpc=import_vpc(stack, ["us-east-1a", *LOCAL_ZONES]))
    assert [target.availability_zone for target in storage.mount_targets] == ["us-east-1a"]


def test_a_vpc_of_local_zones_only_has_no_subnet_for_it(stack: Stack) -> None:
    with pytest.raises(ValueError, match=r"^Storage/Vpc has no subnet in an availability zone, only in local zones"):
        GeuseEfs(stack, "Efs", vpc=import_vpc(stack, LOCAL_ZONES[:1]))


def test_a_local_zone_that_is_selected_is_refused(stack: Stack) -> None:
    selection = ec2.SubnetSelection(availability_zones=[LOCAL_ZONES[0]])
    with pytest.raises(ValueError, match="vpc_subnets has subnets in us-east-1-bos-1a; EFS has mount targets in av"):
        GeuseEfs(stack, "Efs", vpc=import_vpc(stack, ["us-east-1a", LOCAL_ZONES[0]]), vpc_subnets=selection)


def test_an_adoption_leaves_a_local_zone_that_is_selected_to_the_findings(stack: Stack) -> None:
    selection = ec2.SubnetSelection(availability_zones=[LOCAL_ZONES[0]])
    adopt(stack, import_vpc(stack, ["us-east-1a", LOCAL_ZONES[0]]), vpc_subnets=selection)
    assert properties_of(READINESS, stack)["Adopt"]["Subnets"].keys() == {LOCAL_ZONES[0]}


def test_a_subnet_without_latin_letters_has_a_key(stack: Stack) -> None:
    vpc = import_vpc(stack)
    subnet = ec2.Subnet(
        stack,
        "私有",
        vpc_id=vpc.vpc_id,
        availability_zone=Fn.select(0, Fn.get_azs()),
        cidr_block="10.0.0.0/24",
    )
    GeuseEfs(stack, "Efs", vpc=vpc, vpc_subnets=ec2.SubnetSelection(subnets=[subnet]))
    assert properties_of(READINESS, stack)["MountTargets"].keys() == {subnet.node.addr[-8:]}
