"""The feature flags of the app that uses the construct do not change what the construct defines."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Stack, Tags
from aws_cdk import aws_iam as iam

from geuse_efs import GeuseEfs, GeuseEfsBase
from tests.construct.adopting import adopt, group
from tests.construct.templates import Resources, import_vpc, resources_of

OF_THE_PROJECT: dict[str, Any] = {
    key: value
    for key, value in json.loads((Path(__file__).parents[2] / "cdk.json").read_text())["context"].items()
    if key.startswith("@aws-cdk/")
}

# Those that touch what we define: EFS, security groups, roles and policies, functions, log groups, tags, tokens.
RECOMMENDED: dict[str, Any] = dict.fromkeys(
    [
        "@aws-cdk/aws-ec2:restrictDefaultSecurityGroup",
        "@aws-cdk/aws-efs:denyAnonymousAccess",
        "@aws-cdk/aws-efs:mountTargetOrderInsensitiveLogicalId",
        "@aws-cdk/aws-iam:importedRoleStackSafeDefaultPolicyName",
        "@aws-cdk/aws-iam:minimizePolicies",
        "@aws-cdk/aws-lambda:createNewPoliciesWithAddToRolePolicy",
        "@aws-cdk/aws-lambda:recognizeLayerVersion",
        "@aws-cdk/aws-lambda:recognizeVersionProps",
        "@aws-cdk/aws-lambda:useCdkManagedLogGroup",
        "@aws-cdk/core:aspectPrioritiesMutating",
        "@aws-cdk/core:aspectStabilization",
        "@aws-cdk/core:checkSecretUsage",
        "@aws-cdk/core:enablePartitionLiterals",
        "@aws-cdk/core:explicitStackTags",
        "@aws-cdk/customresources:installLatestAwsSdkDefault",
        "@aws-cdk/core:includePrefixInUniqueNameGeneration",
        "@aws-cdk/core:validateSnapshotRemovalPolicy",
    ],
    True,
)


def _created(stack: Stack) -> GeuseEfsBase:
    return GeuseEfs(stack, "Efs", vpc=import_vpc(stack), deployment="gpu-7")


def _adopted(stack: Stack) -> GeuseEfsBase:
    return adopt(stack, import_vpc(stack), deployment="gpu-7", clients=[group(stack)])


def _resources(app: App, define: Callable[[Stack], GeuseEfsBase]) -> Resources:
    stack = Stack(app, "Storage")
    storage = define(stack)
    Tags.of(app).add("team", "ml")
    storage.grant_root_access(iam.Role(stack, "Reader", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com")))
    storage.add_access_point("Data")
    # The rest is not ours to decide.
    return {name: resource for name, resource in resources_of(stack).items() if not name.startswith("Reader")}


@pytest.fixture(scope="module")
def without_flags(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Resources]:
    """What each defines in an app without any flag."""
    folder = tmp_path_factory.mktemp("without-flags")
    return {
        define.__name__: _resources(App(outdir=str(folder / define.__name__)), define)
        for define in (_created, _adopted)
    }


@pytest.mark.parametrize(
    "flags",
    [OF_THE_PROJECT, RECOMMENDED, *({flag: True} for flag in RECOMMENDED)],
    ids=["project", "recommended", *RECOMMENDED],
)
@pytest.mark.parametrize("define", [_created, _adopted])
def test_flags_change_nothing(
    define: Callable[[Stack], GeuseEfsBase],
    flags: dict[str, Any],
    new_app: Callable[..., App],
    without_flags: dict[str, Resources],
) -> None:
    assert _resources(new_app(flags), define) == without_flags[define.__name__]


@pytest.mark.newest("the CDK reports its flags")
def test_the_flags_are_those_of_this_cdk(new_app: Callable[..., App]) -> None:
    app = new_app()
    Stack(app, "Empty")
    manifest = json.loads((Path(str(app.synth().directory)) / "manifest.json").read_text())
    known = manifest["artifacts"]["aws-cdk-lib/feature-flag-report"]["properties"]["flags"]
    assert [flag for flag in RECOMMENDED if flag not in known] == []
