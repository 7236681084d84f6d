"""One behaviour of AWS, two imitations: the simulator and the local AWS answer alike, to plain clients.

Errors are compared by code and HTTP status. What only the simulator does stands at the end, each with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError
from botocore.parsers import ResponseParserError

from tests.simulator.backends import Backend, SimulatorBackend
from tests.simulator.faults import DENIED, RESET, SERVER_ERROR, THROTTLED, TRUNCATED, UNAVAILABLE, Fault, Slow

NOBODYS = {
    name: f"{name}-0a1b2c3d4e5f60789" for name in ("fs", "fsmt", "fsap", "subnet", "sg", "eni", "vpc", "pl", "rtb")
}
TAGS = [{"Key": "Name", "Value": "shared"}]


@contextmanager
def refused(code: str, status: int = 400) -> Iterator[None]:
    with pytest.raises(ClientError) as caught:
        yield
    given = caught.value.response
    assert (given["Error"]["Code"], given["ResponseMetadata"]["HTTPStatusCode"]) == (code, status)


def create(place: Backend, number: int = 0, **more: Any) -> dict[str, Any]:
    given = {"FileSystemId": place.file_system, "SubnetId": place.subnets[number], **more}
    created: dict[str, Any] = place.efs.create_mount_target(**given)
    return created


def states(place: Backend) -> list[str]:
    found = place.efs.describe_mount_targets(FileSystemId=place.file_system)["MountTargets"]
    return [one["LifeCycleState"] for one in found]


def interfaces(place: Backend, **filters: str) -> list[dict[str, Any]]:
    given = [{"Name": name.replace("_", "-"), "Values": [value]} for name, value in filters.items()]
    found: list[dict[str, Any]] = place.ec2.describe_network_interfaces(Filters=given)["NetworkInterfaces"]
    return found


# The life of a mount target


def test_a_mount_target_is_creating_until_its_time_is_over(place: Backend) -> None:
    assert create(place)["LifeCycleState"] == "creating"
    assert states(place) == ["creating"]
    place.until(lambda: states(place) == ["available"])


def test_a_zone_can_end_in_error_and_a_subnet_never_finish(place: Backend) -> None:
    place.outcomes({"us-east-1b": "error", place.subnets[2]: "creating"})
    for number in range(3):
        create(place, number)
    place.until(lambda: states(place) == ["available", "error", "creating"])


def test_a_deleted_mount_target_is_deleting_before_it_is_gone_and_its_interface_with_it(place: Backend) -> None:
    place.configure(deleting=place.moment)
    created = create(place)
    place.efs.delete_mount_target(MountTargetId=created["MountTargetId"])
    assert states(place) == ["deleting"]
    assert interfaces(place, vpc_id=place.vpc)
    place.until(lambda: states(place) == [])
    assert interfaces(place, vpc_id=place.vpc) == []
    with refused("MountTargetNotFound", 404):
        place.efs.delete_mount_target(MountTargetId=created["MountTargetId"])


def test_a_file_system_says_how_many_mount_targets_it_has(place: Backend) -> None:
    create(place)
    [one] = place.efs.describe_file_systems(FileSystemId=place.file_system)["FileSystems"]
    assert (one["NumberOfMountTargets"], one["LifeCycleState"], one["Encrypted"]) == (1, "available", True)


def test_tags_are_added_replaced_and_removed(place: Backend) -> None:
    def tags() -> dict[str, str]:
        [one] = place.efs.describe_file_systems(FileSystemId=place.file_system)["FileSystems"]
        return {tag["Key"]: tag["Value"] for tag in one["Tags"]}

    place.efs.tag_resource(ResourceId=place.file_system, Tags=[*TAGS, {"Key": "a", "Value": "b"}])
    place.efs.tag_resource(ResourceId=place.file_system, Tags=[{"Key": "a", "Value": "c"}])
    assert tags() == {"Name": "shared", "a": "c"}
    place.efs.untag_resource(ResourceId=place.file_system, TagKeys=["a", "never set"])
    assert tags() == {"Name": "shared"}


# Finding


def test_mount_targets_are_found_by_file_system_by_id_and_by_access_point(place: Backend) -> None:
    names = [create(place, number)["MountTargetId"] for number in range(2)]
    access_point = place.new_access_point()

    def found(**by: str) -> list[str]:
        return [one["MountTargetId"] for one in place.efs.describe_mount_targets(**by)["MountTargets"]]

    assert found(FileSystemId=place.file_system) == found(AccessPointId=access_point) == names
    assert found(MountTargetId=names[1]) == names[1:]


@pytest.mark.parametrize("by", [(), ("FileSystemId", "MountTargetId")])
def test_mount_targets_are_described_by_exactly_one_id(place: Backend, by: tuple[str, ...]) -> None:
    created = create(place)
    with refused("BadRequest"):
        place.efs.describe_mount_targets(**{name: created[name] for name in by})


def test_mount_targets_and_file_systems_come_in_pages_whatever_max_items_says(place: Backend) -> None:
    targets = [create(place, number)["MountTargetId"] for number in range(3)]
    systems = [place.file_system, place.new_file_system(), place.new_file_system()]
    place.configure(page=2)
    for operation, given, listed, name, expected in (
        ("describe_mount_targets", {"FileSystemId": place.file_system}, "MountTargets", "MountTargetId", targets),
        ("describe_file_systems", {}, "FileSystems", "FileSystemId", systems),
    ):
        call = getattr(place.efs, operation)
        first = call(**given, MaxItems=100)
        assert [one[name] for one in first[listed]] == expected[:2]
        second = call(**given, Marker=first["NextMarker"])
        assert [one[name] for one in second[listed]] == expected[2:]
        assert "NextMarker" not in second


def test_a_mount_target_has_a_requester_managed_interface_that_names_it(place: Backend) -> None:
    group = place.new_group()
    created = create(place, SecurityGroups=[group])
    name = created["NetworkInterfaceId"]
    [interface] = place.ec2.describe_network_interfaces(NetworkInterfaceIds=[name])["NetworkInterfaces"]
    assert interface["Description"] == f"Mount target {created['MountTargetId']} for file system {place.file_system}"
    assert interface["RequesterManaged"] is True
    assert interface["PrivateIpAddress"] == created["IpAddress"]
    assert (interface["SubnetId"], interface["VpcId"]) == (created["SubnetId"], place.vpc)
    assert [one["GroupId"] for one in interface["Groups"]] == [group]


def test_the_interface_follows_the_groups_of_its_mount_target(place: Backend) -> None:
    created, groups = create(place), [place.new_group(), place.new_group()]
    place.until(lambda: states(place) == ["available"])
    name = created["MountTargetId"]
    place.efs.modify_mount_target_security_groups(MountTargetId=name, SecurityGroups=groups)
    assert place.efs.describe_mount_target_security_groups(MountTargetId=name)["SecurityGroups"] == groups
    [interface] = interfaces(place, group_id=groups[1])
    assert interface["NetworkInterfaceId"] == created["NetworkInterfaceId"]


def test_the_interface_can_be_tagged(place: Backend) -> None:
    name = create(place)["NetworkInterfaceId"]
    place.ec2.create_tags(Resources=[name], Tags=TAGS)
    [interface] = interfaces(place, network_interface_id=name)
    assert interface["TagSet"] == TAGS


@pytest.mark.parametrize("name", ["network-interface-id", "description", "vpc-id", "subnet-id", "group-id"])
def test_interfaces_are_found_by_filter_and_an_unknown_value_finds_none(place: Backend, name: str) -> None:
    group = place.new_group()
    first, second = create(place, 0, SecurityGroups=[group]), create(place, 1)
    wanted = {
        "network-interface-id": first["NetworkInterfaceId"],
        "description": f"Mount target {first['MountTargetId']} *",
        "vpc-id": place.vpc,
        "subnet-id": first["SubnetId"],
        "group-id": group,
    }
    both = [first["NetworkInterfaceId"], second["NetworkInterfaceId"]]
    found = [one["NetworkInterfaceId"] for one in interfaces(place, **{name: wanted[name]})]
    assert found == (both if name == "vpc-id" else both[:1])
    assert interfaces(place, **{name: "something-else"}) == []


@pytest.mark.parametrize(
    ("operation", "listed", "key", "name"),
    [("describe_subnets", "Subnets", "SubnetId", "subnet-id"),
     ("describe_security_groups", "SecurityGroups", "GroupId", "group-id")],
)  # fmt: skip
def test_subnets_and_groups_are_found_by_id_and_by_filter(
    place: Backend, operation: str, listed: str, key: str, name: str
) -> None:
    one, _ = wanted = (
        [place.subnets[0], place.subnets[1]] if key == "SubnetId" else [place.new_group(), place.new_group()]
    )
    call = getattr(place.ec2, operation)

    def found(**by: Any) -> list[str]:
        return [each[key] for each in call(**by)[listed]]

    assert found(**{f"{key}s": [one]}) == [one]
    assert sorted(found(Filters=[{"Name": name, "Values": [*wanted, NOBODYS["rtb"]]}])) == sorted(wanted)
    assert found(Filters=[{"Name": name, "Values": [NOBODYS["rtb"]]}]) == []
    assert set(wanted) <= set(found(Filters=[{"Name": "vpc-id", "Values": [place.vpc]}]))


def test_an_unknown_filter_is_refused(place: Backend) -> None:
    with refused("InvalidParameterValue"):
        interfaces(place, colour="blue")


@pytest.mark.parametrize(
    ("operation", "listed"),
    [("describe_network_interfaces", "NetworkInterfaces"),
     ("describe_subnets", "Subnets"),
     ("describe_security_groups", "SecurityGroups")],
)  # fmt: skip
def test_network_interfaces_subnets_and_groups_come_in_pages(place: Backend, operation: str, listed: str) -> None:
    for _ in range(5):
        place.new_group()
        place.efs.create_mount_target(FileSystemId=place.new_file_system(), SubnetId=place.new_subnet())
    create(place, 0)
    create(place, 1)
    call, ours = getattr(place.ec2, operation), [{"Name": "vpc-id", "Values": [place.vpc]}]
    every = call(Filters=ours)
    first = call(Filters=ours, MaxResults=5)
    second = call(Filters=ours, MaxResults=5, NextToken=first["NextToken"])
    assert len(first[listed]) == 5
    assert [*first[listed], *second[listed]][:6] == every[listed][:6]
    assert "NextToken" not in every


def test_a_vpc_tells_one_attribute_a_call(place: Backend) -> None:
    assert place.ec2.describe_vpc_attribute(VpcId=place.vpc, Attribute="enableDnsSupport")["EnableDnsSupport"]["Value"]


# What is not there

EFS_404 = [
    ("describe_file_systems", {"FileSystemId": "fs"}, "FileSystemNotFound"),
    ("delete_file_system", {"FileSystemId": "fs"}, "FileSystemNotFound"),
    ("describe_backup_policy", {"FileSystemId": "fs"}, "FileSystemNotFound"),
    ("describe_file_system_policy", {"FileSystemId": "fs"}, "FileSystemNotFound"),
    ("describe_mount_targets", {"FileSystemId": "fs"}, "FileSystemNotFound"),
    ("describe_mount_targets", {"MountTargetId": "fsmt"}, "MountTargetNotFound"),
    ("describe_mount_targets", {"AccessPointId": "fsap"}, "AccessPointNotFound"),
    ("describe_access_points", {"AccessPointId": "fsap"}, "AccessPointNotFound"),
    ("describe_mount_target_security_groups", {"MountTargetId": "fsmt"}, "MountTargetNotFound"),
    ("delete_mount_target", {"MountTargetId": "fsmt"}, "MountTargetNotFound"),
    ("modify_mount_target_security_groups", {"MountTargetId": "fsmt"}, "MountTargetNotFound"),
    ("create_mount_target", {"FileSystemId": "fs", "SubnetId": "subnet"}, "FileSystemNotFound"),
]


@pytest.mark.parametrize(("operation", "given", "code"), EFS_404, ids=[f"{one[0]}-{one[2]}" for one in EFS_404])
def test_efs_refuses_an_unknown_id(place: Backend, operation: str, given: dict[str, str], code: str) -> None:
    with refused(code, 404):
        getattr(place.efs, operation)(**{name: NOBODYS[value] for name, value in given.items()})


def test_tags_of_an_unknown_file_system_are_refused(place: Backend) -> None:
    with refused("FileSystemNotFound", 404):
        place.efs.tag_resource(ResourceId=NOBODYS["fs"], Tags=TAGS)
    with refused("FileSystemNotFound", 404):
        place.efs.untag_resource(ResourceId=NOBODYS["fs"], TagKeys=["Name"])


def test_a_mount_target_needs_a_subnet_and_groups_that_exist(place: Backend) -> None:
    with refused("SubnetNotFound"):
        create(place, SubnetId=NOBODYS["subnet"])
    with refused("SecurityGroupNotFound"):
        create(place, SecurityGroups=[NOBODYS["sg"]])
    created = create(place)
    place.until(lambda: states(place) == ["available"])
    with refused("SecurityGroupNotFound"):
        place.efs.modify_mount_target_security_groups(
            MountTargetId=created["MountTargetId"], SecurityGroups=[NOBODYS["sg"]]
        )


def test_a_file_system_without_a_policy_says_so(place: Backend) -> None:
    with refused("PolicyNotFound", 404):
        place.efs.describe_file_system_policy(FileSystemId=place.file_system)


EC2_UNKNOWN: list[tuple[str, dict[str, Any], str]] = [
    ("describe_network_interfaces", {"NetworkInterfaceIds": [NOBODYS["eni"]]}, "InvalidNetworkInterfaceID.NotFound"),
    ("create_tags", {"Resources": [NOBODYS["eni"]], "Tags": TAGS}, "InvalidNetworkInterfaceID.NotFound"),
    ("describe_subnets", {"SubnetIds": [NOBODYS["subnet"]]}, "InvalidSubnetID.NotFound"),
    ("delete_subnet", {"SubnetId": NOBODYS["subnet"]}, "InvalidSubnetID.NotFound"),
    ("describe_security_groups", {"GroupIds": [NOBODYS["sg"]]}, "InvalidGroup.NotFound"),
    ("delete_security_group", {"GroupId": NOBODYS["sg"]}, "InvalidGroup.NotFound"),
    ("describe_vpc_attribute", {"VpcId": NOBODYS["vpc"], "Attribute": "enableDnsSupport"}, "InvalidVpcID.NotFound"),
    ("get_managed_prefix_list_entries", {"PrefixListId": NOBODYS["pl"]}, "InvalidPrefixListID.NotFound"),
]


@pytest.mark.parametrize(("operation", "given", "code"), EC2_UNKNOWN, ids=[one[0] for one in EC2_UNKNOWN])
def test_ec2_refuses_an_unknown_id(place: Backend, operation: str, given: dict[str, Any], code: str) -> None:
    with refused(code):
        getattr(place.ec2, operation)(**given)


# Limits, and what is in use


def test_a_mount_target_takes_five_security_groups(place: Backend) -> None:
    groups = [place.new_group() for _ in range(6)]
    with refused("SecurityGroupLimitExceeded"):
        create(place, SecurityGroups=groups)
    created = create(place, SecurityGroups=groups[:5])
    place.until(lambda: states(place) == ["available"])
    with refused("SecurityGroupLimitExceeded"):
        place.efs.modify_mount_target_security_groups(MountTargetId=created["MountTargetId"], SecurityGroups=groups)


def test_groups_of_a_mount_target_are_modified_only_while_it_is_available(place: Backend) -> None:
    place.outcomes({place.subnets[1]: "error", place.subnets[2]: "creating"})
    _, failed, unfinished = (create(place, number)["MountTargetId"] for number in range(3))
    place.until(lambda: states(place) == ["available", "error", "creating"])
    for name in (failed, unfinished):
        with refused("IncorrectMountTargetState", 409):
            place.efs.modify_mount_target_security_groups(MountTargetId=name, SecurityGroups=[place.new_group()])


def test_a_zone_takes_one_mount_target(place: Backend) -> None:
    create(place)
    with refused("MountTargetConflict", 409):
        create(place, SubnetId=place.new_subnet())


def test_a_full_subnet_takes_no_mount_target(place: Backend) -> None:
    subnet = place.new_subnet(addresses=1)
    place.efs.create_mount_target(FileSystemId=place.new_file_system(), SubnetId=subnet)
    with refused("NoFreeAddressesInSubnet", 409):
        create(place, SubnetId=subnet)


def test_what_a_mount_target_uses_cannot_be_deleted_before_it_is_gone(place: Backend) -> None:
    place.configure(deleting=place.moment)
    group = place.new_group()
    created = create(place, SecurityGroups=[group])

    def refuses_all() -> None:
        with refused("DependencyViolation"):
            place.ec2.delete_security_group(GroupId=group)
        with refused("DependencyViolation"):
            place.ec2.delete_subnet(SubnetId=place.subnets[0])
        with refused("FileSystemInUse", 409):
            place.efs.delete_file_system(FileSystemId=place.file_system)

    refuses_all()
    place.efs.delete_mount_target(MountTargetId=created["MountTargetId"])
    refuses_all()
    place.until(lambda: states(place) == [])
    place.ec2.delete_security_group(GroupId=group)
    place.ec2.delete_subnet(SubnetId=place.subnets[0])
    place.efs.delete_file_system(FileSystemId=place.file_system)


# Rights


def test_a_role_may_do_what_its_policy_says_to_one_file_system_and_no_more(place: Backend) -> None:
    other = place.new_file_system()
    ours, theirs = create(place), place.efs.create_mount_target(FileSystemId=other, SubnetId=place.subnets[1])
    prefix = f"{place.account}:"
    efs, ec2 = place.role(
        {
            "Effect": "Allow",
            "Action": ["elasticfilesystem:Describe*", "elasticfilesystem:*Resource"],
            "Resource": f"arn:aws:elasticfilesystem:us-east-1:{prefix}file-system/{place.file_system}",
        },
        {
            "Effect": "Allow",
            "Action": "ec2:CreateTags",
            "Resource": f"arn:aws:ec2:us-east-1:{prefix}network-interface/*",
            "Condition": {
                "ArnEquals": {"ec2:Subnet": [f"arn:aws:ec2:us-east-1:{prefix}subnet/{place.subnets[0]}"]},
                "ForAllValues:StringEquals": {"aws:TagKeys": ["Name", "team"]},
            },
        },
        {
            "Effect": "Allow",
            "Action": "ec2:DescribeNetworkInterfaces",
            "Resource": "*",
            "Condition": {"StringEquals": {"ec2:Region": "us-east-1"}},
        },
        {
            "Effect": "Allow",
            "Action": "ec2:DescribeSubnets",
            "Resource": "*",
            "Condition": {"StringEquals": {"ec2:Region": "eu-west-1"}},
        },
    )
    efs.tag_resource(ResourceId=place.file_system, Tags=TAGS)
    assert len(efs.describe_mount_targets(FileSystemId=place.file_system)["MountTargets"]) == 1
    efs.describe_mount_target_security_groups(MountTargetId=ours["MountTargetId"])
    with refused("AccessDeniedException", 403):
        efs.describe_mount_target_security_groups(MountTargetId=theirs["MountTargetId"])
    with refused("AccessDeniedException", 403):
        efs.describe_file_systems(FileSystemId=other)
    with refused("AccessDeniedException", 403):
        efs.delete_mount_target(MountTargetId=ours["MountTargetId"])

    ec2.create_tags(Resources=[ours["NetworkInterfaceId"]], Tags=TAGS)
    ec2.describe_network_interfaces()
    with refused("UnauthorizedOperation", 403):
        ec2.create_tags(Resources=[theirs["NetworkInterfaceId"]], Tags=TAGS)
    with refused("UnauthorizedOperation", 403):
        ec2.create_tags(Resources=[ours["NetworkInterfaceId"]], Tags=[{"Key": "colour", "Value": "blue"}])
    with refused("UnauthorizedOperation", 403):
        ec2.describe_subnets()


# Faults


@pytest.mark.parametrize("kind", [THROTTLED, SERVER_ERROR, UNAVAILABLE, DENIED])
def test_calls_end_in_an_error_until_its_times_are_over(place: Backend, kind: Callable[[str], Fault]) -> None:
    for service, operation, call in (
        ("efs", "DescribeFileSystems", place.efs.describe_file_systems),
        ("ec2", "DescribeNetworkInterfaces", place.ec2.describe_network_interfaces),
    ):
        fault = kind(service)
        place.fail(operation, fault, times=2)
        for _ in range(2):
            with refused(fault.code, fault.status):
                call()
        call()


def test_a_fault_for_one_subnet_spares_the_others(place: Backend) -> None:
    place.fail("CreateMountTarget", Fault("NoFreeAddressesInSubnet"), SubnetId=place.subnets[0])
    create(place, 1)
    with refused("NoFreeAddressesInSubnet", 409):
        create(place, 0)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize(
    ("effect", "error"),
    [(Fault("InternalServerError"), ClientError), (RESET, ConnectionClosedError), (TRUNCATED, None), (Slow(0.1), None)],
    ids=["error", "reset", "truncated", "slow"],
)
def test_a_fault_comes_before_the_effect_or_after_it(place: Backend, effect: Any, error: Any, after: bool) -> None:
    place.fail("CreateMountTarget", effect, after=after)
    if error:
        with pytest.raises(error):
            create(place)
    else:
        # A slow answer is a whole one.
        assert ("MountTargetId" in create(place)) == isinstance(effect, Slow)
    assert bool(states(place)) == (after or isinstance(effect, Slow))


def test_a_cut_body_is_an_empty_answer_of_efs_and_an_error_of_ec2(place: Backend) -> None:
    place.fail("DescribeMountTargets", TRUNCATED, after=True)
    assert "MountTargets" not in place.efs.describe_mount_targets(FileSystemId=place.file_system)
    place.fail("DescribeNetworkInterfaces", TRUNCATED, after=True)
    with pytest.raises(ResponseParserError):
        place.ec2.describe_network_interfaces()
    name = create(place)["NetworkInterfaceId"]
    place.fail("CreateTags", TRUNCATED, after=True)
    with pytest.raises(ResponseParserError):
        place.ec2.create_tags(Resources=[name], Tags=TAGS)
    assert interfaces(place)[0]["TagSet"] == TAGS


def test_a_call_that_takes_longer_than_the_client_waits_takes_effect(place: Backend) -> None:
    efs, too_slow = place.impatient()
    place.fail("CreateMountTarget", too_slow)
    with pytest.raises(ReadTimeoutError):
        efs.create_mount_target(FileSystemId=place.file_system, SubnetId=place.subnets[0])
    place.until(lambda: states(place))


# Requests to a custom resource


def test_a_success_is_deleted_with_the_id_it_answered_and_properties_are_texts(place: Backend, folder: Path) -> None:
    body = 'answer(event, Status="SUCCESS", PhysicalResourceId="mine")'
    deployed = place.deploy(body, folder, delete=True, Number=1, Yes=[True])
    assert deployed.reason is None
    sent = [(one["RequestType"], one.get("PhysicalResourceId")) for one in deployed.requests]
    assert sent == [("Create", None), ("Delete", "mine")]
    for one in deployed.requests:
        assert (one["ResourceProperties"]["Number"], one["ResourceProperties"]["Yes"]) == ("1", ["true"])


def test_a_failed_create_is_followed_by_a_delete_with_the_id_it_answered(place: Backend, folder: Path) -> None:
    body = """
    status = "FAILED" if kind == "Create" else "SUCCESS"
    answer(event, Status=status, Reason="no mount target", PhysicalResourceId="mine")
    """
    deployed = place.deploy(body, folder)
    assert "no mount target" in str(deployed.reason)
    sent = [(one["RequestType"], one.get("PhysicalResourceId")) for one in deployed.requests]
    assert sent == [("Create", None), ("Delete", "mine")]


def test_a_failed_create_without_an_id_is_followed_by_a_delete_with_an_invented_one(
    place: Backend, folder: Path
) -> None:
    body = """
    if kind == "Create":
        return answer(event, Status="FAILED", Reason="no id")
    answer(event, Status="SUCCESS", PhysicalResourceId=event["PhysicalResourceId"])
    """
    create, delete = place.deploy(body, folder).requests
    assert (create["RequestType"], delete["RequestType"]) == ("Create", "Delete")
    assert delete["LogicalResourceId"] in delete["PhysicalResourceId"]


def test_a_create_without_an_id_is_a_failure(place: Backend, folder: Path) -> None:
    deployed = place.deploy(
        'answer(event, Status="SUCCESS", PhysicalResourceId=event.get("PhysicalResourceId"))', folder
    )
    assert "Invalid PhysicalResourceId" in str(deployed.reason)


def test_an_attempt_that_crashes_is_run_again_with_the_same_request(place: Backend, folder: Path) -> None:
    body = """
    if len(told()) < 3:
        raise RuntimeError("crash")
    answer(event, Status="SUCCESS", PhysicalResourceId="mine")
    """
    deployed = place.deploy(body, folder)
    assert deployed.reason is None
    assert len(deployed.requests) == 3
    assert len({one["RequestId"] for one in deployed.requests}) == 1


def test_an_attempt_is_run_three_times_at_most_and_then_there_is_no_answer(place: Backend, folder: Path) -> None:
    body = """
    if kind == "Delete":
        return answer(event, Status="SUCCESS", PhysicalResourceId=event["PhysicalResourceId"])
    raise RuntimeError("crash")
    """
    deployed = place.deploy(body, folder)
    assert "did not receive a response" in str(deployed.reason)
    assert [one["RequestType"] for one in deployed.requests] == ["Create"] * 3 + ["Delete"]


def test_an_answer_over_4096_bytes_is_a_failure(place: Backend, folder: Path) -> None:
    body = """
    data = {"Text": "x" * 4096} if kind == "Create" else {}
    answer(event, Status="SUCCESS", PhysicalResourceId="mine", Data=data)
    """
    assert "Response object is too long." in str(place.deploy(body, folder).reason)


# The simulator alone


def test_a_file_system_that_is_not_available_takes_no_mount_target(lab_place: SimulatorBackend) -> None:
    # The local AWS has no way to bring a file system into another state.
    lab_place.aws.add_file_system("fs-00000002", LifeCycleState="creating")
    with refused("IncorrectFileSystemLifeCycleState", 409):
        create(lab_place, FileSystemId="fs-00000002")


def test_a_file_system_takes_fifty_tags(lab_place: SimulatorBackend) -> None:
    # The error of EFS for the 51st is not documented, so the local AWS is left as it is.
    tags = [{"Key": f"k{number}", "Value": "v"} for number in range(50)]
    lab_place.efs.tag_resource(ResourceId=lab_place.file_system, Tags=tags)
    with refused("BadRequest"):
        lab_place.efs.tag_resource(ResourceId=lab_place.file_system, Tags=TAGS)


def test_a_network_interface_takes_fifty_tags(lab_place: SimulatorBackend) -> None:
    # The waiter sends the tags of a stack, of which CloudFormation takes fifty at most: the local AWS is left as it is.
    name = create(lab_place)["NetworkInterfaceId"]
    lab_place.ec2.create_tags(Resources=[name], Tags=[{"Key": f"k{number}", "Value": "v"} for number in range(50)])
    lab_place.ec2.create_tags(Resources=[name], Tags=[{"Key": "k0", "Value": "other"}])
    with refused("TagLimitExceeded"):
        lab_place.ec2.create_tags(Resources=[name], Tags=TAGS)


def test_mount_targets_come_ten_a_page(lab_place: SimulatorBackend) -> None:
    # More than a region has zones, so the local AWS is left as it is.
    for number in range(11):
        lab_place.aws.add_mount_target(lab_place.new_subnet(zone=f"{number:x}"))
    page = lab_place.efs.describe_mount_targets(FileSystemId=lab_place.file_system, MaxItems=100)
    assert (len(page["MountTargets"]), page["NextMarker"]) == (10, "10")


def test_a_file_system_without_a_backup_policy_says_so(lab_place: SimulatorBackend) -> None:
    # MiniStack answers DISABLED instead, which the waiter judges alike.
    lab_place.aws.file_systems[lab_place.file_system].backup = None
    with refused("PolicyNotFound", 404):
        lab_place.efs.describe_backup_policy(FileSystemId=lab_place.file_system)
