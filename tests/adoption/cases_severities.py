"""Adoption cases: severities, and everything at once."""

from __future__ import annotations

from geuse_efs_waiter.adoption.checks.observed import ObservedVpc
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
    desired,
    file_system,
    nfs,
    observed,
    policy,
    rules,
    subnet,
    subnets,
    target,
    targets,
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
        desired(severities={"encryption-off": "off"}),
        observed(file_system(encrypted=False)),
    ),
    Case(
        "an error may be made a warning",
        desired(severities={"encryption-off": "warning"}),
        observed(file_system(encrypted=False)),
        {("encryption-off", W, FS)},
    ),
    Case(
        "a warning may be made an error",
        desired(severities={"backup-off": "error"}),
        observed(also(backup="DISABLED")),
        {("backup-off", E, FS)},
    ),
    Case(
        "mount targets in a peered VPC may be adopted, and a free zone is still told",
        desired(vpc_id="vpc-2", subnets={"a": "subnet-a9", "c": "subnet-c9"}, severities={"vpc-other": "off"}),
        observed(*(subnets(subnet(f"subnet-{zone[-1]}9", zone, vpc_id="vpc-2")) for zone in (A, C))),
        missing(),
        (),
    ),
    Case(
        "everything wrong at once is told at once",
        desired(
            kms_key_arn=KEY + "0",
            access_point_ids=("fsap-1",),
            subnets={"a": "subnet-a1", "x": "subnet-x", "c": "subnet-c1"},
        ),
        observed(
            targets(target(A), target(B)),
            rules(nfs(cidrs_v6=("::/0",), group_ids=("sg-other",))),
            also(backup="DISABLED", vpc=ObservedVpc(VPC, dns_support=False, dns_hostnames=False)),
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
