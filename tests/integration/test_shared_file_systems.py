"""Stacks that live on each other's mount targets, on the local AWS. `make check` runs it: most of it is waiting."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from geuse_efs import GeuseEfs
from local.emulator.local_aws import LocalAws
from tests.integration.existing import ZONES, Adopt, Define, Existing, refusal
from tests.support.deployer import Deployer, DeployResult

pytestmark = pytest.mark.check


def test_an_owner_is_deleted_only_after_the_stack_that_lives_on_its_mount_targets(
    existing: Existing, adopt: Adopt, deployer: Deployer
) -> None:
    assert adopt("Owner", ZONES[:2]).succeeded
    refused = adopt("Newcomer", ZONES[1:2])
    assert refused.status == "ROLLBACK_COMPLETE"
    assert "mount-target-of-adoption" in refusal(refused)
    assert deployer.delete("Newcomer").succeeded
    made = existing.by_zone()
    lowered = {"mount-target-of-adoption": "warning", "ingress-missing": "off"}
    newcomer = adopt("Newcomer", ZONES[1:2], severities=lowered)
    assert newcomer.succeeded, newcomer.failures
    reason = refusal(deployer.delete("Owner"))
    for words in ("in us-east-1b is available and is wanted by stack Newcomer", "delete those stacks or change them"):
        assert words in reason
    assert existing.by_zone() == made
    assert deployer.delete("Newcomer").succeeded
    assert existing.by_zone() == made
    deleted = deployer.delete("Owner")
    assert deleted.succeeded, deleted.failures
    existing.check_nothing_is_left()


def test_what_was_retained_outlives_its_stack_and_another_one_may_adopt_it(
    existing: Existing, adopt: Adopt, deployer: Deployer
) -> None:
    assert adopt("Owner", retain_created=True).succeeded
    made = existing.by_zone()
    assert deployer.delete("Owner").succeeded
    newcomer = adopt("Newcomer", severities={"ingress-missing": "off"})
    assert newcomer.succeeded, newcomer.failures
    assert deployer.delete("Newcomer").succeeded
    assert existing.by_zone() == made


def test_the_stack_that_created_a_file_system_is_deleted_only_after_those_that_adopt_it(
    aws: LocalAws, deploy_beside: Callable[[str, Define], DeployResult], adopt: Adopt, deployer: Deployer
) -> None:
    created = deploy_beside("Creator", lambda stack, vpc, clients: GeuseEfs(stack, "Efs", vpc=vpc, clients=[clients]))
    assert created.succeeded, created.failures
    file_system = created.of("Custom::GeuseEfsMountTargets")[-1].physical_id.removeprefix("geuse-efs:")
    newcomer = adopt("Newcomer", file_system_id=file_system)
    assert newcomer.succeeded, newcomer.failures
    reason = refusal(deployer.delete("Creator"))
    for words in ("in us-east-1c is wanted by stack Newcomer", "allow_deletion_while_adopted=True"):
        assert words in reason
    assert len(aws.client("efs").describe_mount_targets(FileSystemId=file_system)["MountTargets"]) == len(ZONES)
    assert deployer.delete("Newcomer").succeeded
    deleted = deployer.delete("Creator")
    assert deleted.succeeded, deleted.failures
    assert aws.client("efs").describe_mount_targets(FileSystemId=file_system)["MountTargets"] == []
