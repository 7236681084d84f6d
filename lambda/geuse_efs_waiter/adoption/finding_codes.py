"""The codes of all findings: what each means, and how bad it is unless the user says otherwise.

Codes are contract: users set severities by them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from geuse_efs_waiter.errors import InvalidRequestError

Severity = Literal["error", "warning", "off"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of finding.

    Attributes:
        severity: the default; ``error`` fails the deployment, ``warning`` is told, ``off`` is not even told.
        meaning: one line for people.
    """

    severity: Severity
    meaning: str


CODES: Mapping[str, Code] = {
    "file-system-not-found": Code("error", "no such file system in this region and account"),
    "file-system-elsewhere": Code("error", "the ARN names another region or account than the one looked in"),
    "file-system-unusable": Code("error", "the file system is being deleted, is deleted or is in error"),
    "file-system-creating": Code("warning", "the file system is still being created, so it is waited for"),
    "encryption-off": Code("error", "the file system is not encrypted at rest"),
    "kms-key-other": Code("error", "the file system is encrypted with another key than expected"),
    "kms-key-unclear": Code("warning", "whether it is the expected key cannot be told, as with an alias"),
    "one-zone-elsewhere": Code("error", "a One Zone file system takes no mount target in a wanted zone"),
    "vpc-other": Code("error", "the mount targets are in another VPC than expected"),
    "subnet-not-found": Code("error", "a wanted subnet does not exist in this region and account"),
    "subnet-vpc-other": Code("error", "a wanted subnet is in another VPC than expected"),
    "subnets-share-zone": Code("error", "two wanted subnets are in one availability zone"),
    "subnet-full": Code("error", "a subnet that needs a mount target has no free address"),
    "mount-target-missing": Code("error", "a wanted zone has no mount target and none may or can be created"),
    "mount-target-failed": Code("error", "the mount target of a wanted zone never becomes available"),
    "ingress-missing": Code("error", "the security groups do not admit tcp 2049 from a declared client"),
    "ingress-unclear": Code("warning", "whether the security groups admit a declared client cannot be told"),
    "ingress-open": Code("warning", "the security groups admit tcp 2049 from the whole world"),
    "ingress-none": Code("warning", "no client is declared and none is admitted: nobody can mount"),
    "access-point-not-found": Code("error", "an access point does not exist in this region and account"),
    "access-point-other": Code("error", "an access point belongs to another file system"),
    "policy-denies-clients": Code("error", "the file-system policy denies mounting or writing to everyone"),
    "policy-denies-management": Code("error", "the file-system policy denies calls that adoption needs"),
    "policy-unclear": Code("warning", "whether the file-system policy denies what is needed cannot be told"),
    "policy-needs-iam": Code("warning", "the file-system policy does not let every client mount and write"),
    "vpc-dns-off": Code("warning", "the VPC does not resolve the file system's DNS name"),
    "subnet-public": Code("warning", "a mount target's subnet assigns public addresses (Security Hub EFS.6)"),
    "backup-off": Code("warning", "automatic backups are off (Security Hub EFS.2)"),
    "unreadable": Code("warning", "something could not be read, so what depends on it was not judged"),
}
"""Every code, in the order in which findings of one severity are told."""


def check_severities(given: Mapping[str, str]) -> dict[str, Severity]:
    """The severities a user has set, by code.

    Raises:
        InvalidRequestError: for an unknown code or an unknown severity, naming the known ones.
    """
    checked: dict[str, Severity] = {}
    for code, severity in given.items():
        if code not in CODES:
            raise InvalidRequestError(
                f"severity given for {code!r:.60}, which is no finding; expected {', '.join(CODES)}"
            )
        known = [known for known in SEVERITIES if known == severity]
        if not known:
            raise InvalidRequestError(f"severity of {code} is {severity!r:.60}, expected {', '.join(SEVERITIES)}")
        checked[code] = known[0]
    return checked
