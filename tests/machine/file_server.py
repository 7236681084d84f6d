"""The server behind the mount target: nfs-ganesha, which speaks NFSv4.1, behind TLS as a file system that enforces it."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.machine.network import CONTAINED

_SERVER = """
NFS_CORE_PARAM {{
  Protocols = 4; NFS_Port = 12049; Bind_addr = 0.0.0.0; Plugins_Dir = "{libraries}/ganesha";
  Enable_UDP = false; Enable_NLM = false; Enable_RQUOTA = false;
}}
NFSV4 {{ Graceless = true; RecoveryBackend = fs; RecoveryRoot = {folder}; Minor_Versions = 1; }}
NFS_KRB5 {{ Active_krb5 = false; }}
"""
_EXPORT = """
EXPORT {{
  Export_Id = {number}; Path = {path}; Pseudo = /{name}; Access_Type = RW; Squash = {squash};
  SecType = sys; Protocols = 4; Transports = TCP; FSAL {{ Name = VFS; }}
}}
"""
_TUNNEL = """
foreground = yes
pid =
[efs]
accept = 0.0.0.0:2049
connect = 127.0.0.1:12049
cert = {folder}/ca.pem
key = {folder}/key.pem
"""


@dataclass(frozen=True)
class Export:
    """A file system, or an access point of one: a directory, and whether the server changes who its clients are.

    Args:
        directory: The id of the file system, and below it the path of the access point.
        user: All clients are this user, who also owns the directory; no group has another number.
    """

    directory: str
    squash: str = "No_Root_Squash"
    user: int | None = None

    def text(self, number: int, name: str, data: Path) -> str:
        """The export in the server's configuration; makes the directory, as EFS does when an access point is first mounted."""
        path = data / self.directory
        if not path.exists():
            path.mkdir(parents=True)
            os.chown(path, self.user or 0, self.user or 0)
        as_user = f"All_Squash; Anonymous_Uid = {self.user}; Anonymous_Gid = {self.user}"
        return _EXPORT.format(number=number, name=name, path=path, squash=self.squash if self.user is None else as_user)


@dataclass(frozen=True)
class FileServer:
    """Two processes in the network of the thread that starts them; `certificate` is what clients trust."""

    certificate: Path
    processes: list[subprocess.Popen[bytes]]

    @classmethod
    def start(cls, folder: Path, packages: Path, exports: Mapping[str, Export], names: Iterable[str]) -> FileServer:
        """`exports` are by the name that clients mount; `names` are those of the certificate. The data stays in the folder."""
        libraries = packages / "usr/lib/x86_64-linux-gnu"
        paths = [libraries, packages / "usr/lib/ganesha", libraries / "libnfsidmap"]
        environment = {**os.environ, "LD_LIBRARY_PATH": ":".join(map(str, paths))}
        _write_certificate(folder, names)
        (folder / "server.conf").write_text(
            _SERVER.format(libraries=libraries, folder=folder)
            + "".join(
                export.text(number, name, folder / "data")
                for number, (name, export) in enumerate(exports.items(), start=1)
            )
        )
        (folder / "tunnel.conf").write_text(_TUNNEL.format(folder=folder))
        server = [packages / "usr/bin/ganesha.nfsd", "-F", "-L", folder / "server.log", "-f", folder / "server.conf"]
        commands: list[list[object]] = [
            [*server, "-p", folder / "server.pid"],
            [packages / "usr/bin/stunnel", folder / "tunnel.conf"],
        ]
        processes = [_start(command, folder / "processes.log", environment) for command in commands]
        started = cls(folder / "ca.pem", processes)
        # A server that ends at once (a library is missing) would look like a mount target that is silent.
        if not all(_listens(port) for port in (12049, 2049)):
            started.stop()
            logs = [(folder / name).read_text()[-600:] for name in ("server.log", "processes.log")]
            raise RuntimeError(f"the file server does not run: {' '.join(logs)}")
        return started

    def stop(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()


def _start(command: Sequence[object], log: Path, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    with log.open("ab") as output:
        return subprocess.Popen(
            [*CONTAINED, *map(str, command)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=environment,
        )


def _listens(port: int) -> bool:
    """Whether the port takes connections, within 20 seconds."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return True
        time.sleep(0.05)
    return False


def _write_certificate(folder: Path, names: Iterable[str]) -> None:
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
    ]
    files = ["-keyout", folder / "key.pem", "-out", folder / "ca.pem", "-subj", "/CN=efs"]
    alternatives = ["-addext", "subjectAltName=" + ",".join(f"DNS:{name}" for name in names)]
    subprocess.run([*command, *map(str, files), *alternatives], check=True, capture_output=True)
