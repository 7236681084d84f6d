"""The desired state of an adopted file system, parsed and checked once."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from geuse_efs_waiter.adoption.clients import Client
from geuse_efs_waiter.adoption.finding_codes import Severity, check_severities
from geuse_efs_waiter.cloudformation.properties import (
    ADOPT_KEY,
    ALLOW_DELETION_KEY,
    CLOUDFORMATION_KEYS,
    FILE_SYSTEM_ID,
    SECURITY_GROUP_ID,
    SUBNET_ID,
    ZONE,
    PropertyReader,
    is_true,
)
from geuse_efs_waiter.errors import InvalidRequestError
from geuse_efs_waiter.limits import MAX_GIVEN_GROUPS, MAX_WAIT_SECONDS

_ANY = r"[^\x00-\x1f]{1,300}"
_ADDRESS_TYPES = "IPV4_ONLY|DUAL_STACK|IPV6_ONLY"
ACCESS_POINT_ID = r"fsap-[0-9a-f]{8,40}"
_ARN = r"arn:[a-z0-9-]+:elasticfilesystem:([a-z0-9-]+):(\d{12}):file-system/([^/:]+)"
KMS_KEY_ARN = r"arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:(key|alias)/[A-Za-z0-9/_-]+"
_ROLE = r"arn:[a-z-]+:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@/_-]+"
VPC_ID = r"vpc-[0-9a-f]{8,40}"
# A change of these changes nothing on the file system.
_WITHOUT_EFFECT = frozenset({"ServiceToken", "ServiceTimeout", "WaitTimeoutSeconds"})


@dataclass(frozen=True, slots=True)
class FileSystemName:
    """An id, and the region and account that an ARN adds to it."""

    file_system_id: str
    region: str | None = None
    account: str | None = None

    @classmethod
    def parse(cls, text: str) -> FileSystemName:
        """Read an id or an ARN of any partition.

        Raises:
            InvalidRequestError: if it is neither.
        """
        arn = re.fullmatch(_ARN, text)
        name = arn[3] if arn else text
        if not re.fullmatch(FILE_SYSTEM_ID, name):
            raise InvalidRequestError(
                f"file system is {text!r:.120}, expected an id (fs-…) or an ARN "
                "(arn:<partition>:elasticfilesystem:<region>:<account>:file-system/fs-…)"
            )
        return cls(name, arn[1], arn[2]) if arn else cls(name)


@dataclass(frozen=True, slots=True)
class AdoptionSpec:
    """What an adoption asks for, checked for its form. ``geuse-efs check`` fills in the first half of it.

    Attributes:
        file_system_id: the file system, as an id.
        subnets: the desired subnet of each zone key. A key is only a name; the subnet's AZ is read from EC2.
        vpc_id: where the mount targets must be; None is unknown and not checked.
        clients: who must be admitted by the mount targets that exist already.
        kms_key_arn: the key that the file system must be encrypted with; None accepts any.
        access_point_ids: access points that must belong to the file system.
        create_missing: whether missing mount targets are created; if not, a missing one is a finding.
        own_group: the security group that this adoption alone has. Created mount targets carry it, and by it they are
            known as this adoption's. None for `geuse-efs check`.
        security_group_ids: the other groups that created mount targets carry.
        severities: what differs from the defaults in `finding_codes.CODES`.
        region, account: where the file system is said to be, by its ARN; None is not said.
        role_arn: who calls EFS; None is unknown.
        tags: what the network interfaces of created mount targets are to carry.
        wait_timeout: seconds to wait, 1 to 2400.
        retain_created: keep the created mount targets when the adoption ends.
        ip_address_type: the addresses of created mount targets.
        allow_deletion: delete also mount targets in zones that other adoptions want.
        digest: tells these properties from others.
    """

    file_system_id: str
    subnets: Mapping[str, str]
    vpc_id: str | None = None
    clients: tuple[Client, ...] = ()
    kms_key_arn: str | None = None
    access_point_ids: tuple[str, ...] = ()
    create_missing: bool = True
    security_group_ids: tuple[str, ...] = ()
    severities: Mapping[str, Severity] = field(default_factory=dict)
    region: str | None = None
    account: str | None = None
    role_arn: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    wait_timeout: int = 0
    retain_created: bool = False
    ip_address_type: str = "IPV4_ONLY"
    own_group: str | None = None
    allow_deletion: bool = False
    digest: str = ""

    @classmethod
    def parse(cls, values: Mapping[str, Any]) -> AdoptionSpec:
        """Read the properties.

        Raises:
            InvalidRequestError: naming the first property that is missing, malformed or unknown.
        """
        given = PropertyReader(values, ignored=CLOUDFORMATION_KEYS)
        adopt = given.nested(ADOPT_KEY)
        name = FileSystemName.parse(given.string("FileSystemId", _ANY))
        spec = cls(
            file_system_id=name.file_system_id,
            region=name.region,
            account=name.account,
            subnets=adopt.mapping("Subnets", ZONE, SUBNET_ID),
            vpc_id=adopt.string("VpcId", VPC_ID),
            clients=tuple(map(Client.parse, adopt.strings("Clients", _ANY))),
            kms_key_arn=adopt.string("KmsKeyArn", KMS_KEY_ARN, default="") or None,
            access_point_ids=adopt.strings("AccessPointIds", ACCESS_POINT_ID),
            create_missing=adopt.boolean("CreateMissing"),
            security_group_ids=given.strings("SecurityGroupIds", SECURITY_GROUP_ID, MAX_GIVEN_GROUPS),
            severities=check_severities(adopt.mapping("Severities", _ANY, _ANY)),
            role_arn=adopt.string("RoleArn", _ROLE),
            tags=given.tags(),
            wait_timeout=given.integer("WaitTimeoutSeconds", 1, MAX_WAIT_SECONDS),
            retain_created=adopt.boolean("RetainCreated"),
            ip_address_type=adopt.string("IpAddressType", _ADDRESS_TYPES),
            own_group=adopt.string("OwnGroupId", SECURITY_GROUP_ID),
            allow_deletion=adopt.boolean(ALLOW_DELETION_KEY, default=False),
            digest=_digest(values),
        )
        adopt.reject_unknown()
        given.reject_unknown()
        if not spec.subnets:
            raise adopt.error("Subnets", {}, "one subnet per availability zone")
        return spec


@dataclass(frozen=True, slots=True)
class ReleaseSpec:
    """What a Delete needs of the properties: read leniently, because a delete must work whatever else is malformed.

    Attributes:
        file_system_id: the file system; None if no property and no physical id names one.
        own_group: the own security group; None if the properties name none, and then nothing can have been created.
        given_groups: the other groups that created mount targets carry.
        retain_created: keep the created mount targets.
        allow_deletion: delete also mount targets in zones that other adoptions want.
        seconds: how long the delete may take: CloudFormation hears no response after its ServiceTimeout.
    """

    file_system_id: str | None
    own_group: str | None
    given_groups: frozenset[str]
    retain_created: bool
    allow_deletion: bool
    seconds: int

    @classmethod
    def parse(cls, values: Mapping[str, Any], physical_resource_id: str) -> ReleaseSpec:
        """Read what can be read."""
        candidates = (str(values.get("FileSystemId", "")).rpartition("/")[2], physical_resource_id.rpartition(":")[2])
        given, timeout = values.get("SecurityGroupIds"), str(values.get("ServiceTimeout"))
        adopt = values.get(ADOPT_KEY)
        adopt = adopt if isinstance(adopt, Mapping) else {}
        return cls(
            file_system_id=next((name for name in candidates if re.fullmatch(FILE_SYSTEM_ID, name)), None),
            own_group=next(iter(_groups([adopt.get("OwnGroupId")])), None),
            given_groups=_groups(given if isinstance(given, list) else []),
            retain_created=is_true(adopt.get("RetainCreated")),
            allow_deletion=is_true(adopt.get(ALLOW_DELETION_KEY)),
            seconds=min(MAX_WAIT_SECONDS, max(60, int(timeout) - 240))
            if re.fullmatch("[0-9]{1,4}", timeout)
            else MAX_WAIT_SECONDS,
        )


def _groups(values: list[Any]) -> frozenset[str]:
    return frozenset(value for value in values if isinstance(value, str) and re.fullmatch(SECURITY_GROUP_ID, value))


def _digest(values: Mapping[str, Any]) -> str:
    effective = {key: value for key, value in values.items() if key not in _WITHOUT_EFFECT}
    return hashlib.sha256(json.dumps(effective, sort_keys=True).encode()).hexdigest()[:8]
