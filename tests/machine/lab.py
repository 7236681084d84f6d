"""What one scenario has for itself: a network, a file server, and the machines in it."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path

from geuse_efs.mounting.user_data import EfsUtils, Mount
from tests.machine import mutations
from tests.machine.file_server import Export, FileServer
from tests.machine.machine import Machine
from tests.machine.network import MOUNT_TARGET, Network
from tests.machine.rendered import render_by_construct

FILE_SYSTEM, SQUASHED, ONE_ZONE = (f"fs-0123456789abcdef{number}" for number in range(3))
ACCESS_POINT = "fsap-0123456789abcdef0"
_EXPORTS = {
    FILE_SYSTEM: Export(FILE_SYSTEM),
    SQUASHED: Export(SQUASHED, "Root_Squash"),
    ONE_ZONE: Export(ONE_ZONE),
    ACCESS_POINT: Export(f"{FILE_SYSTEM}/n8n", user=1000),
}


def dns_name(file_system_id: str = FILE_SYSTEM, region: str = "us-east-1") -> str:
    return f"{file_system_id}.efs.{region}.amazonaws.com"


# A One Zone file system in another region. Outside of its AZ only the zonal name resolves; the certificate has the other.
_REGIONAL = [dns_name(), dns_name(SQUASHED)]
ONE_ZONE_NAME = f"eu-west-1a.{dns_name(ONE_ZONE, 'eu-west-1')}"
_CERTIFIED = [*_REGIONAL, dns_name(ONE_ZONE, "eu-west-1")]
_RESOLVED = [*_REGIONAL, ONE_ZONE_NAME]


def user_data(mounts: Sequence[Mount], efs_utils: EfsUtils | None = None, first: str = "") -> str:
    """The user data of a host: what the construct renders, and what users have before and after it."""
    return mutations.apply(render_by_construct(mounts, efs_utils, first, 'echo "@ next-command ran"'))


class Lab:
    """Made in the thread that uses it."""

    def __init__(self, folder: Path, packages: Path) -> None:
        self._folder, self._packages = folder, packages
        self._numbers = itertools.count(1)
        self.network = Network(dict.fromkeys(_RESOLVED, MOUNT_TARGET))
        self._server = FileServer.start(folder, packages, _EXPORTS, _CERTIFIED)

    def serve(self, exports: Mapping[str, Export], names: Sequence[str]) -> None:
        """Other exports under other names, from now on; the data of the former ones stays."""
        self._server.stop()
        self._server = FileServer.start(self._folder, self._packages, exports, names)
        self.network.names = dict.fromkeys(names, MOUNT_TARGET)

    def machine(
        self,
        user_data: str,
        *,
        fstab: str = "",
        package_manager: str = "dnf",
        package_failures: int = 0,
        then: str = "",
        files: Mapping[str, str] | None = None,
    ) -> Machine:
        """A new machine. `then` is bash that runs at the end of each boot."""
        seed = {
            "ca.pem": self._server.certificate.read_text(),
            "fstab": fstab,
            "package-manager-name": package_manager,
            "package-failures": str(package_failures),
            "then": then,
            "user-data": user_data,
            **(files or {}),
        }
        return Machine(self._folder / f"machine-{next(self._numbers)}", self._packages, seed)

    def close(self) -> None:
        self._server.stop()
