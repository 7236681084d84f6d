"""A stub of what surrounds a Lambda function: the runtime API that it asks for work, and the address it answers to.

Source: Lambda developer guide, "Using the Lambda runtime API". Answers go over HTTPS, as to CloudFormation.
"""

from __future__ import annotations

import json
import queue
import ssl
import subprocess
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from benchmarks.environment import PYTHON

NEXT = "/2018-06-01/runtime/invocation/next"
_FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:bench"
_CERTIFICATE = """
import sys, trustme
authority = trustme.CA()
authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(sys.argv[1])
authority.cert_pem.write_to_path(sys.argv[2])
"""


class Observed(NamedTuple):
    """One request of the function: ``GET next``, ``POST response``, ``POST error`` or ``PUT answer``, and when it came."""

    what: str
    at: float
    body: bytes


@dataclass(frozen=True)
class Certificate:
    """Args: what the stub shows, and what a function must trust: the usual authorities and the stub's."""

    chain: Path
    trusted: Path


def make_certificate(folder: Path) -> Certificate:
    made = Certificate(folder / "stub.pem", folder / "trusted.pem")
    subprocess.run(  # noqa: S603
        [str(PYTHON), "-c", _CERTIFICATE, str(made.chain), str(made.trusted)], check=True
    )
    # Reading the usual authorities is part of what an answer costs.
    usual = ssl.get_default_verify_paths().cafile
    if usual:
        made.trusted.write_bytes(made.trusted.read_bytes() + Path(usual).read_bytes())
    return made


class RuntimeApi:
    """Serves one event to one process at a time, and tells what came back.

    Args:
        certificate: for the address that takes answers.
    """

    def __init__(self, certificate: Certificate) -> None:
        self._seen: queue.Queue[Observed] = queue.Queue()
        self._over = threading.Event()
        self._event = b""
        self._api = _server(self)
        self._answers = _server(self)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate.chain)
        self._answers.socket = context.wrap_socket(self._answers.socket, server_side=True)

    def __enter__(self) -> Self:
        for server in (self._api, self._answers):
            threading.Thread(target=server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()
        for server in (self._api, self._answers):
            server.shutdown()
            server.server_close()

    @property
    def address(self) -> str:
        """The value of AWS_LAMBDA_RUNTIME_API."""
        return f"127.0.0.1:{self._api.server_port}"

    @property
    def response_url(self) -> str:
        """Where the function is to put its answer."""
        return f"https://127.0.0.1:{self._answers.server_port}/answer?X-Amz-Date=20250101T000000Z"

    def begin(self, event: dict[str, Any]) -> None:
        """Gets ready for a fresh process, which is to get this event and no other."""
        self._over, self._event = threading.Event(), json.dumps(event).encode()
        while not self._seen.empty():
            self._seen.get()

    def end(self) -> None:
        """Lets go of a process that waits for a second event; it is gone by then."""
        self._over.set()

    def seen(self) -> Observed:
        """What the process asks or tells next.

        Raises:
            queue.Empty: if nothing comes.
        """
        return self._seen.get(timeout=30)

    def note(self, what: str, body: bytes = b"") -> None:
        self._seen.put(Observed(what, time.perf_counter(), body))

    def take_event(self) -> bytes:
        """The event, once; whoever asks again waits until the end and gets nothing."""
        event, self._event = self._event, b""
        if not event:
            self._over.wait()
        return event


def _server(api: RuntimeApi) -> ThreadingHTTPServer:
    class Handler(_Handler):
        runtime = api

    return ThreadingHTTPServer(("127.0.0.1", 0), Handler)


class _Handler(BaseHTTPRequestHandler):
    runtime: RuntimeApi
    protocol_version = "HTTP/1.1"
    # Else headers wait for the acknowledgement of what was sent before.
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_GET(self) -> None:
        self.runtime.note("next")
        event = self.runtime.take_event()
        if not event:
            self.close_connection = True
            return
        deadline = str(int((time.time() + 900) * 1000))
        headers = {"Aws-Request-Id": "1", "Invoked-Function-Arn": _FUNCTION, "Deadline-Ms": deadline}
        self._reply(200, event, {f"Lambda-Runtime-{name}": value for name, value in headers.items()})

    def do_POST(self) -> None:
        self.runtime.note(self.path.rpartition("/")[2], self._body())
        self._reply(202, b'{"status":"OK"}')

    def do_PUT(self) -> None:
        self.runtime.note("answer", self._body())
        self._reply(200, b"")

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers["Content-Length"]))

    def _reply(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, *_: Any) -> None:
        """Says nothing."""
