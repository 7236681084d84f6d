"""Adoption cases: the file system itself."""

from __future__ import annotations

from geuse_efs_waiter.adoption.checks.observed import Unread
from tests.adoption.builders import (
    ACCOUNT,
    FS,
    KEY,
    REGION,
    also,
    desired,
    file_system,
    observed,
)
from tests.adoption.case import (
    IN_A_AND_B,
    OFF,
    Case,
    E,
    W,
)

FILE_SYSTEM = [
    Case("a healthy file system gives no finding and the free zone is created", desired(), observed()),
    Case("a file system that covers all wanted zones needs nothing", desired(**IN_A_AND_B), observed(), OFF, ()),
    Case(
        "a file system that does not exist is one finding and creates nothing",
        desired(),
        observed(also(file_system=None, backup=None)),
        {("file-system-not-found", E, FS)},
        (),
    ),
    Case(
        "an ARN of another region is refused",
        desired(region="eu-west-1", account=ACCOUNT),
        observed(),
        {("file-system-elsewhere", E, FS)},
    ),
    Case(
        "an ARN of another account is refused",
        desired(region=REGION, account="210987654321"),
        observed(),
        {("file-system-elsewhere", E, FS)},
    ),
    Case("an ARN of here is fine", desired(region=REGION, account=ACCOUNT), observed()),
    Case(
        "an ARN's account is not held against an unknown account",
        desired(account="210987654321"),
        observed(also(account=None)),
    ),
    Case("a file system that is updating is fine", desired(), observed(file_system(lifecycle_state="updating"))),
    Case(
        "a file system that is creating is waited for",
        desired(),
        observed(file_system(lifecycle_state="creating")),
        {("file-system-creating", W, FS)},
    ),
    *(
        Case(
            f"a file system in state {state} is refused",
            desired(),
            observed(file_system(lifecycle_state=state)),
            {("file-system-unusable", E, FS)},
        )
        for state in ("deleting", "deleted", "error")
    ),
    Case(
        "the destination of a replication can be adopted for reading",
        desired(),
        observed(file_system(replication_destination=True)),
        {("replication-destination", W, FS)},
    ),
    Case(
        "an unencrypted file system is refused",
        desired(),
        observed(file_system(encrypted=False, kms_key_id=None)),
        {("encryption-off", E, FS)},
    ),
    Case("the expected key is fine", desired(kms_key_arn=KEY), observed()),
    Case(
        "the expected key told as a bare id is fine",
        desired(kms_key_arn=KEY),
        observed(file_system(kms_key_id=KEY.rpartition("/")[2])),
    ),
    Case(
        "another key is refused",
        desired(kms_key_arn=KEY.replace("1111", "9999")),
        observed(),
        {("kms-key-other", E, FS)},
    ),
    Case(
        "the same key id in another region is another key",
        desired(kms_key_arn=KEY.replace(REGION, "eu-west-1")),
        observed(),
        {("kms-key-other", E, FS)},
    ),
    Case(
        "an alias cannot be compared",
        desired(kms_key_arn=f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/data"),
        observed(),
        {("kms-key-unclear", W, FS)},
    ),
    Case(
        "a key that EFS does not tell cannot be compared",
        desired(kms_key_arn=KEY),
        observed(file_system(kms_key_id=None)),
        {("kms-key-unclear", W, FS)},
    ),
    *(
        Case(f"a backup policy {status} is told", desired(), observed(also(backup=status)), {("backup-off", W, FS)})
        for status in ("DISABLED", "DISABLING")
    ),
    Case("a backup policy that is being enabled is fine", desired(), observed(also(backup="ENABLING"))),
    Case(
        "an unreadable backup policy is neither on nor off",
        desired(),
        observed(also(backup=None, unread=(Unread(FS, "backup policy", "AccessDeniedException"),))),
        {("unreadable", W, FS)},
    ),
    Case(
        "an access point of the file system is fine",
        desired(access_point_ids=("fsap-1",)),
        observed(also(access_points={"fsap-1": FS})),
    ),
    Case(
        "an access point of another file system is refused",
        desired(access_point_ids=("fsap-1",)),
        observed(also(access_points={"fsap-1": "fs-9"})),
        {("access-point-other", E, "fsap-1")},
    ),
    Case(
        "an access point that does not exist is refused",
        desired(access_point_ids=("fsap-1",)),
        observed(),
        {("access-point-not-found", E, "fsap-1")},
    ),
    Case(
        "an access point that cannot be read is not called missing",
        desired(access_point_ids=("fsap-1",)),
        observed(also(unread=(Unread("fsap-1", "access point", "AccessDeniedException"),))),
        {("unreadable", W, "fsap-1")},
    ),
]
