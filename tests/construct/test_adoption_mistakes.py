"""Mistakes of an adoption that can be seen at synth are a ValueError there; what cannot be seen passes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from aws_cdk import App, Aws, CfnParameter, Duration, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_efs as efs

from geuse_efs import GeuseEfs
from tests.construct.adopting import ARN, ID, adopt, adopt_known, group
from tests.construct.mounting.consumers import ISOLATED
from tests.construct.templates import READINESS, of_type, properties_of, resources_of

ALLOWED = "allowed is an id like fs-0123456789abcdef0 or the ARN of a file system"

NONSENSE = (
    *(
        "",
        "fs-",
        "fs-1234567",
        "fs-0123456789ABCDEF0",
        "fs-xyz",
        f"{ID} ",
        f" {ID}",
        f"{ID}\n",
        f"{ID},{ID}",
        "fs-" + "0" * 41,
    ),
    *("fsmt-0123456789abcdef0", "fsap-0123456789abcdef0", "vpc-0123456789abcdef0", "my-file-system"),
    *("arn:", "arn:aws:elasticfilesystem", f"{ARN}/", f"{ARN}\n", ARN.replace("file-system/", "file-system:")),
    *(ARN.replace("file-system/", ""), ARN.replace("file-system/", "access-point/"), ARN.replace("fs-", "fsap-")),
    *(ARN.replace("elasticfilesystem", "s3"), ARN.replace("us-east-1", ""), ARN.replace("111122223333", "")),
)


@pytest.mark.parametrize("given", NONSENSE)
def test_what_is_no_file_system_is_refused(given: str, stack: Stack, vpc: ec2.IVpc) -> None:
    with pytest.raises(ValueError, match=r"^file_system_id is ") as refusal:
        adopt(stack, vpc, file_system_id=given)
    assert str(refusal.value) == f"file_system_id is {given!r}; {ALLOWED}"


def test_a_long_value_is_cut_in_the_message(stack: Stack, vpc: ec2.IVpc) -> None:
    with pytest.raises(ValueError, match=r"^.{,220}$"):
        adopt(stack, vpc, file_system_id="f" * 10_000)


@pytest.mark.parametrize("given", ["fs-01234567", ID, "fs-" + "0" * 40, ARN])
def test_ids_and_arns_pass(given: str, app: App) -> None:
    adopt_known(app, file_system_id=given)


@pytest.mark.parametrize(
    ("given", "what", "seen", "expected"),
    [
        (ARN.replace("us-east-1", "eu-west-1"), "region", "eu-west-1", "us-east-1"),
        (ARN.replace("111122223333", "444455556666"), "account", "444455556666", "111122223333"),
    ],
)
def test_an_arn_of_elsewhere_is_refused(given: str, what: str, seen: str, expected: str, app: App) -> None:
    with pytest.raises(ValueError, match=r"^file_system_id") as refusal:
        adopt_known(app, file_system_id=given)
    assert str(refusal.value) == (
        f"file_system_id {given} is in {what} {seen}, the stack is in {what} {expected}; an EFS file system can be "
        f"mounted and adopted in its own {what} only, so deploy the stack there"
    )


ELSEWHERE = ARN.replace("us-east-1", "eu-west-1").replace("111122223333", "444455556666")


def test_an_arn_of_anywhere_passes_in_a_stack_that_may_go_anywhere_and_is_left_to_the_waiter(
    stack: Stack, vpc: ec2.IVpc
) -> None:
    adopt(stack, vpc, file_system_id=ELSEWHERE)
    assert properties_of(READINESS, stack)["FileSystemId"] == ELSEWHERE


PARTLY_KNOWN: Mapping[str, Callable[[Stack], str]] = {
    "partition": lambda _: ARN.replace("arn:aws:", f"arn:{Aws.PARTITION}:"),
    "region": lambda _: ARN.replace("us-east-1", Aws.REGION),
    "account": lambda _: ARN.replace("111122223333", Aws.ACCOUNT_ID),
    "id": lambda stack: ARN.replace(ID, CfnParameter(stack, "Given").value_as_string),
}


@pytest.mark.parametrize("part", PARTLY_KNOWN)
def test_a_part_of_an_arn_known_at_deployment_passes(part: str, stack: Stack, vpc: ec2.IVpc) -> None:
    adopt(stack, vpc, file_system_id=PARTLY_KNOWN[part](stack))
    assert "${Token[" not in repr(resources_of(stack))


def test_a_known_part_of_an_arn_is_compared_all_the_same(app: App) -> None:
    given = ARN.replace("arn:aws:", f"arn:{Aws.PARTITION}:").replace("us-east-1", "eu-west-1")
    with pytest.raises(ValueError, match="is in region eu-west-1, the stack is in region us-east-1"):
        adopt_known(app, file_system_id=given)


MISTAKES: Mapping[str, tuple[dict[str, Any], str]] = {
    "another word of severity": (
        {"severities": {"backup-off": "fatal"}},
        r"severities has 'fatal' for 'backup-off'; allowed are error, warning, off, by the code of a finding \(geuse-efs",
    ),
    "a code with a slip of the pen": (
        {"severities": {"ingress-mising": "off"}},
        r"severities has 'ingress-mising', which is not the code of a finding; the nearest is 'ingress-missing'",
    ),
    "no code at all": ({"severities": {"zzz": "off"}}, r"severities has 'zzz', .*; geuse-efs findings lists them"),
    "a severity in capitals": ({"severities": {"backup-off": "ERROR"}}, r"severities has 'ERROR' for 'backup-off'"),
    "a severity that is no text": ({"severities": {"backup-off": False}}, r"severities has False for 'backup-off'"),
    "no wait": (
        {"wait_timeout": Duration.seconds(0)},
        r"wait_timeout is 0 seconds, allowed are whole seconds from 1 to",
    ),
    "too long a wait": ({"wait_timeout": Duration.seconds(2401)}, r"wait_timeout is 2401 seconds, allowed are"),
    "a part of a second": ({"wait_timeout": Duration.millis(1500)}, r"wait_timeout is 1\.5 seconds, allowed are whole"),
    "an empty list of security groups": (
        {"security_groups": []},
        r"security_groups has 0 entries, 0 of them different",
    ),
    "too many tags": ({"tags": {f"key{number}": "value" for number in range(41)}}, r"tags has 41 entries, allowed are"),
    "the tag of the name": ({"tags": {"Name": "x"}}, r"tags has the key 'Name', .* use file_system_name instead"),
    "a tag key of AWS": ({"tags": {"AWS:mine": "x"}}, r"tags has the key 'AWS:mine'; .* do not start with aws:"),
    "a long tag value": ({"tags": {"k": "v" * 257}}, r"tags\['k'\] is 'v+; allowed is text of at most 256 characters"),
    "a long deployment": ({"deployment": "d" * 257}, r"deployment is 'd+; allowed is text of at most 256 characters"),
    "a long tier": ({"tier": "t" * 257}, r"tier is 't+; allowed is text of at most 256 characters"),
    "a long name": ({"file_system_name": "n" * 257}, r"file_system_name is 'n+; allowed is text of at most 256"),
    "no subnet": (
        {"vpc_subnets": ec2.SubnetSelection(subnets=[])},
        r"vpc_subnets selects no subnet of Storage/Vpc; give a selection with at least one subnet",
    ),
    "subnets of a type that is not there": (
        {"vpc_subnets": ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS)},
        r"vpc_subnets does not fit Storage/Vpc: .*no 'Private' subnet",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_is_refused(mistake: str, stack: Stack, vpc: ec2.IVpc) -> None:
    props, message = MISTAKES[mistake]
    with pytest.raises(ValueError, match=message) as refusal:
        adopt(stack, vpc, **props)
    assert str(refusal.value)[0].islower()
    assert str(refusal.value)[-1] not in ".\n "


def test_two_subnets_in_one_zone_are_refused(stack: Stack, vpc: ec2.IVpc) -> None:
    subnets = [
        ec2.Subnet.from_subnet_attributes(
            stack, name, subnet_id=f"subnet-0000000{name}", availability_zone="us-east-1a"
        )
        for name in "12"
    ]
    with pytest.raises(ValueError, match="two subnets in availability zone us-east-1a: Storage/1 and Storage/2"):
        adopt(stack, vpc, vpc_subnets=ec2.SubnetSelection(subnets=subnets))


OWN: Mapping[str, Callable[[Stack, ec2.IVpc], efs.IFileSystem]] = {
    "of the CDK": lambda stack, vpc: efs.FileSystem(stack, "Own", vpc=vpc, vpc_subnets=ISOLATED),
    "that waits": lambda stack, vpc: GeuseEfs(stack, "Own", vpc=vpc),
}


@pytest.mark.parametrize("own", OWN.values(), ids=OWN)
def test_a_file_system_of_the_stack_itself_is_refused(
    own: Callable[[Stack, ec2.IVpc], efs.IFileSystem], stack: Stack, vpc: ec2.IVpc
) -> None:
    with pytest.raises(ValueError, match=r"is that of Storage/Own/.*, which this stack creates; .* MountTargetsReady"):
        adopt(stack, vpc, file_system_id=own(stack, vpc).file_system_id)


def test_public_subnets_are_refused_unless_they_are_accepted(stack: Stack) -> None:
    vpc = ec2.Vpc(stack, "New", nat_gateways=0)
    public = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PUBLIC)
    with pytest.raises(
        ValueError, match=r"vpc_subnets selects public subnets of Storage/New; .*allow_public_subnets=True"
    ):
        adopt(stack, vpc, vpc_subnets=public)
    GeuseEfs.adopt(stack, "Accepted", file_system_id=ID, vpc=vpc, vpc_subnets=public, allow_public_subnets=True)


def test_five_security_groups_beside_the_own_one_are_refused(stack: Stack, vpc: ec2.IVpc) -> None:
    with pytest.raises(ValueError, match="security_groups has 5 entries, 5 of them different; allowed are 1 to 4"):
        adopt(stack, vpc, security_groups=[group(stack, digit) for digit in "12345"])


TOKENS: Mapping[str, Callable[[str], dict[str, Any]]] = {
    "file system": lambda text: {"file_system_id": text},
    "deployment": lambda text: {"deployment": text},
    "tier": lambda text: {"tier": text},
    "name": lambda text: {"file_system_name": text},
    "tag value": lambda text: {"tags": {"team": text}},
    "severity": lambda text: {"severities": {"backup-off": text}},
    "client": lambda text: {"clients": [ec2.Peer.ipv6(text)]},
}


@pytest.mark.parametrize("prop", TOKENS)
def test_what_is_known_at_deployment_passes(prop: str, stack: Stack, vpc: ec2.IVpc) -> None:
    adopt(stack, vpc, **TOKENS[prop](CfnParameter(stack, "Given").value_as_string))
    [adoption] = of_type(resources_of(stack), READINESS).values()
    assert "{'Ref': 'Given'}" in repr(adoption)
    assert "${Token[" not in repr(resources_of(stack))


def test_a_wait_known_at_deployment_gets_all_the_time_there_is(stack: Stack, vpc: ec2.IVpc) -> None:
    adopt(stack, vpc, wait_timeout=Duration.seconds(CfnParameter(stack, "Wait", type="Number").value_as_number))
    properties = properties_of(READINESS, stack)
    assert (properties["WaitTimeoutSeconds"], properties["ServiceTimeout"]) == ({"Ref": "Wait"}, 3600)
