"""The function's code as it is deployed, taken from a cloud assembly and not from the source folder."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aws_cdk import App, Stack

from benchmarks.environment import PROJECT
from geuse_efs.waiter_function import WaiterFunction

SOURCE = PROJECT / "lambda" / "geuse_efs_waiter"


@dataclass(frozen=True)
class Bundle:
    """What a deployment uploads.

    Args:
        folder: the code, unpacked.
        archive: bytes of the archive; None where the CDK CLI makes it, from the folder, at deployment.
    """

    folder: Path
    archive: int | None

    @property
    def files(self) -> dict[str, bytes]:
        """The contents by their path in the archive."""
        return _read(self.folder, "*")


def bundled(folder: Path) -> Bundle:
    """Synthesises the function and unpacks its code.

    Args:
        folder: where to; must be there.
    """
    # No context, so none of the validation that a whole app asks for.
    app = App(outdir=str(folder / "cdk.out"))
    stack = Stack(app, "Bench")
    WaiterFunction.of(stack)
    assembly = Path(app.synth().directory)
    assets = json.loads((assembly / "Bench.assets.json").read_text())["files"].values()
    [code] = [one["source"]["path"] for one in assets if not one["source"]["path"].endswith(".template.json")]
    path = assembly / code
    if path.is_dir():
        return Bundle(path, None)
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder / "code")
    return Bundle(folder / "code", path.stat().st_size)


def source() -> dict[str, bytes]:
    """The package as it stands in the repository."""
    return _read(SOURCE.parent, "*.py")


def _read(folder: Path, pattern: str) -> dict[str, bytes]:
    files = (file for file in sorted(folder.rglob(pattern)) if file.is_file() and file.suffix != ".pyc")
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}


def zipped(files: Mapping[str, bytes]) -> int:
    """Bytes of an archive with the strongest DEFLATE and fixed timestamps; the CDK CLI's differs by some hundred bytes."""
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, contents in files.items():
            file = zipfile.ZipInfo(name)
            file.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(file, contents)
    return len(memory.getvalue())
