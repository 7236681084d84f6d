"""The emulator's server, which `local.emulator.process` starts: `python -m local.emulator.server --port … --folder …`.

MiniStack (PyPI, MIT) with the layer of `local.emulator.control` in front and the behaviours of `local.emulator.patches`
inside. It listens on 127.0.0.1 only, opens no other port, starts no container, and writes below one temporary folder that it
removes when it ends.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import signal
import tempfile
import threading
from importlib import import_module
from typing import Any, NoReturn

from hypercorn.asyncio import serve
from hypercorn.config import Config

from local.emulator.control import Control
from local.emulator.patches import (
    ami_parameters,
    failed_creates,
    failed_deletes,
    instances,
    mount_targets,
    network_interfaces,
    permissions,
    security_groups,
    vpc_cidr_block,
)
from local.emulator.state import Settings, State

_HOST = "127.0.0.1"
# The line on standard input after which the server goes on when the process that started it ends.
DETACH = "detach"


def main() -> None:
    """Serve until SIGTERM or SIGINT, or until the starting process is gone."""
    parser = argparse.ArgumentParser(prog="python -m local.emulator.server", description="The local AWS.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", required=True, help="the temporary folder to use, and to remove at the end")
    parser.add_argument("--mount-target-seconds", type=float, required=True, help="time in creating")
    parser.add_argument("--auth", action="store_true", help="evaluate the IAM policies of Lambda roles")
    arguments = parser.parse_args()
    _set_environment(arguments.port, arguments.folder, auth=arguments.auth)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: _end(arguments.folder))
    threading.Thread(target=_end_with_stdin, args=(arguments.folder,), daemon=True).start()
    settings = Settings(mount_target_seconds=arguments.mount_target_seconds)
    asyncio.run(_serve(arguments.port, State(settings)))


def _set_environment(port: int, folder: str, *, auth: bool) -> None:
    """MiniStack reads these while it is imported."""
    os.environ.update(
        {
            "GATEWAY_PORT": str(port),
            "BIND_HOST": _HOST,
            "IOT_MTLS_ENABLED": "0",  # else it opens port 8883
            "SFTP_ENABLED": "0",
            "AUTH": "true" if auth else "false",
            "LOG_LEVEL": os.environ.get("LOG_LEVEL", "WARNING"),
            "TMPDIR": folder,
            "S3_DATA_DIR": f"{folder}/s3",
            "LAMBDA_EXECUTOR": "local",
            # MiniStack removes left-over containers of its own when it finds a Docker daemon: let it find none.
            "DOCKER_HOST": f"unix://{folder}/no-docker.sock",
        }
    )
    tempfile.tempdir = folder


def build(state: State) -> Any:
    """The ASGI application; MiniStack's settings must be in the environment."""
    ministack: Any = import_module("ministack.app")
    for patch in (
        network_interfaces,
        failed_creates,
        failed_deletes,
        security_groups,
        vpc_cidr_block,
        permissions,
        instances,
        ami_parameters,
    ):
        patch.install()
    # Around the interfaces, which come and go with their mount targets.
    mount_targets.install(state)
    return Control(ministack.app, state)


async def _serve(port: int, state: State) -> None:
    config = Config()
    config.bind = [f"{_HOST}:{port}"]
    config.loglevel = "WARNING"
    # Longer than any client's pause, so that a kept-alive connection is not closed under a request.
    config.keep_alive_timeout = 75
    # Signals end the process in `_end`; hypercorn's own handlers would wait for open connections.
    await serve(build(state), config, shutdown_trigger=asyncio.Event().wait)


def _end_with_stdin(folder: str) -> None:
    """End when the pipe from the starting process closes, which it does however that process ends."""
    # The raw descriptor: a thread blocked in sys.stdin holds a lock that a normal exit needs.
    with open(0, "rb", buffering=0, closefd=False) as pipe:
        if pipe.readline().strip() != DETACH.encode():
            _end(folder)


def _end(folder: str) -> NoReturn:
    """End this process and its Lambda workers, which share its group, at once: there is no state worth saving."""
    shutil.rmtree(folder, ignore_errors=True)
    os.killpg(0, signal.SIGKILL)
    raise SystemExit


if __name__ == "__main__":
    main()
