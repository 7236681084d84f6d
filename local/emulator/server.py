"""Run the emulator in this process: `python -m local.emulator.server --port 4566`.

MiniStack (PyPI, MIT) with the layer of `local.emulator.control` in front and the behaviours of
`local.emulator.patches` inside.

It listens on 127.0.0.1 only, opens no other port, starts no container, and writes below one temporary folder that it
removes when it ends.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
from importlib import import_module
from typing import Any, NoReturn

from hypercorn.asyncio import serve
from hypercorn.config import Config

from local.emulator.control import Control
from local.emulator.patches import cloudformation, dependencies, pages, permissions, security_group_rules, unknown_ids
from local.emulator.patches.custom_resources import CustomResources
from local.emulator.patches.mount_targets import MountTargets
from local.emulator.patches.network_interfaces import NetworkInterfaces
from local.emulator.state import Settings, State

_HOST = "127.0.0.1"
# The line on standard input after which the server outlives the process that started it.
OUTLIVE = "outlive"


def main() -> None:
    """Parse the command line and serve until SIGTERM or SIGINT, or until the starting process is gone."""
    arguments = _parse()
    if _is_taken(arguments.port):
        sys.exit(f"port {arguments.port} on {_HOST} is in use: give another with --port")
    folder = arguments.folder or tempfile.mkdtemp(prefix="geuse-efs-local-")
    _set_environment(arguments.port, folder, auth=arguments.auth)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: _end(folder))
    if arguments.end_with_stdin:
        threading.Thread(target=_end_with_stdin, args=(folder,), daemon=True).start()
    settings = Settings(
        mount_target_seconds=arguments.mount_target_seconds,
        mount_target_deletion_seconds=arguments.mount_target_deletion_seconds,
    )
    asyncio.run(_serve(arguments.port, State(settings)))


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.emulator.server", description="The local AWS.")
    parser.add_argument("--port", type=int, default=4566)
    parser.add_argument("--mount-target-seconds", type=float, default=6.0, help="time in creating")
    parser.add_argument("--mount-target-deletion-seconds", type=float, default=0.0, help="time in deleting")
    parser.add_argument("--auth", action="store_true", help="evaluate the IAM policies of Lambda roles")
    parser.add_argument("--folder", help="the temporary folder to use, and to remove at the end")
    parser.add_argument("--end-with-stdin", action="store_true", help="end when standard input is closed")
    return parser.parse_args()


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((_HOST, port)) == 0


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
    mount_targets = MountTargets(state, NetworkInterfaces())
    mount_targets.install()
    CustomResources(state).install()
    cloudformation.install(mount_targets)
    dependencies.install(mount_targets.settle)
    security_group_rules.install()
    permissions.install()
    unknown_ids.install()
    # Around all that others have put in place.
    pages.install(state)
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
        if pipe.readline().strip() != OUTLIVE.encode():
            _end(folder)


def _end(folder: str) -> NoReturn:
    """End this process and its Lambda workers at once: there is no state worth saving."""
    if os.getpgrp() == os.getpid():
        shutil.rmtree(folder, ignore_errors=True)
        os.killpg(0, signal.SIGKILL)
    # Started by hand, in a group with the caller's shell or make: end only what is ours.
    import_module("ministack.core.lambda_runtime").reset()
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


if __name__ == "__main__":
    main()
