"""Refuses at synth what EFS would refuse at deployment, or worse, accept with another meaning.

Each function raises ValueError: what is wrong, what was given, what is allowed, how to repair. A value that is not known
before deployment (a token) passes. Sources: the EFS API reference of CreateFileSystem, PutLifecycleConfiguration,
CreateMountTarget and CreateAccessPoint.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from aws_cdk import Duration, RemovalPolicy, Size, Token
from aws_cdk import aws_efs as efs

from geuse_efs import limits
from geuse_efs.finding_codes import FINDING_CODES
from geuse_efs.security_group import group_key
from geuse_efs.tags import key_mistake, length_mistake, value_mistake

_ACCESS_POINT_PATH = re.compile(r"(?=.{1,100}$)(/|(/(?!\.)[^$#<>;`|&?{}^*/\n]+){1,4})")
SEVERITIES = ("error", "warning", "off")
RESERVED_TAGS = {
    "geusemaker:deployment": "deployment",
    "geusemaker:tier": "tier",
    "geusemaker:created-by": "nothing, it is always set",
    "Name": "file_system_name",
}


def check_performance(
    performance_mode: efs.PerformanceMode, throughput_mode: efs.ThroughputMode, one_zone: bool
) -> None:
    """MaxIO exists only on Regional file systems without elastic throughput."""
    if performance_mode != efs.PerformanceMode.MAX_IO:
        return
    if throughput_mode == efs.ThroughputMode.ELASTIC:
        raise ValueError(
            "performance_mode MAX_IO does not go with throughput_mode ELASTIC; use performance_mode GENERAL_PURPOSE, or "
            "throughput_mode BURSTING or PROVISIONED"
        )
    if one_zone:
        raise ValueError("performance_mode MAX_IO does not go with one_zone=True; use performance_mode GENERAL_PURPOSE")


def check_throughput(throughput_mode: efs.ThroughputMode, provisioned: Size | None) -> None:
    """A provisioned value and its mode need each other."""
    if throughput_mode != efs.ThroughputMode.PROVISIONED:
        if provisioned is not None:
            raise ValueError(
                f"provisioned_throughput_per_second was given with throughput_mode {throughput_mode.name}, which ignores "
                "it; set throughput_mode=PROVISIONED or leave provisioned_throughput_per_second out"
            )
        return
    if provisioned is None:
        raise ValueError(
            "throughput_mode PROVISIONED needs provisioned_throughput_per_second; give a Size from "
            f"{limits.MIN_PROVISIONED_MIBPS} to {limits.MAX_PROVISIONED_MIBPS} MiB (per second)"
        )
    if provisioned.is_unresolved():
        return
    mebibytes = provisioned.to_bytes() / 2**20
    lowest, highest = limits.MIN_PROVISIONED_MIBPS, limits.MAX_PROVISIONED_MIBPS
    if mebibytes != int(mebibytes) or not lowest <= mebibytes <= highest:
        raise ValueError(
            f"provisioned_throughput_per_second is {mebibytes:g} MiB, allowed are whole MiB from {lowest} to {highest}; give "
            "for example Size.mebibytes(100)"
        )


def check_lifecycle(
    lifecycle_policy: efs.LifecyclePolicy | None,
    transition_to_archive_policy: efs.LifecyclePolicy | None,
    performance_mode: efs.PerformanceMode,
    throughput_mode: efs.ThroughputMode,
) -> None:
    """Archive comes after Infrequent Access and needs elastic throughput in generalPurpose mode."""
    if transition_to_archive_policy is None:
        return
    if throughput_mode != efs.ThroughputMode.ELASTIC or performance_mode != efs.PerformanceMode.GENERAL_PURPOSE:
        raise ValueError(
            f"transition_to_archive_policy was given with throughput_mode {throughput_mode.name} and performance_mode "
            f"{performance_mode.name}; EFS Archive needs throughput_mode ELASTIC and performance_mode GENERAL_PURPOSE"
        )
    if lifecycle_policy is not None and _days(transition_to_archive_policy) <= _days(lifecycle_policy):
        raise ValueError(
            f"transition_to_archive_policy {transition_to_archive_policy.name} is not later than lifecycle_policy "
            f"{lifecycle_policy.name}; files go to Infrequent Access first, so choose a later transition_to_archive_policy"
        )


def _days(policy: efs.LifecyclePolicy) -> int:
    return int(policy.name.split("_")[1])


def check_policy(*, enforce_tls: bool, require_iam: bool) -> None:
    """IAM authorization travels inside TLS."""
    if require_iam and not enforce_tls:
        raise ValueError(
            "require_iam=True was given with enforce_tls=False; clients authenticate with IAM over TLS only (mount -o "
            "tls,iam), so leave enforce_tls at True"
        )


def check_removal_policy(removal_policy: RemovalPolicy) -> None:
    """EFS has no snapshots."""
    if removal_policy == RemovalPolicy.SNAPSHOT:
        raise ValueError(
            "removal_policy SNAPSHOT does not exist for EFS; use RETAIN_ON_UPDATE_OR_DELETE (automatic backups are on by "
            "default) or DESTROY"
        )


def wait_seconds(wait_timeout: Duration | None) -> float:
    """The time to wait: an int of seconds, or a token for a number.

    CloudFormation waits an hour at most, and three runs of the waiter must fit into it.
    """
    if wait_timeout is None:
        return limits.DEFAULT_WAIT_SECONDS
    if wait_timeout.is_unresolved():
        return float(wait_timeout.to_seconds())
    seconds = wait_timeout.to_milliseconds() / 1000
    lowest, highest = limits.MIN_WAIT_SECONDS, limits.MAX_WAIT_SECONDS
    if seconds != int(seconds) or not lowest <= seconds <= highest:
        raise ValueError(
            f"wait_timeout is {seconds:g} seconds, allowed are whole seconds from {lowest} to {highest} (40 minutes); give "
            "for example Duration.minutes(10)"
        )
    return int(seconds)


def check_security_groups(security_groups: Sequence[Any] | None, maximum: int = limits.MAX_SECURITY_GROUPS) -> None:
    """A mount target takes one to five security groups, one of which is the adoption's own."""
    if security_groups is None:
        return
    identities = {group_key(group) for group in security_groups}
    if not 1 <= len(security_groups) <= maximum or len(identities) != len(security_groups):
        raise ValueError(
            f"security_groups has {len(security_groups)} entries, {len(identities)} of them different; allowed are 1 to "
            f"{maximum} different security groups, or leave security_groups out and one is created"
        )


def check_tags(tags: Mapping[str, str], *, of_file_system: bool, **values: str | None) -> None:
    """Tags must fit AWS, and leave our own alone.

    Args:
        tags: the argument of that name.
        of_file_system: whether EFS gets them, which takes fewer characters in values than EC2.
        values: the values of tags that have an argument of their own, by its name.
    """
    if len(tags) > limits.MAX_TAGS:
        raise ValueError(
            f"tags has {len(tags)} entries, allowed are {limits.MAX_TAGS}; AWS takes {limits.MAX_TAGS_IN_ALL} on a "
            "resource in all"
        )
    for key in tags:
        if key in RESERVED_TAGS:
            raise ValueError(f"tags has the key {key!r}, which geuse-efs sets itself; use {RESERVED_TAGS[key]} instead")
        if mistake := key_mistake(key):
            raise ValueError(mistake)
    for argument, value in {**{f"tags[{key!r}]": value for key, value in tags.items()}, **values}.items():
        mistake_of = value_mistake if of_file_system else length_mistake
        if value is not None and (mistake := mistake_of(argument, value)):
            raise ValueError(mistake)


def check_access_point(path: str, permissions: str, **ids: int) -> None:
    """The shapes Path, Permissions, Uid and Gid of CreateAccessPoint."""
    texts = {
        "path": (
            path,
            _ACCESS_POINT_PATH,
            "an absolute path of at most four directories and 100 characters, like /n8n",
        ),
        "permissions": (permissions, re.compile(r"[0-7]{3,4}"), 'three or four octal digits, like "750"'),
    }
    for argument, (value, pattern, allowed) in texts.items():
        if not Token.is_unresolved(value) and not pattern.fullmatch(value):
            raise ValueError(f"{argument} is {value!r:.120}; allowed is {allowed}")
    for argument, number in ids.items():
        if not 0 <= number <= limits.MAX_POSIX_ID:
            raise ValueError(f"{argument} is {number}, allowed are whole numbers from 0 to {limits.MAX_POSIX_ID}")


def check_severities(severities: Mapping[str, str]) -> None:
    """Codes and words that the waiter knows."""
    for code, severity in severities.items():
        if not Token.is_unresolved(code) and code not in FINDING_CODES:
            near = get_close_matches(code, FINDING_CODES, n=1)
            meant = f"the nearest is {near[0]!r}" if near else "geuse-efs findings lists them"
            raise ValueError(f"severities has {code!r:.60}, which is not the code of a finding; {meant}")
        if is_known(severity) and severity not in SEVERITIES:
            raise ValueError(
                f"severities has {severity!r:.40} for {code!r:.40}; allowed are {', '.join(SEVERITIES)}, by the code of a "
                "finding (geuse-efs findings lists them)"
            )


def is_known(text: str) -> bool:
    """Whether a text is known at synth: it is no token, and not what stands for a looked-up one before the lookup."""
    # ssm.StringParameter.value_from_lookup has a placeholder in the first pass, and looks up only if that succeeds.
    return not Token.is_unresolved(text) and not (isinstance(text, str) and text.startswith("dummy-value-for-"))
