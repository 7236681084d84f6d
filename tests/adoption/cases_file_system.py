"""Adoption cases: the file system itself."""

from __future__ import annotations

from geuse_efs_waiter.adoption.checks.observed import Unread
from tests.adoption.builders import (
    ACCOUNT,
    FS,
    KEY,
    REGION,
    also,
    file_system,
    seen,
    wish,
)
from tests.adoption.case import (
    IN_A_AND_B,
    OFF,
    Case,
    E,
    W,
)

FILE_SYSTEM = [
    Case("a healthy file system gives no finding and the free zone is created", wish(), seen()),
    Case("a file system that covers all wanted zones needs nothing", wish(**IN_A_AND_B), seen(), OFF, ()),
    Case(
        "a file system that does not exist is one finding and creates nothing",
        wish(),
        seen(also(file_system=None, backup=None)),
        {("file-system-not-found", E, FS)},
        (),
    ),
    Case(
        "an ARN of another region is refused",
        wish(region="eu-west-1", account=ACCOUNT),
        seen(),
        {("file-system-elsewhere", E, FS)},
    ),
    Case(
        "an ARN of another account is refused",
        wish(region=REGION, account="210987654321"),
        seen(),
        {("file-system-elsewhere", E, FS)},
    ),
    Case("an ARN of here is fine", wish(region=REGION, account=ACCOUNT), seen()),
    Case(
        "an ARN's account is not held against an unknown account",
        wish(account="210987654321"),
        seen(also(account=None)),
    ),
    Case("a file system that is updating is fine", wish(), seen(file_system(lifecycle_state="updating"))),
    Case(
        "a file system that is creating is waited for",
        wish(),
        seen(file_system(lifecycle_state="creating")),
        {("file-system-creating", W, FS)},
    ),
    *(
        Case(
            f"a file system in state {state} is refused",
            wish(),
            seen(file_system(lifecycle_state=state)),
            {("file-system-unusable", E, FS)},
        )
        for state in ("deleting", "deleted", "error")
    ),
    Case(
        "an unencrypted file system is refused",
        wish(),
        seen(file_system(encrypted=False, kms_key_id=None)),
        {("encryption-off", E, FS)},
    ),
    Case("the expected key is fine", wish(kms_key_arn=KEY), seen()),
    Case(
        "the expected key told as a bare id is fine",
        wish(kms_key_arn=KEY),
        seen(file_system(kms_key_id=KEY.rpartition("/")[2])),
    ),
    Case("another key is refused", wish(kms_key_arn=KEY.replace("1111", "9999")), seen(), {("kms-key-other", E, FS)}),
    Case(
        "the same key id in another region is another key",
        wish(kms_key_arn=KEY.replace(REGION, "eu-west-1")),
        seen(),
        {("kms-key-other", E, FS)},
    ),
    Case(
        "an alias cannot be compared",
        wish(kms_key_arn=f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/data"),
        seen(),
        {("kms-key-unclear", W, FS)},
    ),
    Case(
        "a key that EFS does not tell cannot be compared",
        wish(kms_key_arn=KEY),
        seen(file_system(kms_key_id=None)),
        {("kms-key-unclear", W, FS)},
    ),
    *(
        Case(f"a backup policy {status} is told", wish(), seen(also(backup=status)), {("backup-off", W, FS)})
        for status in ("DISABLED", "DISABLING")
    ),
    Case("a backup policy that is being enabled is fine", wish(), seen(also(backup="ENABLING"))),
    Case(
        "an unreadable backup policy is neither on nor off",
        wish(),
        seen(also(backup=None, unread=(Unread(FS, "backup policy", "AccessDeniedException"),))),
        {("unreadable", W, FS)},
    ),
    Case(
        "an access point of the file system is fine",
        wish(access_point_ids=("fsap-1",)),
        seen(also(access_points={"fsap-1": FS})),
    ),
    Case(
        "an access point of another file system is refused",
        wish(access_point_ids=("fsap-1",)),
        seen(also(access_points={"fsap-1": "fs-9"})),
        {("access-point-other", E, "fsap-1")},
    ),
    Case(
        "an access point that does not exist is refused",
        wish(access_point_ids=("fsap-1",)),
        seen(),
        {("access-point-not-found", E, "fsap-1")},
    ),
    Case(
        "an access point that cannot be read is not called missing",
        wish(access_point_ids=("fsap-1",)),
        seen(also(unread=(Unread("fsap-1", "access point", "AccessDeniedException"),))),
        {("unreadable", W, "fsap-1")},
    ),
]
