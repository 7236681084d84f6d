"""Which operation a request calls, and the answers of calls that a rule makes fail.

Error bodies have the forms of the services' own protocols (EFS: rest-json with `ErrorCode`; EC2: query with XML).
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote
from xml.sax.saxutils import escape

import botocore.session

from local.emulator.state import Fault, State

# The signing name tells the services apart; only these two can have faults.
_SIGNED_FOR = re.compile(r"Credential=[^/]+/\d{8}/[^/]+/(elasticfilesystem|ec2)/aws4_request")


@dataclass(frozen=True)
class Call:
    """One request, in the words of its API."""

    service: str
    operation: str
    parameters: Mapping[str, Any]

    def fits(self, fault: Fault) -> bool:
        """Whether a rule is about this call; `SubnetId` also fits EC2's `SubnetId.1`."""
        return fault.operation == self.operation and all(
            any(str(value) == wanted for key, value in self.parameters.items() if key.split(".")[0] == name)
            for name, wanted in fault.match.items()
        )


@functools.cache
def _efs_operations() -> list[tuple[str, re.Pattern[str], str]]:
    model = botocore.session.get_session().get_service_model("efs")
    found = []
    for name in model.operation_names:
        http = model.operation_model(name).http
        found.append((http["requestUri"].split("?")[0], http["method"], name))
    # Literal paths first: `replication-configurations` is not a file system's id.
    found.sort(key=lambda item: item[0].count("{"))
    return [(method, re.compile(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", uri)), name) for uri, method, name in found]


def signed_for(authorization: str) -> str | None:
    """The service a request is signed for, if it is one that faults can be installed for."""
    found = _SIGNED_FOR.search(authorization)
    return found.group(1) if found else None


def recognise(service: str, method: str, path: str, query: str, body: bytes) -> Call | None:
    """The call that a request makes, or None for one the service does not know."""
    parameters: dict[str, Any] = dict(parse_qsl(query))
    if service == "ec2":
        parameters |= dict(parse_qsl(body.decode()))
        return Call(service, parameters.pop("Action", ""), parameters)
    for verb, pattern, name in _efs_operations():
        if verb == method and (found := pattern.fullmatch(unquote(path))):
            return Call(service, name, parameters | (json.loads(body) if body else {}) | found.groupdict())
    return None


def take(state: State, call: Call) -> Fault | None:
    """The first rule that applies to a call, counted as used."""
    with state.lock:
        for fault in state.settings.faults:
            if fault.times != 0 and call.fits(fault):
                if fault.times is not None:
                    fault.times -= 1
                return fault
    return None


def answer(service: str, fault: Fault) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """The status, headers and body that a failing call is answered with."""
    if fault.answer == "truncated":
        return 200, [], b'{"half": ['
    if fault.answer == "reset":
        # More is announced than comes: the server closes the connection, and the client sees it break.
        return 200, [(b"content-length", b"1000")], b"{"
    if service == "ec2":
        text = (
            f"<Response><Errors><Error><Code>{escape(fault.code)}</Code><Message>{escape(fault.message)}</Message>"
            "</Error></Errors><RequestID>local</RequestID></Response>"
        )
        return fault.status, [(b"content-type", b"text/xml")], text.encode()
    body = json.dumps({"ErrorCode": fault.code, "Message": fault.message}).encode()
    headers = [(b"content-type", b"application/json"), (b"x-amzn-errortype", fault.code.encode())]
    return fault.status, headers, body
