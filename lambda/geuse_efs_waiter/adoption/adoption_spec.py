"""The properties of the custom resource of an adoption, typed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from geuse_efs_waiter.adoption.finding_codes import checked_severities
from geuse_efs_waiter.adoption.wish import AdoptionWish, Client, FileSystemName
from geuse_efs_waiter.cloudformation import properties as form

_ANY = r"[^\x00-\x1f]{1,300}"
_ADDRESSES = "IPV4_ONLY|DUAL_STACK|IPV6_ONLY"
_ACCESS_POINT = r"fsap-[0-9a-f]{8,40}"
_KEY = r"arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:(key|alias)/[A-Za-z0-9/_-]+"
_ROLE = r"arn:[a-z-]+:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@/_-]+"
_VPC = r"vpc-[0-9a-f]{8,40}"
# A change of these brings about nothing on the file system.
_WITHOUT_EFFECT = frozenset({"ServiceToken", "ServiceTimeout", "WaitTimeoutSeconds"})


@dataclass(frozen=True, slots=True)
class Terms:
    """What an adoption is to bring about.

    Attributes:
        wish: what is looked at and judged.
        tags: what the network interfaces of mount targets of our making are to carry.
        wait_timeout: seconds to wait, 1 to 2400.
        retain_created: keep the mount targets of our making when the adoption ends.
        ip_address_type: the addresses of mount targets of our making.
        own_group: whether the first security group belongs to this adoption alone.
        digest: tells these properties from others.
    """

    wish: AdoptionWish
    tags: Mapping[str, str]
    wait_timeout: int
    retain_created: bool
    ip_address_type: str
    own_group: bool
    digest: str

    @classmethod
    def parse(cls, values: Mapping[str, Any]) -> Terms:
        """Read the properties.

        Raises:
            InvalidRequestError: naming the first property that is missing, malformed or unknown.
        """
        given = form.Properties(values, ignored=form.CLOUDFORMATIONS_OWN)
        adopt = given.nested(form.ADOPT_KEY)
        name = FileSystemName.parse(given.text("FileSystemId", _ANY))
        wish = AdoptionWish(
            file_system_id=name.file_system_id,
            region=name.region,
            account=name.account,
            subnets=adopt.pairs("Subnets", form.ZONE, form.SUBNET_ID),
            vpc_id=adopt.text("VpcId", _VPC),
            clients=tuple(Client.parse(text) for text in adopt.texts("Clients", _ANY)),
            kms_key_arn=adopt.text("KmsKeyArn", _KEY, default="") or None,
            access_point_ids=adopt.texts("AccessPointIds", _ACCESS_POINT),
            create_missing=adopt.flag("CreateMissing"),
            security_group_ids=given.texts("SecurityGroupIds", form.SECURITY_GROUP_ID, form.MOST_SECURITY_GROUPS),
            severities=checked_severities(adopt.pairs("Severities", _ANY, _ANY)),
            role_arn=adopt.text("RoleArn", _ROLE),
        )
        terms = cls(
            wish=wish,
            tags=given.tags(),
            wait_timeout=given.whole("WaitTimeoutSeconds", 1, form.LONGEST_WAIT),
            retain_created=adopt.flag("RetainCreated"),
            ip_address_type=adopt.text("IpAddressType", _ADDRESSES),
            own_group=adopt.flag("OwnGroup"),
            digest=_digest(values),
        )
        adopt.finish()
        given.finish()
        if not wish.subnets:
            raise adopt.wrong("Subnets", {}, "one subnet an availability zone")
        return terms


def retains_created(values: Mapping[str, Any]) -> bool:
    """``RetainCreated`` of properties that may be malformed otherwise: a delete must work in any case."""
    adopt = values.get(form.ADOPT_KEY)
    return isinstance(adopt, Mapping) and str(adopt.get("RetainCreated")).lower() == "true"


def _digest(values: Mapping[str, Any]) -> str:
    effective = {key: value for key, value in values.items() if key not in _WITHOUT_EFFECT}
    return hashlib.sha256(json.dumps(effective, sort_keys=True).encode()).hexdigest()[:8]
