"""The setting existing_file_system_id: the app adopts that file system instead of creating one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App
from aws_cdk.assertions import Template

from stacks.settings import Settings, SettingsError, read_settings
from stacks.storage_stack import StorageStack
from tests.construct.templates import tags_of

ID = "fs-0123456789abcdef0"
ARN = f"arn:aws:elasticfilesystem:us-east-1:111122223333:file-system/{ID}"
KEY = "arn:aws:kms:us-east-1:111122223333:key/12345678-1234-1234-1234-123456789012"
KNOWN = {"account": "111122223333", "region": "us-east-1"}
ITS_VPC = {"vpc_id": "vpc-0123456789abcdef0", **KNOWN}

# What each of them needs beside it.
FOR_A_NEW_FILE_SYSTEM: dict[str, dict[str, Any]] = {
    "performance_mode": {"performance_mode": "maxIO"},
    "throughput_mode": {"throughput_mode": "elastic"},
    "provisioned_throughput_mibps": {"throughput_mode": "provisioned", "provisioned_throughput_mibps": 100},
    "one_zone": {"one_zone": True},
    "backups": {"backups": False},
    "keep_data": {"keep_data": False},
}
FOR_BOTH: dict[str, Any] = {
    **ITS_VPC,
    "environment": "prod",
    "deployment": "gpu-7",
    "tier": "prod",
    "vpc_cidr": "10.1.0.0/16",
    "allow_public_subnets": True,
    "client_security_group_ids": "sg-11111111",
    "kms_key_arn": KEY,
    "wait_timeout_minutes": 7,
}


def _one(**values: Any) -> Settings:
    [settings] = read_settings({f"geuse-efs:{name}": value for name, value in values.items()})
    return settings


@pytest.mark.parametrize(
    "given", ["fs-01234567", ID, "fs-" + "0" * 40, ARN, ARN.replace("arn:aws:", "arn:aws-us-gov:")]
)
def test_an_id_or_an_arn_is_read(given: str) -> None:
    assert _one(existing_file_system_id=given, **ITS_VPC).existing_file_system_id == given


@pytest.mark.parametrize("given", [ID, ARN])
def test_it_needs_the_vpc_of_its_mount_targets(given: str) -> None:
    with pytest.raises(
        SettingsError, match=f"needs geuse-efs:vpc_id, .*describe-mount-targets --file-system-id {ID}` "
    ):
        _one(existing_file_system_id=given, **KNOWN)


def test_without_the_setting_there_is_none() -> None:
    assert Settings().existing_file_system_id is None


WRONG: tuple[Any, ...] = (
    *("", "fs-", "fs-0123", "FS-01234567", "fsap-01234567", "fs-01234567 ", "fs-01234567\n", "fs-1,fs-2"),
    *(7, True, None, [ID], {"id": ID}),
    *(ARN.replace("file-system/", ""), ARN.replace("file-system", "access-point"), ARN.replace("111122223333", "")),
    *(ARN.replace("elasticfilesystem", "s3"), f"{ARN}/x"),
)


@pytest.mark.parametrize("given", WRONG)
def test_anything_else_is_refused(given: Any) -> None:
    with pytest.raises(SettingsError) as refusal:
        _one(existing_file_system_id=given)
    assert (
        str(refusal.value)
        == f"context key geuse-efs:existing_file_system_id is {given!r:.80}, expected fs-… or its ARN"
    )


@pytest.mark.parametrize("name", FOR_A_NEW_FILE_SYSTEM)
def test_what_is_for_a_new_file_system_is_refused_beside_it_by_its_key(name: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        _one(existing_file_system_id=ID, **{name: FOR_A_NEW_FILE_SYSTEM[name][name]})
    assert str(refusal.value) == (
        f"context key geuse-efs:{name} is for a new file system and does not go with geuse-efs:existing_file_system_id, "
        "which is never changed; leave one out"
    )


@pytest.mark.parametrize("name", FOR_A_NEW_FILE_SYSTEM)
def test_what_is_for_a_new_file_system_passes_without_it(name: str) -> None:
    assert getattr(_one(**FOR_A_NEW_FILE_SYSTEM[name]), name) == FOR_A_NEW_FILE_SYSTEM[name][name]


def test_what_is_for_both_passes_beside_it() -> None:
    assert _one(existing_file_system_id=ID, **FOR_BOTH).existing_file_system_id == ID


def test_every_setting_is_either_for_a_new_file_system_or_for_both() -> None:
    both = FOR_BOTH.keys() | {"existing_file_system_id", "availability_zones"}
    assert not both & FOR_A_NEW_FILE_SYSTEM.keys()
    assert {setting.name for setting in fields(Settings)} == both | FOR_A_NEW_FILE_SYSTEM.keys()


def test_one_environment_adopts_and_another_creates() -> None:
    environments = {"dev": {}, "prod": {"existing_file_system_id": ID, **ITS_VPC}}
    dev, prod = read_settings({"geuse-efs:environments": environments})
    assert (dev.existing_file_system_id, prod.existing_file_system_id) == (None, ID)


def test_an_environment_that_adopts_is_refused_what_is_common_and_for_a_new_file_system() -> None:
    environments = {"prod": {"existing_file_system_id": ID}}
    with pytest.raises(SettingsError, match="geuse-efs:one_zone is for a new file system"):
        read_settings({"geuse-efs:environments": environments, "geuse-efs:one_zone": True})


Synthesise = Callable[..., dict[str, Any]]


@pytest.fixture
def synthesise(new_app: Callable[..., App]) -> Synthesise:
    def synthesise(**settings: Any) -> dict[str, Any]:
        return dict(Template.from_stack(StorageStack(new_app(), Settings(**settings))).to_json())

    return synthesise


def _properties(template: dict[str, Any], resource_type: str) -> list[dict[str, Any]]:
    return [resource["Properties"] for resource in template["Resources"].values() if resource["Type"] == resource_type]


def _adoption(template: dict[str, Any]) -> dict[str, Any]:
    [properties] = _properties(template, "Custom::GeuseEfsMountTargets")
    return properties


def test_the_stack_adopts_it_and_creates_none(synthesise: Synthesise) -> None:
    template = synthesise(existing_file_system_id=ID)
    assert _properties(template, "AWS::EFS::FileSystem") == _properties(template, "AWS::EFS::MountTarget") == []
    assert _adoption(template)["FileSystemId"] == ID
    assert _adoption(template)["Adopt"]["CreateMissing"] is True


def test_without_it_the_stack_creates_one(synthesise: Synthesise) -> None:
    template = synthesise()
    assert len(_properties(template, "AWS::EFS::FileSystem")) == 1
    assert "Adopt" not in _adoption(template)


def test_what_is_for_both_reaches_the_adoption(synthesise: Synthesise) -> None:
    properties = _adoption(
        synthesise(
            existing_file_system_id=ID,
            client_security_group_ids=("sg-11111111", "sg-22222222"),
            kms_key_arn=KEY,
            deployment="gpu-7",
            tier="prod",
            wait_timeout_minutes=7,
            **KNOWN,
        )
    )
    assert properties["Adopt"]["Clients"] == ["sg-11111111", "sg-22222222"]
    assert properties["Adopt"]["KmsKeyArn"] == KEY
    assert properties["WaitTimeoutSeconds"] == 420
    assert tags_of(properties)["geusemaker:deployment"] == "gpu-7"
    assert tags_of(properties)["geusemaker:tier"] == "prod"


def test_the_outputs_are_the_same_both_ways(synthesise: Synthesise) -> None:
    created, adopted = (synthesise(**settings)["Outputs"] for settings in ({}, {"existing_file_system_id": ID}))
    assert adopted.keys() == created.keys()
    assert adopted["FileSystemId"]["Value"]["Fn::GetAtt"][1] == "FileSystemId"


def test_the_arn_of_its_own_region_and_account_is_adopted(synthesise: Synthesise) -> None:
    assert _adoption(synthesise(existing_file_system_id=ARN, **KNOWN))["FileSystemId"] == ARN


def test_an_arn_of_another_region_is_refused(synthesise: Synthesise) -> None:
    with pytest.raises(
        ValueError, match="is in region eu-west-1, the stack is in region us-east-1; an EFS file system"
    ):
        synthesise(existing_file_system_id=ARN.replace("us-east-1", "eu-west-1"), **KNOWN)


def test_the_app_refuses_it_beside_a_setting_for_a_new_one_in_one_line(tmp_path: Path) -> None:
    context = {"geuse-efs:existing_file_system_id": ID, "geuse-efs:backups": "false"}
    environment = {**os.environ, "CDK_OUTDIR": str(tmp_path), "CDK_CONTEXT_JSON": json.dumps(context)}
    run = subprocess.run(
        [sys.executable, "app.py"],
        cwd=Path(__file__).parents[2],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    [line] = run.stderr.splitlines()
    assert line.startswith("geuse-efs: context key geuse-efs:backups is for a new file system and does not go with")
