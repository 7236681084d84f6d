"""The code of the waiter function: the package geuse_efs_waiter as it is written, as an asset."""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from pathlib import Path

from aws_cdk import IgnoreMode, Stage
from aws_cdk import aws_lambda as lambda_
from aws_cdk.aws_s3_assets import Asset

PACKAGE = "geuse_efs_waiter"


def package_folder() -> Path:
    """The package on disk, in a checkout, an editable installation and a wheel alike.

    It is located and not imported, because a synthesis needs no boto3.

    Raises:
        ValueError: if the package is not installed.
    """
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ValueError(f"the package {PACKAGE} is missing; install geuse-efs anew, it comes with it")
    return Path(spec.submodule_search_locations[0])


def waiter_code(package: Path) -> lambda_.Code:
    """The package as it is written.

    The name of the handler begins with the package, so the root of the code is the folder around it, which may be
    site-packages. In the mode GIT the CDK does not walk through folders that are excluded. Older versions of the CDK ask for
    folders as for files: a pattern with a slash at its end would leave them all out.
    """
    return lambda_.Code.from_asset(
        str(package.parent),
        ignore_mode=IgnoreMode.GIT,
        exclude=["*", f"!/{PACKAGE}", f"!/{PACKAGE}/**", f"/{PACKAGE}/**/*.*", f"!/{PACKAGE}/**/*.py", "__pycache__"],
    )


def complete_copy(function: lambda_.Function, package: Path) -> None:
    """Repair the copy in the cloud assembly that a synthesis began and did not end, because it was killed.

    The CDK takes a folder with the name of the asset for whole, and would publish it so for good.
    """
    asset, stage = function.node.find_child("Code"), Stage.of(function)
    assert isinstance(asset, Asset)  # noqa: S101
    assert stage is not None  # noqa: S101
    copy = Path(stage.outdir, asset.asset_path, PACKAGE)
    for source in package.rglob("*.py"):
        target = copy / source.relative_to(package)
        if source.parent.name != "__pycache__" and (
            not target.exists() or target.stat().st_size != source.stat().st_size
        ):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
