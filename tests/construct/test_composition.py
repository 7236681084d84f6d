"""At home in any app: kinds, places, VPCs and synthesizers, every pair of them in one cell at least."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import (
    App,
    CliCredentialsStackSynthesizer,
    DefaultStackSynthesizer,
    Environment,
    Fn,
    LegacyStackSynthesizer,
    NestedStack,
    Stack,
    Stage,
)
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_s3 as s3
from aws_cdk.app_staging_synthesizer_alpha import AppStagingSynthesizer

from geuse_efs import GeuseEfs, IpAddressType
from tests.construct.adopting import adopt
from tests.construct.templates import (
    FUNCTION,
    MOUNT_TARGET,
    POLICY,
    READINESS,
    ROLE,
    Resources,
    everything_before,
    import_vpc,
    in_a_cycle,
    of_type,
    resources_of,
)

ACCOUNT, OTHER_ACCOUNT, VPC_ID = "111122223333", "999999999999", "vpc-0123456789abcdef0"
REGIONS = ("us-east-1", "eu-west-1")


def _environment(region: str = REGIONS[0]) -> Environment:
    return Environment(account=ACCOUNT, region=region)


def _known(scope: App | Stage, construct_id: str = "Storage", region: str = REGIONS[0]) -> Stack:
    return Stack(scope, construct_id, env=_environment(region))


Places = Mapping[str, Callable[[App], Sequence[tuple[Stack, Stack]]]]


def _same(*stacks: Stack) -> list[tuple[Stack, Stack]]:
    return [(stack, stack) for stack in stacks]


PLACES: Places = {
    "plain stack": lambda app: _same(_known(app)),
    "stage": lambda app: _same(_known(Stage(app, "Prod"))),
    "nested stack": lambda app: [(NestedStack(parent := _known(app), "Nested"), parent)],
    "VPC in another stack's nested stack": lambda app: [
        (_known(app), NestedStack(_known(app, "Network"), "Nested")),
    ],
    "two regions": lambda app: _same(*(_known(app, region, region) for region in REGIONS)),
    "environment-agnostic": lambda app: _same(Stack(app, "Storage")),
}
"""The stacks of the file system and of its VPC."""


def _new(scope: Stack, **options: Any) -> ec2.IVpc:
    return ec2.Vpc(scope, "Vpc", nat_gateways=0, max_azs=2, **options)


def _context(owner: str, *, reverse: bool) -> dict[str, Any]:
    """As the CDK CLI fills it after the first pass."""
    context = {}
    for region in REGIONS:
        subnets = [
            {"subnetId": f"subnet-0000000{letter}", "cidr": f"10.0.{n}.0/24", "routeTableId": f"rtb-{letter}"}
            | {"availabilityZone": f"{region}{letter}"}
            for n, letter in enumerate("abc")
        ]
        groups = [{"name": "Data", "type": "Isolated", "subnets": subnets[::-1] if reverse else subnets}]
        found = {"vpcId": VPC_ID, "vpcCidrBlock": "10.0.0.0/16", "availabilityZones": [], "ownerAccountId": owner}
        key = f"vpc-provider:account={ACCOUNT}:filter.vpc-id={VPC_ID}:region={region}:returnAsymmetricSubnets=true"
        context[key] = {**found, "subnetGroups": groups}
    return context


def _looked_up(scope: Stack, **_: bool) -> ec2.IVpc:
    return ec2.Vpc.from_lookup(scope, "Vpc", vpc_id=VPC_ID)


def _imported(scope: Stack, zones: Sequence[str], *, reverse: bool = False) -> ec2.IVpc:
    names = [f"{REGIONS[0]}{zone}" for zone in zones]
    return import_vpc(scope, names[::-1] if reverse else names)


def _by_tokens(scope: Stack, zones: Any, subnets: Any) -> ec2.IVpc:
    return ec2.Vpc.from_vpc_attributes(
        scope, "Vpc", vpc_id=Fn.import_value("vpc"), availability_zones=zones, isolated_subnet_ids=subnets
    )


VPCS: Mapping[str, tuple[Callable[..., ec2.IVpc], int]] = {
    "new": (_new, 2),
    "dual stack": (lambda scope: _new(scope, ip_protocol=ec2.IpProtocol.DUAL_STACK), 2),
    "looked up, first pass": (_looked_up, 2),
    "looked up": (_looked_up, 3),
    "shared by RAM": (_looked_up, 3),
    "attributes": (lambda scope, **order: _imported(scope, "abc", **order), 3),
    "with local zones": (lambda scope, **order: _imported(scope, ("a", "b", "-bos-1d", "-wl1-bos-wlz-1e"), **order), 2),
    "one zone": (lambda scope, **order: _imported(scope, "a", **order), 1),
    "six zones": (lambda scope, **order: _imported(scope, "abcdef", **order), 6),
    "tokens": (
        lambda scope: _by_tokens(
            scope,
            [Fn.select(n, Fn.get_azs()) for n in range(2)],
            [Fn.select(n, Fn.split(",", Fn.import_value("subnets"))) for n in range(2)],
        ),
        2,
    ),
    "list tokens": (lambda scope: _by_tokens(scope, Fn.get_azs(), Fn.split(",", Fn.import_value("subnets"))), 0),
}
"""How it is made, and the number of its zones that get a mount target."""

IN_ANY_ORDER = ("looked up", "shared by RAM", "attributes", "with local zones", "one zone", "six zones")
SYNTHESIZERS: Mapping[str, Callable[[], Any]] = {
    "default": lambda: None,
    "own qualifier": lambda: DefaultStackSynthesizer(qualifier="abc123def"),
    "CLI credentials": CliCredentialsStackSynthesizer,
    "legacy": LegacyStackSynthesizer,
    "app staging": lambda: AppStagingSynthesizer.default_resources(
        app_id="storage", staging_bucket_encryption=s3.BucketEncryption.S3_MANAGED
    ),
}
KINDS = ("created", "adopted")


@dataclass(frozen=True)
class Cell:
    kind: str
    place: str
    vpc: str
    synthesizer: str

    @property
    def mistake(self) -> tuple[type[Exception], str] | None:
        """What is refused, and by which words: the CDK's own for a lookup that nobody could make."""
        if self.place == "environment-agnostic" and self.vpc in LOOKED_UP:
            return RuntimeError, "Cannot retrieve value from context provider vpc-provider since account/region"
        if self.vpc == "list tokens":
            return ValueError, r"Vpc, or their availability zones, are a list .* known at synth\. Import the VPC with"
        return None


LOOKED_UP = ("looked up, first pass", "looked up", "shared by RAM")


def _all_pairs() -> list[Cell]:
    """The first cell that has most pairs not shown yet, again and again."""
    # The CDK gives app staging to no stack in a stage: its stack for the assets stands outside.
    cells = [
        values for values in product(KINDS, PLACES, VPCS, SYNTHESIZERS) if not {"stage", "app staging"} < {*values}
    ]
    pairs = {cell: set(combinations(enumerate(cell), 2)) for cell in cells}
    left = set().union(*pairs.values())
    chosen = []
    while left:
        chosen.append(max(cells, key=lambda cell: len(pairs[cell] & left)))
        left -= pairs[chosen[-1]]
    return [Cell(*values) for values in chosen]


def _define(cell: Cell, outdir: Path, **order: bool) -> list[Stack]:
    """The stacks with a file system and a client, synthesised: none waits for itself."""
    owner = {"looked up": ACCOUNT, "shared by RAM": OTHER_ACCOUNT}.get(cell.vpc)
    context = _context(owner, reverse=order.get("reverse", False)) if owner else None
    app = App(context=context, outdir=str(outdir), default_stack_synthesizer=SYNTHESIZERS[cell.synthesizer]())
    stacks = []
    for stack, network in PLACES[cell.place](app):
        vpc = VPCS[cell.vpc][0](network, **order)
        address_type = IpAddressType.DUAL_STACK if cell.vpc == "dual stack" else IpAddressType.IPV4_ONLY
        props: dict[str, Any] = {
            "clients": [ec2.SecurityGroup(stack, "Client", vpc=vpc)],
            "ip_address_type": address_type,
        }
        if cell.kind == "created":
            GeuseEfs(stack, "Efs", vpc=vpc, **props)
        else:
            adopt(stack, vpc, **props)
        stacks.append(stack)
    app.synth()
    return stacks


def _zones(resources: Resources) -> dict[str, Any]:
    """By logical id or name, where a mount target goes."""
    [readiness] = of_type(resources, READINESS).values()
    targets = {name: target["Properties"]["SubnetId"] for name, target in of_type(resources, MOUNT_TARGET).items()}
    return dict(readiness["Properties"]["Adopt"]["Subnets"]) if "Adopt" in readiness["Properties"] else targets


@pytest.mark.parametrize("cell", _all_pairs(), ids=lambda cell: ", ".join(vars(cell).values()))
def test_synthesises_or_says_what_to_do(cell: Cell, tmp_path: Path) -> None:
    if cell.mistake is not None:
        with pytest.raises(cell.mistake[0], match=cell.mistake[1]):
            _define(cell, tmp_path / "cdk.out")
        return
    for stack in _define(cell, tmp_path / "cdk.out"):
        resources = resources_of(stack)
        assert in_a_cycle(resources) == []
        assert len(_zones(resources)) == VPCS[cell.vpc][1]
        [readiness] = of_type(resources, READINESS)
        before = {resources[name]["Type"] for name in everything_before(resources, readiness)}
        assert {FUNCTION, ROLE, POLICY} <= before


@pytest.mark.parametrize("vpc", IN_ANY_ORDER)
@pytest.mark.parametrize("kind", KINDS)
def test_ids_are_stable_when_subnets_change_their_order(kind: str, vpc: str, tmp_path: Path) -> None:
    cell = Cell(kind, "plain stack", vpc, "default")
    [stack], [turned] = (_define(cell, tmp_path / str(turn), reverse=turn) for turn in (False, True))
    assert resources_of(stack).keys() == resources_of(turned).keys()
    assert _zones(resources_of(stack)) == _zones(resources_of(turned))
