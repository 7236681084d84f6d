"""Every mistake that can be seen at synth is a ValueError there; what is known at deployment only passes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jsii
import pytest
from aws_cdk import CfnParameter, Duration, IStableStringProducer, Lazy, RemovalPolicy, Size, Stack, Token
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_efs as efs

from geuse_efs import GeuseEfs
from tests.construct.templates import FILE_SYSTEM, READINESS, of_type, resources_of, tags_of


@jsii.implements(IStableStringProducer)
class _Late:
    def produce(self) -> str:
        return "known late"


ELASTIC = {"throughput_mode": efs.ThroughputMode.ELASTIC}
PROVISIONED = {"throughput_mode": efs.ThroughputMode.PROVISIONED}
MAX_IO = {"performance_mode": efs.PerformanceMode.MAX_IO}

MISTAKES: Mapping[str, tuple[dict[str, Any], str]] = {
    "maxIO is elastic": (
        {**MAX_IO, **ELASTIC},
        r"performance_mode MAX_IO does not go with throughput_mode ELASTIC; use performance_mode GENERAL_PURPOSE",
    ),
    "maxIO in one zone": (
        {**MAX_IO, "one_zone": True},
        r"performance_mode MAX_IO does not go with one_zone=True; use performance_mode GENERAL_PURPOSE",
    ),
    "provisioned without a value": (
        PROVISIONED,
        r"throughput_mode PROVISIONED needs provisioned_throughput_per_second; give a Size from 1 to 3414 MiB",
    ),
    "a provisioned value without a mode": (
        {"provisioned_throughput_per_second": Size.mebibytes(10)},
        r"provisioned_throughput_per_second was given with throughput_mode BURSTING, which ignores it; set throughput_mode=",
    ),
    "a provisioned value with another mode": (
        {**ELASTIC, "provisioned_throughput_per_second": Size.mebibytes(10)},
        r"was given with throughput_mode ELASTIC, which ignores it",
    ),
    "no throughput": (
        {**PROVISIONED, "provisioned_throughput_per_second": Size.mebibytes(0)},
        r"provisioned_throughput_per_second is 0 MiB, allowed are whole MiB from 1 to 3414; give for example",
    ),
    "too much throughput": (
        {**PROVISIONED, "provisioned_throughput_per_second": Size.mebibytes(3415)},
        r"provisioned_throughput_per_second is 3415 MiB, allowed are whole MiB from 1 to 3414",
    ),
    "a part of a MiB": (
        {**PROVISIONED, "provisioned_throughput_per_second": Size.kibibytes(1536)},
        r"provisioned_throughput_per_second is 1\.5 MiB, allowed are whole MiB",
    ),
    "archive without elastic": (
        {
            "lifecycle_policy": efs.LifecyclePolicy.AFTER_7_DAYS,
            "transition_to_archive_policy": efs.LifecyclePolicy.AFTER_90_DAYS,
        },
        r"transition_to_archive_policy was given with throughput_mode BURSTING and .*; EFS Archive needs throughput_mode EL",
    ),
    "archive with maxIO": (
        {**MAX_IO, "transition_to_archive_policy": efs.LifecyclePolicy.AFTER_90_DAYS},
        r"performance_mode MAX_IO; EFS Archive needs throughput_mode ELASTIC and performance_mode GENERAL_PURPOSE",
    ),
    "archive before infrequent access": (
        {
            **ELASTIC,
            "lifecycle_policy": efs.LifecyclePolicy.AFTER_90_DAYS,
            "transition_to_archive_policy": efs.LifecyclePolicy.AFTER_14_DAYS,
        },
        r"transition_to_archive_policy AFTER_14_DAYS is not later than lifecycle_policy AFTER_90_DAYS; files go to",
    ),
    "archive together with infrequent access": (
        {
            **ELASTIC,
            "lifecycle_policy": efs.LifecyclePolicy.AFTER_30_DAYS,
            "transition_to_archive_policy": efs.LifecyclePolicy.AFTER_30_DAYS,
        },
        r"AFTER_30_DAYS is not later than lifecycle_policy AFTER_30_DAYS",
    ),
    "IAM without TLS": (
        {"require_iam": True, "enforce_tls": False},
        r"require_iam=True was given with enforce_tls=False; clients authenticate with IAM over TLS only",
    ),
    "a snapshot": (
        {"removal_policy": RemovalPolicy.SNAPSHOT},
        r"removal_policy SNAPSHOT does not exist for EFS; use RETAIN_ON_UPDATE_OR_DELETE .* or DESTROY",
    ),
    "no wait": (
        {"wait_timeout": Duration.seconds(0)},
        r"wait_timeout is 0 seconds, allowed are whole seconds from 1 to 2400 \(40 minutes\); give for example",
    ),
    "too long a wait": ({"wait_timeout": Duration.seconds(2401)}, r"wait_timeout is 2401 seconds, allowed are"),
    "a part of a second": ({"wait_timeout": Duration.millis(1500)}, r"wait_timeout is 1\.5 seconds, allowed are whole"),
    "an empty list of security groups": (
        {"security_groups": []},
        r"security_groups has 0 entries, 0 of them different; allowed are 1 to 5 .* leave security_groups out",
    ),
    "too many tags": (
        {"tags": {f"key{number}": "value" for number in range(41)}},
        r"tags has 41 entries, allowed are 40",
    ),
    "the tag of the name": ({"tags": {"Name": "x"}}, r"tags has the key 'Name', .* use file_system_name instead"),
    "the tag of the deployment": (
        {"tags": {"geusemaker:deployment": "x"}},
        r"tags has the key 'geusemaker:deployment', which geuse-efs sets itself; use deployment instead",
    ),
    "the tag of the tier": ({"tags": {"geusemaker:tier": "x"}}, r"'geusemaker:tier', .* use tier instead"),
    "the tag of the creator": (
        {"tags": {"geusemaker:created-by": "x"}},
        r"'geusemaker:created-by', .* use nothing, it is always set instead",
    ),
    "an empty tag key": ({"tags": {"": "x"}}, r"tags has the key ''; allowed are 1 to 128 characters"),
    "a long tag key": ({"tags": {"k" * 129: "x"}}, r"allowed are 1 to 128 characters that do not start with aws:"),
    "a tag key of AWS": ({"tags": {"AWS:mine": "x"}}, r"tags has the key 'AWS:mine'; .* do not start with aws:"),
    "a long tag value": ({"tags": {"k": "v" * 257}}, r"tags\['k'\] is 'v+; allowed is text of at most 256 characters"),
    "a tag value that is no text": ({"tags": {"k": 7}}, r"tags\['k'\] is 7; allowed is text of at most 256 characters"),
    "a long deployment": ({"deployment": "d" * 257}, r"deployment is 'd+; allowed is text of at most 256 characters"),
    "a long tier": ({"tier": "t" * 257}, r"tier is 't+; allowed is text of at most 256 characters"),
    "a long name": ({"file_system_name": "n" * 257}, r"file_system_name is 'n+; allowed is text of at most 256"),
    "one zone in several": (
        {"one_zone": True, "vpc_subnets": ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)},
        r"one_zone=True was given with subnets in 3 availability zones \(us-east-1a, us-east-1b, us-east-1c\); select one",
    ),
    "no subnet": (
        {"vpc_subnets": ec2.SubnetSelection(subnets=[])},
        r"vpc_subnets selects no subnet of Storage/Vpc; give a selection with at least one subnet",
    ),
    "no subnet in the zones": (
        {"vpc_subnets": ec2.SubnetSelection(availability_zones=["us-east-1f"])},
        r"vpc_subnets selects no subnet of Storage/Vpc",
    ),
    "subnets of a type that is not there": (
        {"vpc_subnets": ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS)},
        r"vpc_subnets does not fit Storage/Vpc: .*no 'Private' subnet",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_is_refused(mistake: str, stack: Stack, vpc: ec2.IVpc) -> None:
    props, message = MISTAKES[mistake]
    with pytest.raises(ValueError, match=message):
        GeuseEfs(stack, "Efs", vpc=vpc, **props)


@pytest.mark.parametrize("mistake", MISTAKES)
def test_messages_are_sentences_without_a_final_stop(mistake: str, stack: Stack, vpc: ec2.IVpc) -> None:
    with pytest.raises(ValueError, match=r"[^.\s]\Z") as refusal:
        GeuseEfs(stack, "Efs", vpc=vpc, **MISTAKES[mistake][0])
    assert str(refusal.value)[0].islower()


def _subnet(stack: Stack, construct_id: str, subnet_id: str, zone: str | None) -> ec2.ISubnet:
    return ec2.Subnet.from_subnet_attributes(stack, construct_id, subnet_id=subnet_id, availability_zone=zone)


def test_two_subnets_in_one_zone_are_refused(stack: Stack, vpc: ec2.IVpc) -> None:
    subnets = [_subnet(stack, name, f"subnet-0000000{name}", "us-east-1a") for name in "12"]
    message = r"two subnets in availability zone us-east-1a: Storage/1 and Storage/2; EFS takes one .* one_per_az=True"
    with pytest.raises(ValueError, match=message):
        GeuseEfs(stack, "Efs", vpc=vpc, vpc_subnets=ec2.SubnetSelection(subnets=subnets))


def test_the_same_subnet_twice_is_refused(stack: Stack, vpc: ec2.IVpc) -> None:
    subnets = [_subnet(stack, "Twice", "subnet-00000001", "us-east-1a")] * 2
    with pytest.raises(ValueError, match=r"^vpc_subnets has Storage/Twice twice; give each subnet once$"):
        GeuseEfs(stack, "Efs", vpc=vpc, vpc_subnets=ec2.SubnetSelection(subnets=subnets))


def test_two_subnets_in_one_zone_of_any_region_are_refused(stack: Stack) -> None:
    vpc = ec2.Vpc(stack, "New", nat_gateways=0)
    zone = vpc.isolated_subnets[0].availability_zone
    more = ec2.Subnet(stack, "More", vpc_id=vpc.vpc_id, availability_zone=zone, cidr_block="10.0.255.0/24")
    selection = ec2.SubnetSelection(subnets=[*vpc.isolated_subnets, more])
    with pytest.raises(
        ValueError, match="two subnets in availability zone More: Storage/New/IsolatedSubnet1 and Storage/More"
    ):
        GeuseEfs(stack, "Efs", vpc=vpc, vpc_subnets=selection)


def test_a_subnet_without_a_zone_is_refused(stack: Stack, vpc: ec2.IVpc) -> None:
    subnets = [ec2.Subnet.from_subnet_id(stack, "Nowhere", "subnet-00000001")]
    with pytest.raises(ValueError, match=r"Storage/Nowhere whose availability zone is not known; import it with"):
        GeuseEfs(stack, "Efs", vpc=vpc, vpc_subnets=ec2.SubnetSelection(subnets=subnets))


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        ("012345", "has 6 entries, 6 of them different; allowed are 1 to 5"),
        ("00", "has 2 entries, 1 of them different"),
    ],
)
def test_security_groups_that_do_not_fit_are_refused(ids: str, message: str, stack: Stack, vpc: ec2.IVpc) -> None:
    groups = {
        digit: ec2.SecurityGroup.from_security_group_id(stack, f"Group{digit}", f"sg-0000000{digit}")
        for digit in {*ids}
    }
    with pytest.raises(ValueError, match=f"security_groups {message}"):
        GeuseEfs(stack, "Efs", vpc=vpc, security_groups=[groups[digit] for digit in ids])


def _number(stack: Stack) -> float:
    return CfnParameter(stack, "Given", type="Number").value_as_number


def _text(stack: Stack) -> str:
    return CfnParameter(stack, "Given").value_as_string


TOKENS: Mapping[str, Callable[[Stack], dict[str, Any]]] = {
    "provisioned throughput": lambda stack: {
        **PROVISIONED,
        "provisioned_throughput_per_second": Size.mebibytes(_number(stack)),
    },
    "wait timeout": lambda stack: {"wait_timeout": Duration.seconds(_number(stack))},
    "deployment": lambda stack: {"deployment": _text(stack)},
    "tier": lambda stack: {"tier": _text(stack)},
    "name": lambda stack: {"file_system_name": _text(stack)},
    "tag value": lambda stack: {"tags": {"team": _text(stack)}},
    "subnet": lambda stack: {
        "vpc_subnets": ec2.SubnetSelection(subnets=[_subnet(stack, "Subnet", _text(stack), "us-east-1a")])
    },
    "availability zone": lambda stack: {
        "vpc_subnets": ec2.SubnetSelection(subnets=[_subnet(stack, "Subnet", "subnet-00000001", _text(stack))]),
        "one_zone": True,
    },
    "security group": lambda stack: {
        "security_groups": [ec2.SecurityGroup.from_security_group_id(stack, "Group", _text(stack))]
    },
    "client": lambda stack: {"clients": [ec2.Peer.ipv4(_text(stack))]},
}


@pytest.mark.parametrize("prop", TOKENS)
def test_what_is_known_at_deployment_passes(prop: str, stack: Stack, vpc: ec2.IVpc) -> None:
    GeuseEfs(stack, "Efs", vpc=vpc, **TOKENS[prop](stack))
    resources = resources_of(stack)
    assert "{'Ref': 'Given'}" in repr(resources)
    assert "${Token[" not in repr(resources)


def test_what_is_known_at_the_end_of_synthesis_passes(stack: Stack, vpc: ec2.IVpc) -> None:
    late = Lazy.string(_Late())
    assert Token.is_unresolved(late)
    GeuseEfs(stack, "Efs", vpc=vpc, deployment=late)
    resources = resources_of(stack)
    [readiness] = of_type(resources, READINESS).values()
    [file_system] = of_type(resources, FILE_SYSTEM).values()
    assert tags_of(readiness["Properties"])["geusemaker:deployment"] == "known late"
    assert {"Key": "geusemaker:deployment", "Value": "known late"} in file_system["Properties"]["FileSystemTags"]


def test_two_zones_known_at_deployment_pass(stack: Stack, vpc: ec2.IVpc) -> None:
    zones = [CfnParameter(stack, f"Zone{number}").value_as_string for number in range(2)]
    subnets = [_subnet(stack, f"Subnet{number}", f"subnet-0000000{number}", zone) for number, zone in enumerate(zones)]
    storage = GeuseEfs(stack, "Efs", vpc=vpc, vpc_subnets=ec2.SubnetSelection(subnets=subnets))
    assert [stack.resolve(target.availability_zone) for target in storage.mount_targets] == [
        {"Ref": "Zone0"},
        {"Ref": "Zone1"},
    ]


def test_a_tag_key_known_at_the_end_of_synthesis_passes(stack: Stack, vpc: ec2.IVpc) -> None:
    GeuseEfs(stack, "Efs", vpc=vpc, tags={Lazy.string(_Late()): "value"})
    [readiness] = of_type(resources_of(stack), READINESS).values()
    assert tags_of(readiness["Properties"])["known late"] == "value"


def test_the_length_of_a_token_is_not_the_length_of_its_value(stack: Stack, vpc: ec2.IVpc) -> None:
    late = Lazy.string(_Late()) * 20
    assert len(late) > 256
    GeuseEfs(stack, "Efs", vpc=vpc, tags={"team": late})
    [readiness] = of_type(resources_of(stack), READINESS).values()
    assert tags_of(readiness["Properties"])["team"] == "known late" * 20
