"""What the contract allows for each setting that stands alone. Written from README and the docstring of `Settings`."""

from __future__ import annotations

import ipaddress
from typing import Any

from tests.malformed_input.contract import Judge, flag, list_of, never, one_of, text, whole

NAME = text("[A-Za-z0-9][A-Za-z0-9-]{0,62}")
ZONE, GROUP = text(r"[a-z]{2,4}(-[a-z]+)+-[0-9][a-z]"), text("sg-[0-9a-f]{8,40}")


def listed(judge: Judge) -> Judge:
    """A list, or text with commas; at least one, all different."""

    def allowed(value: Any) -> bool:
        entries = value.split(",") if isinstance(value, str) else value
        if not isinstance(entries, list) or not entries or not all(isinstance(one, str) for one in entries):
            return False
        entries = [one.strip() for one in entries]
        return list_of(judge, len(entries))(entries)

    return allowed


def vpc_cidr(value: Any) -> bool:
    """A VPC has 16 to 24 bits here, for its subnets must have room."""
    if not text(r"[0-9.]+/[0-9]{2}")(value):
        return False
    try:
        return 16 <= ipaddress.IPv4Network(value).prefixlen <= 24
    except ValueError:
        return False


ALONE: dict[str, Judge] = {
    "environment": NAME,
    "deployment": NAME,
    "tier": NAME,
    "account": text("[0-9]{12}"),
    "region": text("[a-z]{2,4}(-[a-z]+)+-[0-9]"),
    "existing_file_system_id": text(
        "(arn:[a-z-]+:elasticfilesystem:[a-z0-9-]+:[0-9]{12}:file-system/)?fs-[0-9a-f]{8,40}"
    ),
    # Needs account and region.
    "vpc_id": never,
    "vpc_cidr": vpc_cidr,
    "availability_zones": listed(ZONE),
    "allow_public_subnets": flag,
    "client_security_group_ids": listed(GROUP),
    "kms_key_arn": text("arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/(mrk-)?[a-f0-9-]+"),
    "performance_mode": one_of("generalPurpose", "maxIO"),
    # Provisioned needs a figure, and a figure needs provisioned.
    "throughput_mode": one_of("bursting", "elastic"),
    "provisioned_throughput_mibps": never,
    "one_zone": flag,
    "backups": flag,
    "keep_data": flag,
    "wait_timeout_minutes": whole(1, 40),
}
LISTS = {"availability_zones", "client_security_group_ids"}
FLAGS = {name for name, judge in ALONE.items() if judge is flag}


def meant(name: str, value: Any) -> Any:
    """What an allowed value means."""
    if name in LISTS:
        return tuple(one.strip() for one in (value.split(",") if isinstance(value, str) else value))
    if name in FLAGS:
        return str(value).lower() == "true"
    return int(value) if name == "wait_timeout_minutes" else value


def allowed_environments(value: dict[str, Any]) -> bool:
    """Whether all have a name and settings that are allowed alone; none here has two."""
    return bool(value) and all(
        NAME(name)
        and isinstance(settings, dict)
        and all(key in ALONE and key != "environment" and ALONE[key](one) for key, one in settings.items())
        for name, settings in value.items()
    )
