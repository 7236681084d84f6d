"""The code of the waiter is published like that of any other function, whatever the stack's synthesizer and place."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import (
    App,
    CliCredentialsStackSynthesizer,
    DefaultStackSynthesizer,
    Environment,
    IReusableStackSynthesizer,
    LegacyStackSynthesizer,
    NestedStack,
    Stack,
    Stage,
)
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk.app_staging_synthesizer_alpha import AppStagingSynthesizer
from constructs import Construct

from geuse_efs import GeuseEfs
from tests.construct.adopting import adopt
from tests.construct.templates import FUNCTION, Resource, import_vpc, of_type, resources_of

ENV = Environment(account="111122223333", region="us-east-1")
# What the CDK CLI asks for; `cdk deploy --hotswap` and `cdk watch` read the metadata.
CLI_CONTEXT = {"aws:cdk:enable-asset-metadata": True}

SYNTHESIZERS: Mapping[str, Callable[[], IReusableStackSynthesizer]] = {
    "default with a qualifier": lambda: DefaultStackSynthesizer(qualifier="abc123def"),
    "CLI credentials": lambda: CliCredentialsStackSynthesizer(qualifier="abc123def"),
    "legacy": LegacyStackSynthesizer,
}
OF_APPS: Mapping[str, Callable[[], IReusableStackSynthesizer]] = {
    **SYNTHESIZERS,
    "app staging": lambda: AppStagingSynthesizer.default_resources(
        app_id="storage", staging_bucket_encryption=s3.BucketEncryption.S3_MANAGED
    ),
}

PLACES: Mapping[str, Callable[[Construct, Mapping[str, Any]], Stack]] = {
    "stack": lambda scope, props: Stack(scope, "Storage", env=ENV, **props),
    "nested stack in a stage": lambda scope, props: NestedStack(
        Stack(Stage(scope, "Prod"), "Storage", env=ENV, **props), "Nested"
    ),
}


@pytest.fixture
def plain_code(tmp_path: Path) -> str:
    (tmp_path / "plain" / "package").mkdir(parents=True)
    (tmp_path / "plain" / "package" / "handler.py").write_text("def handler(): ...")
    return str(tmp_path / "plain")


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("synthesizer", SYNTHESIZERS)
def test_a_synthesizer_of_the_stack_publishes_it_like_a_plain_function(
    synthesizer: str, place: str, plain_code: str, new_app: Callable[..., App]
) -> None:
    app = new_app(CLI_CONTEXT)
    _compare_with_a_plain_function(PLACES[place](app, {"synthesizer": SYNTHESIZERS[synthesizer]()}), plain_code)


@pytest.mark.parametrize(
    ("synthesizer", "place"),
    # The CDK gives app staging to no stack in a stage: its stack for the assets stands outside.
    [pair for pair in product(OF_APPS, PLACES) if pair[0] != "app staging" or "stage" not in pair[1]],
)
def test_a_synthesizer_of_the_app_publishes_it_like_a_plain_function(
    synthesizer: str, place: str, plain_code: str, tmp_path: Path
) -> None:
    given = OF_APPS[synthesizer]()
    app = App(context=CLI_CONTEXT, outdir=str(tmp_path / "cdk.out"), default_stack_synthesizer=given)
    _compare_with_a_plain_function(PLACES[place](app, {}), plain_code)


def _compare_with_a_plain_function(stack: Stack, plain_code: str) -> None:
    vpc = import_vpc(stack)
    GeuseEfs(stack, "Created", vpc=vpc)
    adopt(stack, vpc)
    lambda_.Function(
        stack,
        "Plain",
        code=lambda_.Code.from_asset(plain_code),
        handler="package.handler.handler",
        runtime=lambda_.Runtime.PYTHON_3_13,
    )
    functions = of_type(resources_of(stack), FUNCTION)
    ours, plain = (
        next(function for name, function in functions.items() if name.startswith(prefix))
        for prefix in ("GeuseEfsWaiterFunction", "Plain")
    )
    published = _published(ours, stack)
    assert published == _published(plain, stack)
    assert published["metadata"]["aws:asset:path"].endswith("asset.<hash>")
    assert published["metadata"]["aws:asset:property"] == "Code"


def _published(function: Resource, stack: Stack) -> dict[str, Any]:
    """Where the template takes the code from and where the CLI puts it, without what depends on the code."""
    metadata = function["Metadata"]
    asset_hash = metadata["aws:asset:path"].rpartition("asset.")[2]
    found = {
        "code": function["Properties"]["Code"],
        "metadata": {key: value for key, value in metadata.items() if key != "aws:cdk:path"},
        "uploads": list(_uploads(Path(Stage.of(stack).outdir), asset_hash)),  # type: ignore[union-attr]
    }
    assert found["uploads"]
    # The legacy synthesizer hands the place over in parameters, whose names end with a hash of their path.
    text = re.sub(rf"{asset_hash}(S3Bucket|S3VersionKey|ArtifactHash)[0-9A-F]{{8}}", r"<hash>\1", json.dumps(found))
    return dict(json.loads(re.sub(asset_hash[:32] + r"\w*", "<hash>", text)))


def _uploads(assembly: Path, asset_hash: str) -> Iterator[Any]:
    """What the manifests of assets say, and for the legacy synthesizer the metadata of the stacks."""
    for path in assembly.glob("*.assets.json"):
        asset = json.loads(path.read_text())["files"].get(asset_hash)
        if asset:
            yield [asset["source"], *asset["destinations"].values()]
    # Older versions of the CDK have the metadata in the manifest.
    manifest = json.loads((assembly / "manifest.json").read_text())["artifacts"].values()
    of_stacks = [json.loads(path.read_text()) for path in assembly.glob("*.metadata.json")]
    for metadata in [*of_stacks, *(artifact.get("metadata", {}) for artifact in manifest)]:
        for entries in metadata.values():
            yield from (
                entry["data"] for entry in entries if entry["type"] == "aws:cdk:asset" and asset_hash in str(entry)
            )
