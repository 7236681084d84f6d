"""Adoption cases: severities, and everything at once."""

from __future__ import annotations

from geuse_efs_waiter.adoption.checks.observed import VpcSeen
from tests.adoption.builders import (
    FS,
    KEY,
    NFS,
    VPC,
    A,
    B,
    C,
    allow,
    also,
    deny,
    file_system,
    nfs,
    policy,
    rules,
    seen,
    subnet,
    subnets,
    target,
    targets,
    wish,
)
from tests.adoption.case import (
    Case,
    E,
    W,
    missing,
)

SEVERITIES = [
    Case(
        "a finding that is off is not told",
        wish(severities={"encryption-off": "off"}),
        seen(file_system(encrypted=False)),
    ),
    Case(
        "an error may be made a warning",
        wish(severities={"encryption-off": "warning"}),
        seen(file_system(encrypted=False)),
        {("encryption-off", W, FS)},
    ),
    Case(
        "a warning may be made an error",
        wish(severities={"backup-off": "error"}),
        seen(also(backup="DISABLED")),
        {("backup-off", E, FS)},
    ),
    Case(
        "mount targets in a peered VPC may be adopted, and a free zone is still told",
        wish(vpc_id="vpc-2", subnets={"a": "subnet-a9", "c": "subnet-c9"}, severities={"vpc-other": "off"}),
        seen(*(subnets(subnet(f"subnet-{zone[-1]}9", zone, vpc_id="vpc-2")) for zone in (A, C))),
        missing(),
        (),
    ),
    Case(
        "everything wrong at once is told at once",
        wish(
            kms_key_arn=KEY + "0",
            access_point_ids=("fsap-1",),
            subnets={"a": "subnet-a1", "x": "subnet-x", "c": "subnet-c1"},
        ),
        seen(
            targets(target(A), target(B)),
            rules(nfs(cidrs_v6=("::/0",), group_ids=("sg-other",))),
            also(backup="DISABLED", vpc=VpcSeen(VPC, dns_support=False, dns_hostnames=False)),
            subnets(subnet("subnet-c1", C, free_addresses=0, maps_public_ip=True)),
            policy(allow("ClientMount"), deny("ClientWrite")),
        ),
        {
            ("kms-key-other", E, FS),
            ("access-point-not-found", E, "fsap-1"),
            ("subnet-not-found", E, "subnet-x"),
            ("subnet-full", E, "subnet-c1"),
            ("policy-denies-clients", E, FS),
            ("policy-needs-iam", W, FS),
            ("ingress-unclear", W, NFS),
            ("ingress-open", W, NFS),
            ("backup-off", W, FS),
            ("vpc-dns-off", W, VPC),
            ("subnet-public", W, "subnet-c1"),
        },
    ),
]
