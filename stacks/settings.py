"""Reads the CDK context, strictly, into typed settings. Nothing else in the project reads context.

A setting is the context key ``geuse-efs:<name>``, from ``cdk.json`` or from ``cdk deploy -c geuse-efs:<name>=<value>``. The
key ``geuse-efs:environments`` maps the name of each environment to settings that differ there; ``geuse-efs:environment`` then
chooses one of them.
"""

from __future__ import annotations

import difflib
import ipaddress
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

PREFIX = "geuse-efs:"
ENVIRONMENTS = f"{PREFIX}environments"


class SettingsError(ValueError):
    """Raised for a context key that is unknown or has a value that is not allowed; the message names the key."""


Parser = Callable[[Any], Any]


def _text(pattern: str, meaning: str) -> Parser:
    def parse(value: Any) -> str:
        # Digits of other alphabets are digits to Python, not to AWS.
        if not isinstance(value, str) or not re.fullmatch(pattern, value, re.ASCII):
            raise ValueError(meaning)
        return value

    return parse


def _choice(*allowed: str) -> Parser:
    return _text("|".join(allowed), f"one of {', '.join(allowed)}")


def _integer(low: int, high: int) -> Parser:
    def parse(value: Any) -> int:
        # A boolean is a whole number to Python, not to people.
        if isinstance(value, bool) or not re.fullmatch(r"[0-9]{1,6}", str(value)) or not low <= int(value) <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return int(value)

    return parse


def _cidr(value: Any) -> str:
    meaning = "a CIDR like 10.0.0.0/16"
    text: str = _text(r"[\d.]+/(1[6-9]|2[0-4])", meaning)(value)
    try:
        ipaddress.IPv4Network(text)
    except ValueError as error:
        raise ValueError(meaning) from error
    return text


def _boolean(value: Any) -> bool:
    if str(value).lower() not in ("true", "false"):
        raise ValueError("true or false")
    return str(value).lower() == "true"


def _list_of(parse_entry: Parser) -> Parser:
    def parse(value: Any) -> tuple[Any, ...]:
        given = value.split(",") if isinstance(value, str) else value
        if not isinstance(given, list):
            given = []
        entries = [entry.strip() if isinstance(entry, str) else entry for entry in given]
        if not entries or len(set(map(str, entries))) != len(entries):
            raise ValueError("a list, or text separated by commas, of different entries")
        return tuple(map(parse_entry, entries))

    return parse


_NAME = _text(r"[A-Za-z0-9][A-Za-z0-9-]{0,62}", "letters, digits and hyphens, 63 at most")
_ZONE = _text(r"[a-z]{2,4}(-[a-z]+)+-\d[a-z]", "an availability zone like us-east-1a")


def _setting(parse: Parser, default: Any = None) -> Any:
    return field(default=default, metadata={"parse": parse})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of one environment.

    Attributes:
        environment: the name of the environment; the stack is called ``geuse-efs-<environment>``. Of several environments, the
            only one to define.
        deployment, tier: the tags of the same names.
        account, region: where to deploy; default: wherever the credentials point.
        existing_file_system_id: adopts this file system, by id or ARN, instead of creating one; needs vpc_id. Give the groups
            that its mount targets admit as client_security_group_ids; a new group can be admitted by new mount targets only.
        vpc_id: an existing VPC, needs account and region; default: a new VPC.
        vpc_cidr: the addresses of the new VPC.
        availability_zones: the zones of the new VPC by name; default: the first two of the region.
        allow_public_subnets: accept public subnets of the existing VPC.
        client_security_group_ids: the groups that may mount; default: a new group to put on the instances.
        kms_key_arn: the customer's key; default: the AWS-managed key.
        performance_mode, throughput_mode: as EFS calls them.
        provisioned_throughput_mibps: MiB a second, with throughput_mode provisioned.
        one_zone: keep the data in one zone.
        backups: daily backups by AWS Backup.
        keep_data: the file system stays when the stack is deleted.
        wait_timeout_minutes: how long to wait for the mount targets.
    """

    environment: str = _setting(_NAME, "dev")
    deployment: str = _setting(_NAME, "geusemaker")
    tier: str = _setting(_NAME, "dev")
    account: str | None = _setting(_text(r"\d{12}", "12 digits, as text"))
    region: str | None = _setting(_text(r"[a-z]{2,4}(-[a-z]+)+-\d", "a region like us-east-1"))
    existing_file_system_id: str | None = _setting(
        _text(r"(arn:[a-z-]+:elasticfilesystem:[a-z0-9-]+:\d{12}:file-system/)?fs-[0-9a-f]{8,40}", "fs-… or its ARN")
    )
    vpc_id: str | None = _setting(_text(r"vpc-[0-9a-f]{8,40}", "a VPC id like vpc-0123456789abcdef0"))
    vpc_cidr: str = _setting(_cidr, "10.0.0.0/16")
    availability_zones: tuple[str, ...] = _setting(_list_of(_ZONE), ())
    allow_public_subnets: bool = _setting(_boolean, default=False)
    client_security_group_ids: tuple[str, ...] = _setting(
        _list_of(_text(r"sg-[0-9a-f]{8,40}", "security group ids like sg-0123456789abcdef0")), ()
    )
    kms_key_arn: str | None = _setting(
        _text(r"arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:key/(mrk-)?[a-f0-9-]+", "the ARN of a KMS key")
    )
    performance_mode: str = _setting(_choice("generalPurpose", "maxIO"), "generalPurpose")
    throughput_mode: str = _setting(_choice("bursting", "elastic", "provisioned"), "bursting")
    provisioned_throughput_mibps: int | None = _setting(_integer(1, 3414))
    one_zone: bool = _setting(_boolean, default=False)
    backups: bool = _setting(_boolean, default=True)
    keep_data: bool = _setting(_boolean, default=True)
    wait_timeout_minutes: int = _setting(_integer(1, 40), 5)


_PARSERS: Mapping[str, Parser] = {setting.name: setting.metadata["parse"] for setting in fields(Settings)}


def read_settings(context: Mapping[str, Any]) -> tuple[Settings, ...]:
    """The settings of every environment, in the order given.

    Args:
        context: all of the app's context; keys of others are left alone, but not those that look like ours.

    Raises:
        SettingsError: naming the first key that is unknown or has a wrong value.
    """
    ours = {key: value for key, value in context.items() if key.startswith(PREFIX)}
    for key in context:
        # A setting that nobody reads is deployed without: into another account, without a key.
        if key not in ours and re.match(r"geuse[^a-z]?efs", key, re.IGNORECASE):
            raise SettingsError(
                f"context key {key!r:.80} is unknown; settings are called {PREFIX}<name>, like {PREFIX}tier"
            )
        if (name := key.lower().replace("-", "_")) in {*_PARSERS, "environments"}:
            raise SettingsError(f"context key {key} is not read; settings have a prefix, write {PREFIX}{name}")
    environments = _environments(ours.pop(ENVIRONMENTS, None))
    if None not in environments and (chosen := ours.pop(f"{PREFIX}environment", None)) is not None:
        environments = _only(chosen, environments)
    common = {key: (key.removeprefix(PREFIX), value) for key, value in ours.items()}
    return tuple(_settings({**common, **_keyed(name, overrides)}) for name, overrides in environments.items())


def _environments(value: Any) -> dict[str, Any] | dict[None, Any]:
    if value is None:
        return {None: {}}
    try:
        environments = json.loads(value) if isinstance(value, str) else value
    except ValueError as error:
        raise SettingsError(f"context key {ENVIRONMENTS} is not JSON: {error}") from error
    if not isinstance(environments, dict) or not environments:
        raise SettingsError(
            f"context key {ENVIRONMENTS} is {value!r:.80}, expected a mapping of names to settings, like "
            '{"dev": {"region": "us-east-1"}}'
        )
    for name, overrides in environments.items():
        if not isinstance(overrides, dict):
            raise SettingsError(
                f"context key {ENVIRONMENTS}.{name} is {overrides!r:.80}, expected a mapping of settings"
            )
        if "environment" in overrides:
            raise SettingsError(
                f"context key {ENVIRONMENTS}.{name}.environment is not allowed, the environment is called {name}; leave it out"
            )
    return environments


def _only(chosen: Any, environments: Mapping[Any, Any]) -> dict[str, Any]:
    if not isinstance(chosen, str) or chosen not in environments:
        raise SettingsError(
            f"context key {PREFIX}environment is {chosen!r:.80}, expected one of {ENVIRONMENTS}: {', '.join(environments)}"
        )
    return {chosen: environments[chosen]}


def _keyed(name: str | None, overrides: Mapping[str, Any]) -> dict[str, tuple[str, Any]]:
    if name is None:
        return {}
    keyed = {f"{ENVIRONMENTS}.{name}.{setting}": (setting, value) for setting, value in overrides.items()}
    return {f"{ENVIRONMENTS}.{name}": ("environment", name), **keyed}


def _settings(keyed: Mapping[str, tuple[str, Any]]) -> Settings:
    values: dict[str, Any] = {}
    for key, (name, value) in keyed.items():
        if name not in _PARSERS:
            raise SettingsError(f"context key {key} is unknown{_suggestion(name)}; known are {', '.join(_PARSERS)}")
        try:
            values[name] = _PARSERS[name](value)
        except ValueError as error:
            raise SettingsError(f"context key {key} is {value!r:.80}, expected {error}") from error
    settings = Settings(**values)
    _check_together(settings)
    return settings


def _suggestion(name: str) -> str:
    close = difflib.get_close_matches(name, _PARSERS, n=1)
    return f", did you mean {close[0]}?" if close else ""


_FOR_A_NEW_FILE_SYSTEM = (
    "performance_mode",
    "throughput_mode",
    "provisioned_throughput_mibps",
    "one_zone",
    "backups",
    "keep_data",
)


def _check_together(settings: Settings) -> None:
    defaults = Settings()
    for name in _FOR_A_NEW_FILE_SYSTEM:
        if settings.existing_file_system_id and getattr(settings, name) != getattr(defaults, name):
            raise SettingsError(
                f"context key {PREFIX}{name} is for a new file system and does not go with "
                f"{PREFIX}existing_file_system_id, which is never changed; leave one out"
            )
    _check_performance(settings)
    if settings.existing_file_system_id and not settings.vpc_id:
        file_system_id = settings.existing_file_system_id.rpartition("/")[2]
        raise SettingsError(
            f"context key {PREFIX}existing_file_system_id needs {PREFIX}vpc_id, the VPC of its mount targets, which a new VPC "
            f"cannot be; `aws efs describe-mount-targets --file-system-id {file_system_id}` shows it"
        )
    if settings.vpc_id and not (settings.account and settings.region):
        raise SettingsError(
            f"context key {PREFIX}vpc_id needs {PREFIX}account and {PREFIX}region, to look the VPC up; set all three"
        )
    if settings.vpc_id and settings.availability_zones:
        raise SettingsError(
            f"context key {PREFIX}availability_zones is for a new VPC and does not go with {PREFIX}vpc_id; leave one out"
        )


def _check_performance(settings: Settings) -> None:
    provisioned = settings.throughput_mode == "provisioned"
    if provisioned != (settings.provisioned_throughput_mibps is not None):
        raise SettingsError(
            f"context keys {PREFIX}throughput_mode provisioned and {PREFIX}provisioned_throughput_mibps need each other; "
            "set both or neither"
        )
    if settings.performance_mode == "maxIO" and (settings.one_zone or settings.throughput_mode == "elastic"):
        other = "one_zone" if settings.one_zone else "throughput_mode elastic"
        raise SettingsError(
            f"context key {PREFIX}performance_mode maxIO does not go with {PREFIX}{other}; use generalPurpose"
        )
