"""Start, control and stop the emulator as a process."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import boto3
from botocore.config import Config

from local.emulator.process import EmulatorProcess

_HOST = "127.0.0.1"
_START_SECONDS = 20.0
# Longer than an observation takes on a busy machine: the waiter does not act on an older one.
_QUIET_SECONDS = 2.0
# Talking to the emulator must not go through a proxy, whatever the caller's environment says.
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class LocalAwsError(RuntimeError):
    """The emulator cannot be started or refuses a request; the message is one line and may have log lines below it."""


class LocalAws:
    """The emulator, running from `start` (or entering the context) until `stop` (or leaving it).

    The emulator's process and its Lambda workers end with this process, however this process ends.

    Args:
        port: The loopback port to listen on; by default a free one is chosen.
        region: The region that clients and deployments use.
        auth: Evaluate the IAM policies of Lambda roles.
        mount_target_seconds: Seconds that a new mount target stays in `creating`, until `configure` says otherwise.
    """

    account = "000000000000"

    def __init__(
        self,
        *,
        port: int | None = None,
        region: str = "us-east-1",
        auth: bool = False,
        mount_target_seconds: float = 1.0,
    ) -> None:
        self.region = region
        self._port = port
        self._auth = auth
        self._mount_target_seconds = mount_target_seconds
        self._process: EmulatorProcess | None = None
        self._folder: Path | None = None
        self._clients: dict[str, Any] = {}

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def endpoint_url(self) -> str:
        """The address of every service."""
        return f"http://{_HOST}:{self._port}"

    @property
    def folder(self) -> Path:
        """The temporary folder of this run, removed by `stop`."""
        if self._folder is None:
            raise LocalAwsError("the local AWS is not running")
        return self._folder

    @property
    def pid(self) -> int:
        """The process id of the child, which is also its process group."""
        if self._process is None:
            raise LocalAwsError("the local AWS is not running")
        return self._process.pid

    def start(self) -> Self:
        """Start the process and wait until it answers.

        Raises:
            LocalAwsError: The port is in use, or the process ended or stayed silent.
        """
        self._port = _free_port(self._port)
        self._folder = Path(tempfile.mkdtemp(prefix="geuse-efs-local-"))
        arguments = ["--port", str(self._port), "--folder", str(self._folder)]
        arguments += ["--mount-target-seconds", str(self._mount_target_seconds)]
        if self._auth:
            arguments.append("--auth")
        # Lambda workers inherit it. Reads of the local AWS do not lag behind, as they may on AWS, and responses go to it.
        environment = self.environment() | {
            "GEUSE_EFS_QUIET_SECONDS": str(_QUIET_SECONDS),
            "GEUSE_EFS_LOCAL_RESPONSE_HOST": "localhost",
        }
        self._process = EmulatorProcess(arguments, environment, self.folder / "server.log")
        try:
            self._wait_until_ready(self._process, time.monotonic() + _START_SECONDS)
        except BaseException:
            self.stop()
            raise
        return self

    def _wait_until_ready(self, process: EmulatorProcess, deadline: float) -> None:
        while True:
            with contextlib.suppress(LocalAwsError):
                self._request("GET", "/_ministack/health")
                return
            if process.has_ended or time.monotonic() > deadline:
                ended = "ended while starting" if process.has_ended else "did not answer in time"
                raise LocalAwsError("\n  ".join([f"the local AWS {ended}; its last lines:", *process.last_lines()]))
            time.sleep(0.02)

    def stop(self) -> None:
        """End the process, its Lambda workers, and the temporary folder. Does nothing the second time."""
        self._clients.clear()
        if self._process is not None:
            self._process.end()
            self._process = None
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def detach(self) -> int:
        """Let the process go on after this one; `kill <pid>` ends it, its workers and its folder.

        Returns:
            The process id to end it with.
        """
        pid = self.pid
        if self._process is not None:
            self._process.detach()
        # Neither is ours to end any more.
        self._process = self._folder = None
        return pid

    def variables(self) -> dict[str, str]:
        """The environment variables that send an AWS SDK or the CDK CLI here, and nowhere else."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_ENDPOINT_URL_S3": self.endpoint_url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            # No profile of the user's, and no look for an instance's role.
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def environment(self) -> dict[str, str]:
        """The environment for a process: this one's without its AWS settings, with `variables`."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        direct = ",".join(filter(None, [kept.get("NO_PROXY") or kept.get("no_proxy"), _HOST, "localhost"]))
        return {**kept, **self.variables(), "NO_PROXY": direct, "no_proxy": direct}

    def client(self, service: str) -> Any:
        """A boto3 client of one service, such as `efs`; the caller's AWS settings play no part."""
        if service not in self._clients:
            make: Any = boto3.client
            # Kept: making one takes longer than most calls.
            self._clients[service] = make(
                service,
                endpoint_url=self.endpoint_url,
                region_name=self.region,
                aws_access_key_id="test",
                aws_secret_access_key="test",  # noqa: S106 (the emulator takes any)
                config=Config(proxies={}, retries={"mode": "standard", "total_max_attempts": 1}),
            )
        return self._clients[service]

    def configure(self, **settings: Any) -> dict[str, Any]:
        """Change settings of the running emulator, and give all that are in force then.

        Args:
            settings: Names and values of `local.emulator.state.Settings`.

        Raises:
            LocalAwsError: A name is unknown or a value has the wrong form.
        """
        return dict(self._request("POST", "/_local/config", settings))

    def reset(self) -> None:
        """Forget every resource and setting."""
        self._request("POST", "/_ministack/reset", {})

    def _request(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        url = self.endpoint_url + path
        request = urllib.request.Request(url, data=data, method=method)  # noqa: S310 (always http)
        try:
            with _DIRECT.open(request, timeout=10) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            raise LocalAwsError(json.load(error).get("message", str(error))) from error
        except OSError as error:
            raise LocalAwsError(f"the local AWS at {self.endpoint_url} does not answer: {error}") from error


def _free_port(wanted: int | None) -> int:
    with socket.socket() as probe:
        # As servers do, so that a port whose last connections are closing counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, wanted or 0))
        except OSError as error:
            raise LocalAwsError(
                f"port {wanted} on {_HOST} cannot be used ({error.strerror}): choose another"
            ) from error
        return int(probe.getsockname()[1])
