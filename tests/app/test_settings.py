"""Settings from context: every value is checked, and every message names the key."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import pytest

from stacks.settings import Settings, SettingsError, read_settings

KEY_ARN = "arn:aws:kms:us-east-1:111122223333:key/12345678-1234-1234-1234-123456789012"
MULTI_REGION_KEY_ARN = "arn:aws:kms:us-east-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"

FILE_SYSTEM_ARN = "arn:aws:elasticfilesystem:us-east-1:111122223333:file-system/fs-0123456789abcdef0"
FILE_SYSTEM_ARN_IN_CHINA = FILE_SYSTEM_ARN.replace("arn:aws:", "arn:aws-cn:")


def _one(**values: Any) -> Settings:
    [settings] = read_settings({f"geuse-efs:{name}": value for name, value in values.items()})
    return settings


VALID: list[tuple[str, Any, Any]] = [
    ("environment", "prod-1", "prod-1"),
    ("deployment", "G" * 63, "G" * 63),
    ("tier", "prod", "prod"),
    ("account", "000000000001", "000000000001"),
    ("region", "us-gov-west-1", "us-gov-west-1"),
    ("region", "cn-north-1", "cn-north-1"),
    ("region", "eusc-de-east-1", "eusc-de-east-1"),
    ("existing_file_system_id", "fs-01234567", "fs-01234567"),
    ("existing_file_system_id", FILE_SYSTEM_ARN, FILE_SYSTEM_ARN),
    ("existing_file_system_id", FILE_SYSTEM_ARN_IN_CHINA, FILE_SYSTEM_ARN_IN_CHINA),
    ("vpc_cidr", "192.168.0.0/24", "192.168.0.0/24"),
    ("availability_zones", "us-east-1a, us-east-1b", ("us-east-1a", "us-east-1b")),
    ("availability_zones", ["eu-west-1a"], ("eu-west-1a",)),
    ("allow_public_subnets", "True", True),
    ("allow_public_subnets", False, False),
    ("client_security_group_ids", "sg-11111111,sg-22222222", ("sg-11111111", "sg-22222222")),
    ("client_security_group_ids", ["sg-0123456789abcdef0"], ("sg-0123456789abcdef0",)),
    ("kms_key_arn", KEY_ARN, KEY_ARN),
    ("kms_key_arn", KEY_ARN.replace("arn:aws:", "arn:aws-cn:"), KEY_ARN.replace("arn:aws:", "arn:aws-cn:")),
    ("kms_key_arn", MULTI_REGION_KEY_ARN, MULTI_REGION_KEY_ARN),
    ("performance_mode", "maxIO", "maxIO"),
    ("throughput_mode", "elastic", "elastic"),
    ("provisioned_throughput_mibps", "3414", 3414),
    ("provisioned_throughput_mibps", 1, 1),
    ("one_zone", "true", True),
    ("backups", "FALSE", False),
    ("keep_data", False, False),
    ("wait_timeout_minutes", "40", 40),
]


IN_A_VPC = {"vpc_id": "vpc-0123456789abcdef0", "account": "111122223333", "region": "us-east-1"}
NEEDED: dict[str, dict[str, Any]] = {
    "provisioned_throughput_mibps": {"throughput_mode": "provisioned"},
    "existing_file_system_id": IN_A_VPC,
}
"""What a setting does not go without."""


@pytest.mark.parametrize(("name", "given", "read"), VALID)
def test_a_right_value_is_read(name: str, given: Any, read: Any) -> None:
    assert getattr(_one(**{name: given}, **NEEDED.get(name, {})), name) == read


def test_a_vpc_is_read_with_account_and_region() -> None:
    assert _one(**IN_A_VPC).vpc_id == IN_A_VPC["vpc_id"]


INVALID: list[tuple[str, Any, str]] = [
    ("environment", "-prod", "letters, digits and hyphens, 63 at most"),
    ("deployment", "", "letters, digits and hyphens, 63 at most"),
    ("deployment", "G" * 64, "letters, digits and hyphens, 63 at most"),
    ("tier", 7, "letters, digits and hyphens, 63 at most"),
    ("account", 111122223333, "12 digits, as text"),
    ("account", "1234", "12 digits, as text"),
    ("region", "us-east-1a", "a region like us-east-1"),
    ("region", "US-EAST-1", "a region like us-east-1"),
    ("existing_file_system_id", "fsap-01234567", "fs-… or its ARN"),
    ("vpc_id", "subnet-0123456789abcdef0", "a VPC id like vpc-0123456789abcdef0"),
    ("vpc_cidr", "10.0.0.0", "a CIDR like 10.0.0.0/16"),
    ("vpc_cidr", "300.0.0.0/16", "a CIDR like 10.0.0.0/16"),
    ("vpc_cidr", "10.0.0.1/16", "a CIDR like 10.0.0.0/16"),
    ("vpc_cidr", "10.0.0.0/15", "a CIDR like 10.0.0.0/16"),
    ("vpc_cidr", "10.0.0.0/25", "a CIDR like 10.0.0.0/16"),
    ("availability_zones", "us-east-1", "an availability zone like us-east-1a"),
    ("availability_zones", [], "a list, or text separated by commas, of different entries"),
    ("availability_zones", "us-east-1a,us-east-1a", "a list, or text separated by commas, of different entries"),
    ("availability_zones", {"us-east-1a": True}, "a list, or text separated by commas, of different entries"),
    ("allow_public_subnets", "yes", "true or false"),
    ("client_security_group_ids", "sg-1", "security group ids like sg-0123456789abcdef0"),
    ("client_security_group_ids", [7], "security group ids like sg-0123456789abcdef0"),
    ("client_security_group_ids", "", "security group ids like sg-0123456789abcdef0"),
    ("kms_key_arn", "alias/mine", "the ARN of a KMS key"),
    ("performance_mode", "maxio", "one of generalPurpose, maxIO"),
    ("throughput_mode", "burst", "one of bursting, elastic, provisioned"),
    ("provisioned_throughput_mibps", 0, "a whole number from 1 to 3414"),
    ("provisioned_throughput_mibps", "3415", "a whole number from 1 to 3414"),
    ("provisioned_throughput_mibps", 1.5, "a whole number from 1 to 3414"),
    ("provisioned_throughput_mibps", True, "a whole number from 1 to 3414"),
    ("one_zone", 1, "true or false"),
    ("backups", "off", "true or false"),
    ("keep_data", None, "true or false"),
    ("wait_timeout_minutes", 41, "a whole number from 1 to 40"),
    ("wait_timeout_minutes", "-5", "a whole number from 1 to 40"),
]


@pytest.mark.parametrize(("name", "given", "expected"), INVALID)
def test_a_wrong_value_is_refused_with_its_key_what_was_given_and_what_is_allowed(
    name: str, given: Any, expected: str
) -> None:
    with pytest.raises(SettingsError) as refusal:
        _one(**{name: given})
    assert str(refusal.value) == f"context key geuse-efs:{name} is {given!r}, expected {expected}"


def test_every_setting_has_a_right_and_a_wrong_value_here() -> None:
    names = {setting.name for setting in fields(Settings)}
    assert {name for name, *_ in VALID} | {"vpc_id"} == names
    assert {name for name, *_ in INVALID} == names


def test_a_long_value_is_cut_in_the_message() -> None:
    with pytest.raises(SettingsError, match=r"^.{,200}$"):
        _one(deployment="x" * 10_000)


def test_no_context_is_one_environment_of_defaults() -> None:
    assert read_settings({}) == (Settings(),)


def test_context_of_others_is_left_alone() -> None:
    assert read_settings({"@aws-cdk/core:x": True, "availability-zones:y": []}) == (Settings(),)


def test_an_unknown_key_is_refused_with_all_that_are_known() -> None:
    with pytest.raises(
        SettingsError, match="context key geuse-efs:colour is unknown; known are environment, deployment"
    ):
        _one(colour="red")


def test_a_key_that_is_almost_right_is_refused_with_the_right_one() -> None:
    with pytest.raises(SettingsError, match=r"geuse-efs:thruput_mode is unknown, did you mean throughput_mode\?"):
        _one(thruput_mode="elastic")


@pytest.mark.parametrize("as_json", [False, True])
def test_each_environment_overrides_what_is_common(as_json: bool) -> None:
    environments: Any = {"dev": {}, "prod": {"tier": "prod", "backups": False}}
    dev, prod = read_settings(
        {
            "geuse-efs:tier": "test",
            "geuse-efs:deployment": "gpu-7",
            "geuse-efs:environments": json.dumps(environments) if as_json else environments,
        }
    )
    assert (dev.environment, dev.deployment, dev.tier, dev.backups) == ("dev", "gpu-7", "test", True)
    assert (prod.environment, prod.deployment, prod.tier, prod.backups) == ("prod", "gpu-7", "prod", False)


def test_one_of_several_environments_can_be_chosen() -> None:
    environments = {"dev": {}, "prod": {"tier": "prod"}}
    [chosen] = read_settings({"geuse-efs:environments": environments, "geuse-efs:environment": "prod"})
    assert (chosen.environment, chosen.tier) == ("prod", "prod")


@pytest.mark.parametrize("chosen", ["prd", "", 7, {}])
def test_an_environment_that_does_not_exist_is_refused_with_those_that_do(chosen: Any) -> None:
    said = f"context key geuse-efs:environment is {chosen!r}, expected one of geuse-efs:environments: dev, prod$"
    with pytest.raises(SettingsError, match=said):
        read_settings({"geuse-efs:environments": {"dev": {}, "prod": {}}, "geuse-efs:environment": chosen})


@pytest.mark.parametrize(
    ("key", "right"), [("tier", "tier"), ("vpc-id", "vpc_id"), ("Region", "region"), ("environments", "environments")]
)
def test_a_setting_without_its_prefix_is_refused_with_the_right_key(key: str, right: str) -> None:
    with pytest.raises(SettingsError, match=f"context key {key} is not read; .* write geuse-efs:{right}$"):
        read_settings({key: "prod"})


@pytest.mark.parametrize(
    ("environments", "message"),
    [
        ("{", "context key geuse-efs:environments is not JSON: "),
        ("[]", r"context key geuse-efs:environments is '\[\]', expected a mapping of names to settings, like"),
        ({}, r"context key geuse-efs:environments is \{\}, expected a mapping of names to settings"),
        ("7", "context key geuse-efs:environments is '7', expected a mapping"),
        ({"dev": "us-east-1"}, "context key geuse-efs:environments.dev is 'us-east-1', expected a mapping of settings"),
        ({"dev": {"environment": "prod"}}, r"environments.dev.environment is not allowed, .* called dev; leave it out"),
        ({"dev": {"regin": "x"}}, r"geuse-efs:environments.dev.regin is unknown, did you mean region\?"),
        ({"dev": {"region": "x"}}, "geuse-efs:environments.dev.region is 'x', expected a region like us-east-1"),
        ({"de/v": {}}, "geuse-efs:environments.de/v is 'de/v', expected letters, digits and hyphens"),
        ({"": {}}, "geuse-efs:environments. is '', expected letters, digits and hyphens, 63 at most"),
    ],
)
def test_wrong_environments_are_refused(environments: Any, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        read_settings({"geuse-efs:environments": environments})


@pytest.mark.parametrize("missing", ["account", "region"])
def test_a_vpc_needs_account_and_region(missing: str) -> None:
    values = {name: value for name, value in IN_A_VPC.items() if name != missing}
    with pytest.raises(SettingsError, match="geuse-efs:vpc_id needs geuse-efs:account and geuse-efs:region, to look"):
        _one(**values)


def test_zones_do_not_go_with_a_vpc() -> None:
    with pytest.raises(SettingsError, match="geuse-efs:availability_zones is for a new VPC and does not go with"):
        _one(availability_zones="us-east-1a", **IN_A_VPC)
