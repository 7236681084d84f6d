"""Adoption cases: the file system itself, severities, and everything at once."""

from __future__ import annotations

from geuse_efs_waiter.adoption.checks.observed import ObservedVpc, Unread
from tests.adoption.builders import (
    ACCOUNT,
    FS,
    KEY,
    NFS,
    REGION,
    VPC,
    A,
    C,
    allow,
    also,
    deny,
    file_system,
    nfs,
    policy,
    rules,
    subnet,
    subnets,
)
from tests.adoption.case import IN_A_AND_B, case, error, missing, warning

ELSEWHERE = error("file-system-elsewhere", FS)
UNENCRYPTED = file_system(encrypted=False, kms_key_id=None)
REFUSED = "AccessDeniedException"

FILE_SYSTEM = {
    "a healthy file system gives no finding and the free zone is created": case(),
    "a file system that covers all desired zones needs nothing": case(subnets=IN_A_AND_B, creates=()),
    "a file system that does not exist is one finding and creates nothing": case(
        also(file_system=None, backup=None), finds=error("file-system-not-found", FS), creates=()
    ),
    "an ARN of another region is refused": case(region="eu-west-1", account=ACCOUNT, finds=ELSEWHERE),
    "an ARN of another account is refused": case(region=REGION, account="210987654321", finds=ELSEWHERE),
    "an ARN of here is fine": case(region=REGION, account=ACCOUNT),
    "an ARN's account is not held against an unknown account": case(also(account=None), account="210987654321"),
    "a file system that is updating is fine": case(file_system(lifecycle_state="updating")),
    "a file system that is creating is waited for": case(
        file_system(lifecycle_state="creating"), finds=warning("file-system-creating", FS)
    ),
    **{
        f"a file system in state {state} is refused": case(
            file_system(lifecycle_state=state), finds=error("file-system-unusable", FS)
        )
        for state in ("deleting", "deleted", "error")
    },
    "the destination of a replication can be adopted for reading": case(
        file_system(replication_destination=True), finds=warning("replication-destination", FS)
    ),
    "an unencrypted file system is refused": case(UNENCRYPTED, finds=error("encryption-off", FS)),
    "the expected key is fine": case(kms_key_arn=KEY),
    "the expected key as a bare id is fine": case(file_system(kms_key_id=KEY.rpartition("/")[2]), kms_key_arn=KEY),
    "another key is refused": case(kms_key_arn=KEY.replace("1111", "9999"), finds=error("kms-key-other", FS)),
    "the same key id in another region is another key": case(
        kms_key_arn=KEY.replace(REGION, "eu-west-1"), finds=error("kms-key-other", FS)
    ),
    "an alias cannot be compared": case(
        kms_key_arn=f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/data", finds=warning("kms-key-unclear", FS)
    ),
    "a key that EFS does not tell cannot be compared": case(
        file_system(kms_key_id=None), kms_key_arn=KEY, finds=warning("kms-key-unclear", FS)
    ),
    **{
        f"a backup policy {status} is reported": case(also(backup=status), finds=warning("backup-off", FS))
        for status in ("DISABLED", "DISABLING")
    },
    "a backup policy that is being enabled is fine": case(also(backup="ENABLING")),
    "an unreadable backup policy is neither on nor off": case(
        also(backup=None, unread=(Unread(FS, "backup policy", REFUSED),)), finds=warning("unreadable", FS)
    ),
    "an access point of the file system is fine": case(
        also(access_points={"fsap-1": FS}), access_point_ids=("fsap-1",)
    ),
    "an access point of another file system is refused": case(
        also(access_points={"fsap-1": "fs-9"}),
        access_point_ids=("fsap-1",),
        finds=error("access-point-other", "fsap-1"),
    ),
    "an access point that does not exist is refused": case(
        access_point_ids=("fsap-1",), finds=error("access-point-not-found", "fsap-1")
    ),
    "an access point that cannot be read is not called missing": case(
        also(unread=(Unread("fsap-1", "access point", REFUSED),)),
        access_point_ids=("fsap-1",),
        finds=warning("unreadable", "fsap-1"),
    ),
}

SEVERITIES = {
    "a finding that is off is not reported": case(UNENCRYPTED, severities={"encryption-off": "off"}),
    "an error may be made a warning": case(
        UNENCRYPTED, severities={"encryption-off": "warning"}, finds=warning("encryption-off", FS)
    ),
    "a warning may be made an error": case(
        also(backup="DISABLED"), severities={"backup-off": "error"}, finds=error("backup-off", FS)
    ),
    "mount targets in a peered VPC may be adopted, and a free zone is still reported": case(
        *(subnets(subnet(f"subnet-{zone[-1]}9", zone, vpc_id="vpc-2")) for zone in (A, C)),
        vpc_id="vpc-2",
        subnets={"a": "subnet-a9", "c": "subnet-c9"},
        severities={"vpc-other": "off"},
        finds=missing(),
        creates=(),
    ),
    "everything wrong at once is reported at once": case(
        rules(nfs(cidrs_v6=("::/0",), group_ids=("sg-other",))),
        also(backup="DISABLED", vpc=ObservedVpc(VPC, dns_support=False, dns_hostnames=False)),
        subnets(subnet("subnet-c1", C, free_addresses=0, maps_public_ip=True)),
        policy(allow("ClientMount"), deny("ClientWrite")),
        kms_key_arn=KEY + "0",
        access_point_ids=("fsap-1",),
        subnets={"a": "subnet-a1", "x": "subnet-x", "c": "subnet-c1"},
        finds=error("kms-key-other", FS)
        | error("access-point-not-found", "fsap-1")
        | error("subnet-not-found", "subnet-x")
        | error("subnet-full", "subnet-c1")
        | error("policy-denies-clients", FS)
        | warning("policy-needs-iam", FS)
        | warning("ingress-unclear", NFS)
        | warning("ingress-open", NFS)
        | warning("backup-off", FS)
        | warning("vpc-dns-off", VPC)
        | warning("subnet-public", "subnet-c1"),
    ),
}
