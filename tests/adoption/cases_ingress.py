"""Adoption cases: security groups."""

from __future__ import annotations

from geuse_efs_waiter.adoption.checks.observed import IngressRule, Unread
from tests.adoption.builders import APP, NFS, OWN, A, B, Change, adopted, also, group, nfs, rules, target, targets
from tests.adoption.case import IN_A_AND_B, NO_INGRESS, OPEN, UNCLEAR, case, error, warning

CIDR, WORLD = "10.0.0.0/16", "0.0.0.0/0"
HALVES = ("10.0.0.0/17", "10.0.128.0/17")
BY_GROUP, BY_LIST = rules(nfs(group_ids=(APP,))), rules(nfs(prefix_list_ids=("pl-1",)))
IPV6 = {"ip_address": None, "ipv6_address": "2600::4"}


def prefix_list(*cidrs: str) -> Change:
    return also(prefix_lists={"pl-1": cidrs})


UNREAD_LIST = also(prefix_lists={"pl-1": None})

RULES = {
    "no ingress at all with a client is an error": case(rules(), finds=NO_INGRESS),
    "no ingress at all without a client means nobody can mount": case(
        rules(), clients=(), finds=warning("ingress-none", NFS)
    ),
    "ingress without a declared client is fine": case(clients=()),
    "ingress on another port does not count": case(
        rules(IngressRule("tcp", 22, 22, group_ids=(APP,))), finds=NO_INGRESS
    ),
    "ingress by udp does not count": case(rules(IngressRule("udp", 2049, 2049, group_ids=(APP,))), finds=NO_INGRESS),
    "ingress by a range of ports counts": case(rules(IngressRule("tcp", 2000, 3000, group_ids=(APP,)))),
    "ingress by tcp written as a number counts": case(rules(IngressRule("6", 2049, 2049, group_ids=(APP,)))),
    "ingress by every protocol counts": case(rules(IngressRule("-1", group_ids=(APP,)))),
    "ingress from another group does not count": case(rules(nfs(group_ids=("sg-other",))), finds=NO_INGRESS),
    "the world on another port does not matter": case(
        rules(nfs(group_ids=(APP,)), IngressRule("tcp", 443, 443, cidrs=(WORLD,)))
    ),
    "half the world is not the world": case(rules(nfs(group_ids=(APP,), cidrs=("0.0.0.0/1",)))),
    "two halves of the world are the world": case(
        rules(nfs(group_ids=(APP,)), nfs(cidrs=("0.0.0.0/1", "128.0.0.0/1"))), finds=OPEN
    ),
    "the world through a prefix list is the world": case(
        rules(nfs(group_ids=(APP,), prefix_list_ids=("pl-1",))), prefix_list(WORLD), finds=OPEN
    ),
}

CLIENTS = {
    "a group client and a CIDR rule cannot be compared": case(rules(nfs(cidrs=(CIDR,))), finds=UNCLEAR),
    "a group client is admitted by 0.0.0.0/0, which is open": case(rules(nfs(cidrs=(WORLD,))), finds=OPEN),
    "a group client at an IPv4 mount target is not surely admitted by ::/0": case(
        rules(nfs(cidrs_v6=("::/0",))), finds=OPEN | UNCLEAR
    ),
    "a group client at an IPv6-only mount target is admitted by ::/0": case(
        targets(target(A, **IPV6), target(B, **IPV6)), rules(nfs(cidrs_v6=("::/0",))), finds=OPEN
    ),
    "a CIDR client inside a rule is admitted": case(clients=["10.0.7.0/24"]),
    "one address in a CIDR rule is admitted": case(clients=["10.0.1.7"]),
    "a CIDR client larger than the rule is not": case(clients=["10.0.0.0/8"], finds=NO_INGRESS),
    "a CIDR client is covered by two rules together": case(
        rules(*(nfs(cidrs=[half]) for half in HALVES)), clients=[CIDR]
    ),
    "a CIDR client half covered is not admitted": case(rules(nfs(cidrs=HALVES[:1])), clients=[CIDR], finds=NO_INGRESS),
    "a CIDR client is not admitted by a group rule": case(BY_GROUP, clients=[CIDR], finds=NO_INGRESS),
    "an IPv6 client is admitted by an IPv6 rule": case(rules(nfs(cidrs_v6=("2600:1::/56",))), clients=["2600:1::/64"]),
    "an IPv6 client is not admitted by an IPv4 rule": case(
        rules(nfs(cidrs=(WORLD,))), clients=["2600:1::/64"], finds=OPEN | NO_INGRESS
    ),
    "one client of two is reported": case(clients=[APP, "10.9.0.0/16"], finds=NO_INGRESS),
    "one client refused and one unclear are two findings": case(
        clients=["sg-0000000c", "10.9.0.0/16"], finds=NO_INGRESS | UNCLEAR
    ),
}

PREFIX_LISTS = {
    "a prefix list in a rule admits what is in it": case(BY_LIST, prefix_list(*HALVES), clients=[CIDR]),
    "a prefix list in a rule does not admit what is not in it": case(
        BY_LIST, prefix_list(HALVES[0]), clients=[CIDR], finds=NO_INGRESS
    ),
    "a prefix list and a CIDR rule cover a client together": case(
        rules(nfs(prefix_list_ids=("pl-1",), cidrs=HALVES[1:])), prefix_list(HALVES[0]), clients=[CIDR]
    ),
    "an unread prefix list in a rule is unclear": case(BY_LIST, UNREAD_LIST, clients=[CIDR], finds=UNCLEAR),
    "an unread prefix list does not spoil what a CIDR rule admits": case(
        rules(nfs(prefix_list_ids=("pl-1",), cidrs=(CIDR,))), UNREAD_LIST, clients=["10.0.7.0/24"]
    ),
    "a prefix list client that a rule names is admitted, even unread": case(BY_LIST, UNREAD_LIST, clients=["pl-1"]),
    "a prefix list client whose entries are covered is admitted": case(
        prefix_list("10.0.1.0/24", "10.0.9.0/24"), clients=["pl-1"]
    ),
    "a prefix list client with one entry outside is not": case(
        prefix_list("10.0.1.0/24", "10.9.0.0/24"), clients=["pl-1"], finds=NO_INGRESS
    ),
    "a prefix list client that cannot be read is unclear": case(UNREAD_LIST, clients=["pl-1"], finds=UNCLEAR),
    "a prefix list client without any address rule is not admitted": case(
        BY_GROUP, UNREAD_LIST, clients=["pl-1"], finds=NO_INGRESS
    ),
}

GROUPS = {
    "the rules of all groups are united": case(
        targets(*(target(zone, security_groups=(NFS, "sg-two")) for zone in (A, B))),
        also(security_groups={NFS: group(NFS, nfs(group_ids=(APP,))), "sg-two": group("sg-two", nfs(cidrs=(CIDR,)))}),
        clients=[APP, CIDR],
    ),
    "each mount target is evaluated by its own groups": case(
        targets(target(A), target(B, security_groups=("sg-two",))),
        also(security_groups={NFS: group(NFS, nfs(group_ids=(APP,))), "sg-two": group("sg-two")}),
        finds=error("ingress-missing", "sg-two"),
    ),
    "the groups of what this adoption has created are not evaluated": case(
        adopted(OWN),
        also(security_groups={OWN: group(OWN)}),
        targets(target(A, security_groups=(OWN,)), target(B, security_groups=(OWN,))),
        own_group=OWN,
    ),
    "a mount target in a zone that is not desired is not evaluated": case(
        targets(target(A), target(B, security_groups=("sg-closed",))), subnets={"a": "subnet-a1"}, creates=()
    ),
    "a mount target whose interface is not listed is reported as unreadable": case(
        targets(target(A, security_groups=())),
        subnets={"a": "subnet-a1"},
        finds=warning("unreadable", "fsmt-a"),
        creates=(),
    ),
    "refused interfaces are reported once": case(
        targets(target(A, security_groups=()), target(B, security_groups=())),
        also(unread=(Unread("fsmt-a, fsmt-b", "network interfaces", "UnauthorizedOperation"),)),
        subnets=IN_A_AND_B,
        finds=warning("unreadable", "fsmt-a, fsmt-b"),
        creates=(),
    ),
    "a group that is not listed is unclear": case(also(security_groups={}), finds=UNCLEAR | warning("unreadable", NFS)),
    "refused groups are reported once": case(
        also(security_groups={}, unread=(Unread(NFS, "security groups", "UnauthorizedOperation"),)),
        finds=UNCLEAR | warning("unreadable", NFS),
    ),
    "an unread group is not taken for a closed one": case(
        also(security_groups={}), clients=(), finds=warning("unreadable", NFS)
    ),
}

INGRESS = RULES | CLIENTS | PREFIX_LISTS | GROUPS
