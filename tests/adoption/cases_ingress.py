"""Adoption cases: security groups."""

from __future__ import annotations

from geuse_efs_waiter.adoption.checks.observed import IngressRule, Unread
from tests.adoption.builders import (
    APP,
    NFS,
    OWN,
    A,
    B,
    adopted,
    also,
    desired,
    group,
    nfs,
    observed,
    rules,
    target,
    targets,
)
from tests.adoption.case import (
    IN_A_AND_B,
    IPV6,
    NO_INGRESS,
    OFF,
    OPEN,
    UNCLEAR,
    Case,
    E,
    W,
    clients,
)

CIDR = "10.0.0.0/16"
HALVES = ("10.0.0.0/17", "10.0.128.0/17")

INGRESS = [
    Case("no ingress at all with a client is an error", desired(), observed(rules()), NO_INGRESS),
    Case(
        "no ingress at all without a client means nobody can mount",
        desired(clients=()),
        observed(rules()),
        {("ingress-none", W, NFS)},
    ),
    Case("ingress without a declared client is fine", desired(clients=()), observed()),
    Case(
        "ingress on another port does not count",
        desired(),
        observed(rules(IngressRule("tcp", 22, 22, group_ids=(APP,)))),
        NO_INGRESS,
    ),
    Case(
        "ingress by udp does not count",
        desired(),
        observed(rules(IngressRule("udp", 2049, 2049, group_ids=(APP,)))),
        NO_INGRESS,
    ),
    Case(
        "ingress by a range of ports counts",
        desired(),
        observed(rules(IngressRule("tcp", 2000, 3000, group_ids=(APP,)))),
    ),
    Case(
        "ingress by tcp told as a number counts",
        desired(),
        observed(rules(IngressRule("6", 2049, 2049, group_ids=(APP,)))),
    ),
    Case("ingress by every protocol counts", desired(), observed(rules(IngressRule("-1", group_ids=(APP,))))),
    Case(
        "ingress from another group does not count",
        desired(),
        observed(rules(nfs(group_ids=("sg-other",)))),
        NO_INGRESS,
    ),
    Case("a group client and a CIDR rule cannot be told", desired(), observed(rules(nfs(cidrs=(CIDR,)))), UNCLEAR),
    Case(
        "a group client is admitted by 0.0.0.0/0, which is open",
        desired(),
        observed(rules(nfs(cidrs=("0.0.0.0/0",)))),
        OPEN,
    ),
    Case(
        "a group client at an IPv4 mount target is not surely admitted by ::/0",
        desired(),
        observed(rules(nfs(cidrs_v6=("::/0",)))),
        OPEN | UNCLEAR,
    ),
    Case(
        "a group client at an IPv6-only mount target is admitted by ::/0",
        desired(),
        observed(targets(target(A, **IPV6), target(B, **IPV6)), rules(nfs(cidrs_v6=("::/0",)))),
        OPEN,
    ),
    Case(
        "the rules of all groups are united",
        desired(**clients(APP, CIDR)),
        observed(
            targets(target(A, security_groups=(NFS, "sg-two")), target(B, security_groups=(NFS, "sg-two"))),
            also(
                security_groups={NFS: group(NFS, nfs(group_ids=(APP,))), "sg-two": group("sg-two", nfs(cidrs=(CIDR,)))}
            ),
        ),
    ),
    Case(
        "each mount target is judged by its own groups",
        desired(),
        observed(
            targets(target(A), target(B, security_groups=("sg-two",))),
            also(security_groups={NFS: group(NFS, nfs(group_ids=(APP,))), "sg-two": group("sg-two")}),
        ),
        {("ingress-missing", E, "sg-two")},
    ),
    Case("a CIDR client inside a rule is admitted", desired(**clients("10.0.7.0/24")), observed()),
    Case("a CIDR client larger than the rule is not", desired(**clients("10.0.0.0/8")), observed(), NO_INGRESS),
    Case(
        "a CIDR client is covered by two rules together",
        desired(**clients(CIDR)),
        observed(rules(nfs(cidrs=HALVES[:1]), nfs(cidrs=HALVES[1:]))),
    ),
    Case(
        "a CIDR client half covered is not admitted",
        desired(**clients(CIDR)),
        observed(rules(nfs(cidrs=HALVES[:1]))),
        NO_INGRESS,
    ),
    Case(
        "a CIDR client is not admitted by a group rule",
        desired(**clients(CIDR)),
        observed(rules(nfs(group_ids=(APP,)))),
        NO_INGRESS,
    ),
    Case("one address in a CIDR rule is admitted", desired(**clients("10.0.1.7")), observed()),
    Case(
        "an IPv6 client is admitted by an IPv6 rule",
        desired(**clients("2600:1::/64")),
        observed(rules(nfs(cidrs_v6=("2600:1::/56",)))),
    ),
    Case(
        "an IPv6 client is not admitted by an IPv4 rule",
        desired(**clients("2600:1::/64")),
        observed(rules(nfs(cidrs=("0.0.0.0/0",)))),
        OPEN | NO_INGRESS,
    ),
    Case(
        "an IPv6 client is covered by two rules together",
        desired(**clients("2600::/32")),
        observed(rules(nfs(cidrs_v6=("2600::/33", "2600:0:8000::/33")))),
    ),
    Case(
        "a prefix list in a rule admits what is in it",
        desired(**clients(CIDR)),
        observed(rules(nfs(prefix_list_ids=("pl-1",))), also(prefix_lists={"pl-1": HALVES})),
    ),
    Case(
        "a prefix list in a rule does not admit what is not in it",
        desired(**clients(CIDR)),
        observed(rules(nfs(prefix_list_ids=("pl-1",))), also(prefix_lists={"pl-1": HALVES[:1]})),
        NO_INGRESS,
    ),
    Case(
        "a prefix list and a CIDR rule cover a client together",
        desired(**clients(CIDR)),
        observed(rules(nfs(prefix_list_ids=("pl-1",), cidrs=HALVES[1:])), also(prefix_lists={"pl-1": HALVES[:1]})),
    ),
    Case(
        "an unread prefix list in a rule cannot be told",
        desired(**clients(CIDR)),
        observed(rules(nfs(prefix_list_ids=("pl-1",))), also(prefix_lists={"pl-1": None})),
        UNCLEAR,
    ),
    Case(
        "an unread prefix list does not spoil what a CIDR rule admits",
        desired(**clients("10.0.7.0/24")),
        observed(rules(nfs(prefix_list_ids=("pl-1",), cidrs=(CIDR,))), also(prefix_lists={"pl-1": None})),
    ),
    Case(
        "a prefix list client that a rule names is admitted, even unread",
        desired(**clients("pl-1")),
        observed(rules(nfs(prefix_list_ids=("pl-1",))), also(prefix_lists={"pl-1": None})),
    ),
    Case(
        "a prefix list client whose entries are covered is admitted",
        desired(**clients("pl-1")),
        observed(also(prefix_lists={"pl-1": ("10.0.1.0/24", "10.0.9.0/24")})),
    ),
    Case(
        "a prefix list client with one entry outside is not",
        desired(**clients("pl-1")),
        observed(also(prefix_lists={"pl-1": ("10.0.1.0/24", "10.9.0.0/24")})),
        NO_INGRESS,
    ),
    Case(
        "a prefix list client that cannot be read cannot be told",
        desired(**clients("pl-1")),
        observed(also(prefix_lists={"pl-1": None})),
        UNCLEAR,
    ),
    Case(
        "a prefix list client without any address rule is not admitted",
        desired(**clients("pl-1")),
        observed(rules(nfs(group_ids=(APP,))), also(prefix_lists={"pl-1": None})),
        NO_INGRESS,
    ),
    Case("one client of two is told", desired(**clients(APP, "10.9.0.0/16")), observed(), NO_INGRESS),
    Case(
        "one client refused and one unclear are two findings",
        desired(**clients("sg-0000000c", "10.9.0.0/16")),
        observed(),
        NO_INGRESS | UNCLEAR,
    ),
    Case(
        "two halves of the world are the world",
        desired(),
        observed(rules(nfs(group_ids=(APP,)), nfs(cidrs=("0.0.0.0/1", "128.0.0.0/1")))),
        OPEN,
    ),
    Case(
        "the world through a prefix list is the world",
        desired(),
        observed(rules(nfs(group_ids=(APP,), prefix_list_ids=("pl-1",))), also(prefix_lists={"pl-1": ("0.0.0.0/0",)})),
        OPEN,
    ),
    Case(
        "the world on another port is not our business",
        desired(),
        observed(rules(nfs(group_ids=(APP,)), IngressRule("tcp", 443, 443, cidrs=("0.0.0.0/0",)))),
    ),
    Case("half the world is not the world", desired(), observed(rules(nfs(group_ids=(APP,), cidrs=("0.0.0.0/1",))))),
    Case(
        "the groups of a mount target of ours are not judged",
        desired(own_group=OWN),
        observed(rules(), adopted(OWN), targets(target(A, security_groups=(OWN,)), target(B, security_groups=(OWN,)))),
    ),
    Case(
        "a mount target in a zone nobody wants is not judged",
        desired(subnets={"a": "subnet-a1"}),
        observed(targets(target(A), target(B, security_groups=("sg-closed",)))),
        OFF,
        (),
    ),
    Case(
        "a mount target whose interface is not listed is told as unreadable",
        desired(subnets={"a": "subnet-a1"}),
        observed(targets(target(A, security_groups=()))),
        {("unreadable", W, "fsmt-a")},
        (),
    ),
    Case(
        "refused interfaces are told once",
        desired(**IN_A_AND_B),
        observed(
            targets(target(A, security_groups=()), target(B, security_groups=())),
            also(unread=(Unread("fsmt-a, fsmt-b", "network interfaces", "UnauthorizedOperation"),)),
        ),
        {("unreadable", W, "fsmt-a, fsmt-b")},
        (),
    ),
    Case(
        "a group that is not listed cannot be told",
        desired(),
        observed(also(security_groups={})),
        UNCLEAR | {("unreadable", W, NFS)},
    ),
    Case(
        "refused groups are told once",
        desired(),
        observed(also(security_groups={}, unread=(Unread(NFS, "security groups", "UnauthorizedOperation"),))),
        UNCLEAR | {("unreadable", W, NFS)},
    ),
    Case(
        "an unread group is not taken for a closed one",
        desired(clients=()),
        observed(also(security_groups={})),
        {("unreadable", W, NFS)},
    ),
]
