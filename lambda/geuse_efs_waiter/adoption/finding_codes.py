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
        severity: the default; ``error`` fails the deployment, ``warning`` is reported, ``off`` is left out.
        meaning: one line for people.
        fix: what to do, as a command to the reader; ``{…}`` stands for what the finding fills in.
    """

    severity: Severity
    meaning: str
    fix: str


_WRONG_ID = "check the id, the region and the account"
_COPY = "encryption cannot be changed: copy the data to a new file system, or correct the expectation"
_ACCESS_POINT = "check the id, or create an access point on the file system"

CODES: Mapping[str, Code] = {
    "file-system-not-found": Code("error", "no such file system in this region and account", _WRONG_ID),
    "file-system-elsewhere": Code(
        "error",
        "the ARN names another region or account than the one in use",
        "deploy to the region and account of the file system, or give the id of one that is there",
    ),
    "file-system-unusable": Code(
        "error",
        "the file system is being deleted, is deleted or is in error",
        "adopt another file system, or restore from a backup",
    ),
    "file-system-creating": Code(
        "warning",
        "the file system is still being created, so the adoption waits for it",
        "wait until it is available",
    ),
    "replication-destination": Code(
        "warning",
        "the file system is the destination of a replication: clients can read, and not write",
        "mount it for reading only, adopt the source, or delete the replication configuration",
    ),
    "encryption-off": Code("error", "the file system is not encrypted at rest", _COPY),
    "kms-key-other": Code("error", "the file system is encrypted with another key than expected", _COPY),
    "kms-key-unclear": Code(
        "warning",
        "whether it is the expected key is not known, as with an alias",
        "give the ARN of the key, not an alias",
    ),
    "one-zone-elsewhere": Code(
        "error",
        "a One Zone file system takes no mount target in a wanted zone",
        "take a subnet in {zone} only, or copy the data to a regional file system",
    ),
    "zone-not-served": Code(
        "error",
        "a wanted subnet is in a local or Wavelength zone, where EFS makes no mount targets",
        "leave the subnet out, or choose one in an availability zone of the region",
    ),
    "vpc-not-found": Code("error", "the expected VPC does not exist in this region and account", _WRONG_ID),
    "vpc-other": Code(
        "error",
        "the mount targets are in another VPC than expected",
        "EFS takes mount targets in one VPC only: adopt it in that VPC, or delete those mount targets first",
    ),
    "subnet-not-found": Code("error", "a wanted subnet does not exist in this region and account", _WRONG_ID),
    "subnet-vpc-other": Code(
        "error",
        "a wanted subnet is in another VPC than expected",
        "choose a subnet of the VPC that the file system is used in",
    ),
    "subnets-share-zone": Code(
        "error",
        "two wanted subnets are in one availability zone",
        "choose one of them: a mount target serves every subnet of its availability zone",
    ),
    "subnet-full": Code(
        "error",
        "a subnet that needs a mount target has no free address",
        "free an address, or choose another subnet in {zone}",
    ),
    "mount-target-missing": Code(
        "error",
        "a wanted zone has no mount target and none may or can be created",
        "create one, allow creation (create_missing), or leave the zone out",
    ),
    "mount-target-failed": Code(
        "error",
        "the mount target of a wanted zone never becomes available",
        "find the cause in its subnet (free addresses, network interface limit), delete the mount target, try again",
    ),
    "mount-target-of-adoption": Code(
        "error",
        "the mount target of a wanted zone belongs to the adoption of another stack, and goes with it",
        "set retain_created=True there, or lower this severity: that stack then refuses to delete the mount target while this "
        "one wants its zone",
    ),
    "mount-target-changed": Code(
        "warning",
        "a person or a tool has changed the security groups of what an adoption created",
        "take off what was put there by hand; as it is, no adoption deletes the mount target",
    ),
    "security-group-of-adoption": Code(
        "error",
        "a given security group is the own group of an adoption",
        "give another group: with this one on it, a mount target is taken for that adoption's",
    ),
    "ingress-missing": Code(
        "error",
        "the security groups do not admit tcp 2049 from a declared client",
        "add ingress tcp 2049 from it to {groups}",
    ),
    "ingress-unclear": Code(
        "warning",
        "whether the security groups admit a declared client is not known",
        "check by hand, or add a rule that names the client",
    ),
    "ingress-open": Code(
        "warning",
        "the security groups admit tcp 2049 from the whole world",
        "replace the rule by one that names the clients",
    ),
    "ingress-none": Code(
        "warning",
        "no client is declared and none is admitted: no client can mount",
        "declare the clients, and add ingress tcp 2049 from them",
    ),
    "access-point-not-found": Code("error", "an access point does not exist in this region and account", _ACCESS_POINT),
    "access-point-other": Code("error", "an access point belongs to another file system", _ACCESS_POINT),
    "policy-denies-clients": Code(
        "error",
        "the file-system policy denies mounting or writing to everyone",
        "take the statement out, or give it a condition that spares the clients",
    ),
    "policy-denies-management": Code(
        "error",
        "the file-system policy denies calls that adoption needs",
        "take the statement out, or except the role of the deploying stack",
    ),
    "policy-unclear": Code(
        "warning",
        "whether the file-system policy denies what is needed is not known",
        "check by hand whom the statement denies",
    ),
    "policy-needs-iam": Code(
        "warning",
        "the file-system policy does not let every client mount and write",
        "mount with IAM and a role that is allowed them, or allow them to everyone in the policy",
    ),
    "vpc-dns-off": Code(
        "warning",
        "the VPC does not resolve the file system's DNS name",
        "turn it on, or mount with the option mounttargetip of amazon-efs-utils",
    ),
    "subnet-public": Code(
        "warning",
        "a mount target's subnet assigns public addresses (Security Hub EFS.6)",
        "choose a private subnet, or turn the assignment off",
    ),
    "backup-off": Code(
        "warning",
        "automatic backups are off (Security Hub EFS.2)",
        "turn automatic backups on, or back it up in another way and set this finding to off",
    ),
    "unreadable": Code(
        "warning",
        "something could not be read, so what depends on it was not checked",
        "allow {action}, or check it by hand",
    ),
}
"""Every code, in the order in which findings of one severity are reported."""


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
