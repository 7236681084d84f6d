"""Operations of EC2, each as the EC2 API reference describes the one of its name.

What is asked for by id must exist; what is asked for by filter may be absent. A mount target has one network interface,
which EFS manages (EFS API reference, CreateMountTarget).
"""

# ruff: noqa: N802, N803 (operations and parameters are named as the API names them)

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from tests.simulator.efs import free_addresses
from tests.simulator.faults import Answer, Fault

if TYPE_CHECKING:
    from tests.simulator.account import Account

MAX_TAGS = 50
"""Tags of one resource, without AWS's own (EC2 user guide, "Tag restrictions"; the error: EC2 API reference, error codes)."""
MAX_TAG_KEY, MAX_TAG_VALUE = 128, 256
"""Characters (the same page)."""

Described = dict[str, Any]
Given = list[str] | None
Filters = list[dict[str, Any]] | None

_FILTERS = {
    "network-interface-id": "NetworkInterfaceId",
    "description": "Description",
    "subnet-id": "SubnetId",
    "vpc-id": "VpcId",
    "availability-zone": "AvailabilityZone",
    "group-name": "GroupName",
}
"""Which field each filter compares; `group-id` also compares the groups of an interface."""


def DescribeNetworkInterfaces(
    aws: Account,
    NetworkInterfaceIds: Given = None,
    Filters: Filters = None,
    MaxResults: int = 1000,
    NextToken: str = "0",
) -> Answer:
    """Those of the mount targets, as late as `Account.ec2_staleness` says."""
    found = _chosen(
        interfaces(aws, aws.clock.now() - aws.ec2_staleness()),
        "NetworkInterfaceId",
        NetworkInterfaceIds,
        Filters,
        "InvalidNetworkInterfaceID.NotFound",
    )
    return _page("NetworkInterfaces", found, min(MaxResults, aws.page_size), NextToken)


def interfaces(aws: Account, then: float | None = None) -> list[Described]:
    """The network interfaces of all mount targets that are not gone, as of some time."""
    when = aws.clock.now() if then is None else then
    return [
        _interface(aws, target.description, target.groups_at(when))
        for target in aws.mount_targets.values()
        if target.state(when)
    ]


def _interface(aws: Account, target: Mapping[str, Any], groups: Iterable[str]) -> Described:
    name = target["NetworkInterfaceId"]
    return {
        "NetworkInterfaceId": name,
        "Description": f"Mount target {target['MountTargetId']} for file system {target['FileSystemId']}",
        "InterfaceType": "efs",
        "RequesterManaged": True,
        "Status": "in-use",
        "PrivateIpAddress": target.get("IpAddress", ""),
        "SubnetId": target["SubnetId"],
        "VpcId": target["VpcId"],
        "AvailabilityZone": target["AvailabilityZoneName"],
        "Groups": [{"GroupId": group} for group in groups],
        "TagSet": [{"Key": key, "Value": value} for key, value in aws.interface_tags[name].items()],
    }


def CreateTags(aws: Account, Resources: list[str], Tags: list[dict[str, str]]) -> Answer:
    """On network interfaces or security groups, all or none."""
    given = {tag["Key"]: tag["Value"] for tag in Tags}
    if all(one.startswith("sg-") for one in Resources):
        return _tag_groups(aws, Resources, lambda tags: {**tags, **given})
    _chosen(interfaces(aws), "NetworkInterfaceId", Resources, None, "InvalidNetworkInterfaceID.NotFound")
    tagged = {resource: {**aws.interface_tags[resource], **given} for resource in Resources}
    if max(map(len, tagged.values())) > MAX_TAGS:
        raise Fault("TagLimitExceeded", f"a resource takes {MAX_TAGS} tags")
    aws.interface_tags.update(tagged)
    return {}


def DeleteTags(aws: Account, Resources: list[str], Tags: list[dict[str, str]]) -> Answer:
    """Of security groups, all or none; a key that is not there does not matter."""
    gone = {tag["Key"] for tag in Tags}
    return _tag_groups(aws, Resources, lambda tags: {key: value for key, value in tags.items() if key not in gone})


def _tag_groups(aws: Account, names: list[str], change: Callable[[dict[str, str]], dict[str, str]]) -> Answer:
    _chosen(aws.security_groups.values(), "GroupId", names, None, "InvalidGroup.NotFound")
    changed = {name: change(aws.group_tags_at(name) or {}) for name in names}
    if any(sum(not key.startswith("aws:") for key in tags) > MAX_TAGS for tags in changed.values()):
        raise Fault("TagLimitExceeded", f"a resource takes {MAX_TAGS} tags")
    if any(
        len(key) > MAX_TAG_KEY or len(value) > MAX_TAG_VALUE for tags in changed.values() for key, value in tags.items()
    ):
        raise Fault("InvalidParameterValue", f"a key has {MAX_TAG_KEY} characters at most, a value {MAX_TAG_VALUE}")
    for name, tags in changed.items():
        aws.set_group_tags(name, tags)
    return {}


def DescribeSubnets(
    aws: Account,
    SubnetIds: Given = None,
    Filters: Filters = None,
    MaxResults: int = 1000,
    NextToken: str = "0",
) -> Answer:
    """With the addresses that are free now."""
    found = _chosen(aws.subnets.values(), "SubnetId", SubnetIds, Filters, "InvalidSubnetID.NotFound")
    described = [{**subnet, "AvailableIpAddressCount": free_addresses(aws, subnet["SubnetId"])} for subnet in found]
    return _page("Subnets", described, min(MaxResults, aws.page_size), NextToken)


def DeleteSubnet(aws: Account, SubnetId: str) -> Answer:
    """Refused while a network interface is in it."""
    _chosen(aws.subnets.values(), "SubnetId", [SubnetId], None, "InvalidSubnetID.NotFound")
    _refuse_if_used(aws, SubnetId, lambda interface: [interface["SubnetId"]])
    del aws.subnets[SubnetId]
    return {}


def DescribeSecurityGroups(
    aws: Account,
    GroupIds: Given = None,
    Filters: Filters = None,
    MaxResults: int = 1000,
    NextToken: str = "0",
) -> Answer:
    """With their rules and tags, both as late as `Account.ec2_staleness` says."""
    then = aws.clock.now() - aws.ec2_staleness()
    listed = [
        {**described, "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}
        for name, described in {**aws.deleted_groups, **aws.security_groups}.items()
        if (tags := aws.group_tags_at(name, then)) is not None
    ]
    found = _chosen(listed, "GroupId", GroupIds, Filters, "InvalidGroup.NotFound")
    return _page("SecurityGroups", found, min(MaxResults, aws.page_size), NextToken)


def DeleteSecurityGroup(aws: Account, GroupId: str) -> Answer:
    """Refused while a network interface carries it."""
    _chosen(aws.security_groups.values(), "GroupId", [GroupId], None, "InvalidGroup.NotFound")
    _refuse_if_used(aws, GroupId, lambda interface: [group["GroupId"] for group in interface["Groups"]])
    aws.deleted_groups[GroupId] = aws.security_groups.pop(GroupId)
    aws.set_group_tags(GroupId, None)
    return {}


def DescribeVpcAttribute(aws: Account, VpcId: str, Attribute: str) -> Answer:
    """One attribute a call."""
    if VpcId not in aws.vpcs:
        raise Fault("InvalidVpcID.NotFound", f"The vpc ID '{VpcId}' does not exist")
    return {"VpcId": VpcId, Attribute[0].upper() + Attribute[1:]: {"Value": aws.vpcs[VpcId][Attribute]}}


def GetManagedPrefixListEntries(aws: Account, PrefixListId: str, NextToken: str = "0") -> Answer:
    """Its CIDRs."""
    if PrefixListId not in aws.prefix_lists:
        raise Fault("InvalidPrefixListID.NotFound", f"The prefix list ID '{PrefixListId}' does not exist")
    entries = [{"Cidr": cidr} for cidr in aws.prefix_lists[PrefixListId]]
    return _page("Entries", entries, aws.page_size, NextToken)


def _refuse_if_used(aws: Account, name: str, used_by: Callable[[Described], list[str]]) -> None:
    users = [interface["NetworkInterfaceId"] for interface in interfaces(aws) if name in used_by(interface)]
    if users:
        raise Fault("DependencyViolation", f"resource {name} has a dependent object: {', '.join(users)}")


def _chosen(present: Iterable[Described], key: str, ids: Given, filters: Filters, unknown: str) -> list[Described]:
    """Those with these ids that pass all filters; of a filter's values one must fit, with `*` and `?`."""
    found = list(present)
    if ids:
        if missing := set(ids) - {described[key] for described in found}:
            raise Fault(unknown, f"{', '.join(sorted(missing))} does not exist")
        found = [described for described in found if described[key] in ids]
    for given in filters or ():
        fits = _filter(given["Name"], given["Values"])
        found = [described for described in found if fits(described)]
    return found


def _group_ids(described: Described) -> list[str]:
    """Of an interface its groups; a group is its own."""
    return [group["GroupId"] for group in described.get("Groups", [described])]


def _filter(name: str, patterns: list[str]) -> Callable[[Described], bool]:
    if name.startswith("tag:"):
        key = name.removeprefix("tag:")
        return lambda one: any(tag["Key"] == key and tag["Value"] in patterns for tag in one.get("Tags", ()))
    if name != "group-id" and name not in _FILTERS:
        raise Fault("InvalidParameterValue", f"The filter '{name}' is invalid")

    def fits(described: Described) -> bool:
        values = [described[_FILTERS[name]]] if name in _FILTERS else _group_ids(described)
        return any(value in patterns or any(fnmatchcase(value, each) for each in patterns) for value in values)

    return fits


def _page(name: str, found: list[Described], size: int, token: str) -> Answer:
    start = int(token)
    more = {"NextToken": str(start + size)} if start + size < len(found) else {}
    return {name: found[start : start + size], **more}


OPERATIONS = {
    operation.__name__: operation
    for operation in (
        DescribeNetworkInterfaces,
        CreateTags,
        DeleteTags,
        DescribeSubnets,
        DeleteSubnet,
        DescribeSecurityGroups,
        DeleteSecurityGroup,
        DescribeVpcAttribute,
        GetManagedPrefixListEntries,
    )
}
