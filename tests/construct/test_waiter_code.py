"""The code that Lambda gets: the package as it is written, and nothing else."""

from __future__ import annotations

import ast
import json
import shutil
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest
from aws_cdk import App, AssetStaging, Stack, Stage
from aws_cdk import aws_ec2 as ec2

from geuse_efs import GeuseEfs, waiter_code
from tests.construct.templates import FUNCTION, import_vpc, properties_of

LAMBDA = Path(__file__).parents[2] / "lambda"
SOURCES = {file.relative_to(LAMBDA).as_posix(): file.read_bytes() for file in sorted(LAMBDA.rglob("*.py"))}
MAX_ZIPPED_BYTES = 120 * 1024


def _code(app: App, stack: str = "Storage") -> Path:
    """The folder that the CDK CLI zips and uploads for the function of the stack."""
    [manifest] = Path(str(app.synth().directory)).rglob(f"{stack}.assets.json")
    sources = [file["source"] for file in json.loads(manifest.read_text())["files"].values()]
    [folder] = [str(source["path"]) for source in sources if source["packaging"] == "zip"]
    return (manifest.parent / folder).resolve()


def _files(folder: Path) -> dict[str, bytes]:
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def _synthesise(app: App) -> Path:
    stack = Stack(app, "Storage")
    GeuseEfs(stack, "Efs", vpc=import_vpc(stack))
    return _code(app)


def test_is_the_package_as_it_is_written(app: App) -> None:
    assert "geuse_efs_waiter/handler.py" in SOURCES
    assert "geuse_efs_waiter/adoption/reconciler.py" in SOURCES
    assert _files(_synthesise(app)) == SOURCES


def test_has_no_folder_that_is_not_a_package(app: App) -> None:
    folder = _synthesise(app)
    folders = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_dir()}
    assert folders == {Path(name).parent.as_posix() for name in SOURCES}


@pytest.fixture
def site_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The package where pip puts it: beside others, used before."""
    site = tmp_path / "site-packages"
    shutil.copytree(LAMBDA / "geuse_efs_waiter", site / "geuse_efs_waiter")
    for name in (
        *("six.py", "boto3/__init__.py", "boto3/data/efs.json", "geuse_efs_waiter_extra/__init__.py"),
        *("geuse_efs_waiter/__pycache__/handler.cpython-314.pyc", "geuse_efs_waiter/adoption/__pycache__/left_over.py"),
        *("geuse_efs_waiter/handler.py.orig", "other/geuse_efs_waiter/__init__.py"),
    ):
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text("")
    _install(site / "geuse_efs_waiter", monkeypatch)
    return site


def _install(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = ModuleSpec(package.name, None, is_package=True)
    spec.submodule_search_locations = [str(package)]
    monkeypatch.setattr(waiter_code, "find_spec", lambda _: spec)


@pytest.mark.usefixtures("site_packages")
def test_has_nothing_of_its_neighbours_in_site_packages(app: App) -> None:
    assert _files(_synthesise(app)) == SOURCES


def test_has_the_same_hash_in_site_packages_and_in_a_checkout(
    new_app: Callable[..., App], request: pytest.FixtureRequest
) -> None:
    checkout = _synthesise(new_app()).name
    request.getfixturevalue("site_packages")
    assert _synthesise(new_app()).name == checkout


def test_has_another_hash_when_its_content_changes(new_app: Callable[..., App], site_packages: Path) -> None:
    before = _synthesise(new_app()).name
    (site_packages / "geuse_efs_waiter" / "handler.py").write_text("def handler(): ...")
    AssetStaging.clear_asset_hash_cache()  # another process would not remember it
    assert _synthesise(new_app()).name != before


def test_follows_links_to_the_files_of_a_cache(
    new_app: Callable[..., App], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some installers link what they install."""
    checkout = _synthesise(new_app())
    for name in SOURCES:
        link = tmp_path / "links" / name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(LAMBDA / name)
    _install(tmp_path / "links" / "geuse_efs_waiter", monkeypatch)
    linked = _synthesise(new_app())
    assert (linked.name, _files(linked)) == (checkout.name, SOURCES)
    assert not [file for file in linked.rglob("*") if file.is_symlink()]


@pytest.mark.parametrize("broken", ["missing", "half"])
def test_a_copy_that_a_killed_synthesis_left_half_done_is_completed(broken: str, tmp_path: Path) -> None:
    outdir = str(tmp_path / "cdk.out")
    folder = _synthesise(App(outdir=outdir))
    handler, clients = (folder / "geuse_efs_waiter" / name for name in ("handler.py", "aws/clients.py"))
    if broken == "missing":
        handler.unlink()
        shutil.rmtree(clients.parent)
    else:
        handler.write_bytes(handler.read_bytes()[:100])
    # Another process would not remember that the copy was made.
    AssetStaging.clear_asset_hash_cache()
    _synthesise(App(outdir=outdir))
    assert _files(folder) == SOURCES


def test_stacks_of_all_stages_upload_the_same_folder(app: App) -> None:
    stacks = (Stack(app, "Storage"), Stack(Stage(app, "Prod"), "Deep"), Stack(Stage(Stage(app, "Aa"), "Bb"), "Deeper"))
    for stack in stacks:
        GeuseEfs(stack, "Efs", vpc=import_vpc(stack))
    folder, *others = [_code(app, name) for name in ("Storage", "ProdDeep*", "AaBb*")]
    assert folder.parent == Path(app.outdir).resolve()
    assert folder.is_dir()
    assert others == [folder, folder]


def test_the_function_runs_what_is_uploaded(app: App, stack: Stack, vpc: ec2.IVpc) -> None:
    GeuseEfs(stack, "Efs", vpc=vpc)
    key = properties_of(FUNCTION, stack)["Code"]["S3Key"]
    assert key == f"{_code(app).name.removeprefix('asset.')}.zip"


def test_is_small(app: App, tmp_path: Path) -> None:
    archive = shutil.make_archive(str(tmp_path / "code"), "zip", _synthesise(app))
    assert Path(archive).stat().st_size <= MAX_ZIPPED_BYTES


def test_its_handler_exists() -> None:
    # Read, not imported: it makes its AWS clients when it is imported.
    source = ast.parse(SOURCES["geuse_efs_waiter/handler.py"])
    assert "handler" in [node.name for node in source.body if isinstance(node, ast.FunctionDef)]


def test_a_missing_package_is_named(stack: Stack, vpc: ec2.IVpc, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiter_code, "find_spec", lambda _: None)
    with pytest.raises(ValueError, match="the package geuse_efs_waiter is missing; install geuse-efs anew"):
        GeuseEfs(stack, "Efs", vpc=vpc)
