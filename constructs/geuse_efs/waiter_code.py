"""The archive that the function is made from (docs/adr/0007-archive.md).

Docstrings and comments are a third of the package and nobody reads them in Lambda. Their lines stay, empty, so that a line
number in a log is the one of the source. What a start imports stands in it file by file. The rest is an archive inside the
archive, not compressed by itself: its many small modules are compressed together, and Python imports from it as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from aws_cdk import FileAssetLocation, FileAssetPackaging, Stack, Stage

PACKAGE = "geuse_efs_waiter"
# What the function imports when it is needed, and not at every start.
_PACKED = ("adoption/", "replacement_guard.py", "aws/network_interface_tags.py")

# Enough for how this package is written; a test compares the syntax trees before and after.
_WORDS = re.compile(r'(?:^[ ]*|[ ]{2})#.*$|^([ ]*)"""(?:.|\n)*?"""$', re.MULTILINE)
_READABLE_FILE = 0o100644 << 16


def publish_waiter_code(stack: Stack) -> FileAssetLocation:
    """Write the archive beside the template, have it uploaded, and tell where the function finds it.

    What `Code.from_asset` does, without loading the CDK's S3 and Lambda modules (docs/adr/0008-few-questions.md). The hash is
    that of the contents, because what a compressor makes of them differs between its versions.

    Raises:
        ValueError: if the package is not installed.
    """
    stage = Stage.of(stack)
    assert stage is not None  # noqa: S101 - every stack has one
    content_hash, folder = _content_hash(), Path(stage.asset_outdir)
    archive = folder / f"asset.{content_hash}.zip"
    if not archive.exists():
        archive.write_bytes(_archive())
    # Relative, so that the assembly can be moved. A stage has a folder of its own below the one of all assets.
    up = [".."] * len(Path(stage.outdir).relative_to(folder).parts)
    return stack.synthesizer.add_file_asset(
        source_hash=content_hash,
        file_name="/".join([*up, archive.name]),
        packaging=FileAssetPackaging.FILE,
        display_name="GeuseEfsWaiter",
    )


@cache
def _archive() -> bytes:
    plain = {f"{PACKAGE}/{name}": code for name, code in _files().items() if not name.startswith(_PACKED)}
    packed = _zipped({name: code for name, code in _files().items() if name.startswith(_PACKED)}, ZIP_STORED)
    return _zipped({**plain, f"{PACKAGE}/packed.zip": packed}, ZIP_DEFLATED)


def _zipped(files: Mapping[str, bytes], compression: int) -> bytes:
    memory = BytesIO()
    with ZipFile(memory, "w", compresslevel=9) as archive:
        for name, content in files.items():
            file = ZipInfo(name)
            file.compress_type, file.external_attr = compression, _READABLE_FILE
            archive.writestr(file, content)
    return memory.getvalue()


@cache
def _content_hash() -> str:
    return sha256(repr(_files()).encode()).hexdigest()


@cache
def _files() -> dict[str, bytes]:
    """The code by its path in the package."""
    folder = _package_folder()
    return {
        file.relative_to(folder).as_posix(): without_words(file.read_text("utf-8")).encode()
        for file in sorted(folder.rglob("*.py"))
    }


def without_words(source: str) -> str:
    """The source with empty docstrings, without comments, and with every line in its place."""
    return _WORDS.sub(_emptied, source)


def _emptied(words: re.Match[str]) -> str:
    # Something must stay of a docstring: it may be all that a class or function has.
    return "" if words[1] is None else words[1] + '""' + "\n" * words[0].count("\n")


@cache
def _package_folder() -> Path:
    """The package on disk, in a checkout, an editable installation and a wheel alike.

    Found, not imported, which `importlib.resources.files` would do: a synth needs no boto3.

    Raises:
        ValueError: if the package is not there.
    """
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ValueError(f"the package {PACKAGE} is missing; install geuse-efs anew, it comes with it")
    return Path(spec.submodule_search_locations[0])
