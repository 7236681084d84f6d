"""The ASGI layer in front of MiniStack: the control endpoint, faults, and the record of calls.

Control, for tests and scripts on this machine:

- `POST /_local/config` with any of the names in `local.emulator.state.Settings`; what is not named keeps its value, a list or
  map that is named is replaced as a whole:

      {"mount_target_seconds": 0.5, "mount_target_deletion_seconds": 0.2, "efs_page_size": 2,
       "retry_seconds": 0.1,
       "zones": {"us-east-1b": {"state": "error", "seconds": 0.3}, "subnet-123": {"state": "creating"}},
       "faults": [{"operation": "CreateMountTarget", "match": {"SubnetId": "subnet-123"}, "status": 409,
                   "code": "NoFreeAddressesInSubnet", "message": "no addresses", "times": 2, "effect": "before"},
                  {"operation": "CreateTags", "answer": "reset", "effect": "after", "seconds": 1}]}

  It answers with the settings in force, or 400 and one line.
- `GET /_local/calls`: the EFS and EC2 calls since the last reset, oldest first.
- `POST /_ministack/reset` forgets MiniStack's state and ours.

Faults and the record see what arrives over HTTP; what MiniStack's CloudFormation does inside the process passes by.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import Awaitable, Callable, MutableMapping
from importlib import import_module
from typing import Any

from local.emulator.faults import answer, recognise, signed_for, take
from local.emulator.state import ConfigurationError, Fault, State

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

_JSON = [(b"content-type", b"application/json")]


class Control:
    """MiniStack's ASGI application with our layer in front of it."""

    def __init__(self, app: App, state: State) -> None:
        self._app = app
        self._state = state
        evaluator: Any = import_module("ministack.core.iam_evaluator")
        self._pin_request_origin: Callable[[str, bool], None] = evaluator.pin_request_origin

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        if path.startswith("/_local/"):
            await self._control(scope["method"], path, receive, send)
            return
        self._claim_secure_transport(scope)
        headers = dict(scope["headers"])
        service = signed_for(headers.get(b"authorization", b"").decode("latin-1"))
        if service is not None:
            await self._watched(service, scope, receive, send)
            return
        await self._app(scope, receive, send)
        if path == "/_ministack/reset":
            self._state.reset()

    def _claim_secure_transport(self, scope: Message) -> None:
        # CDK's bootstrap bucket refuses plain http (aws:SecureTransport). On the loopback interface the transport is as
        # safe as TLS, so say so in both of the places MiniStack looks at: the context, and with AUTH the header.
        self._pin_request_origin("127.0.0.1", True)
        scope["headers"] = [*scope["headers"], (b"x-forwarded-proto", b"https")]

    async def _watched(self, service: str, scope: Message, receive: Receive, send: Send) -> None:
        body = await _body(receive)
        call = recognise(service, scope["method"], scope["path"], scope["query_string"].decode(), body)
        fault = None
        if call is not None:
            self._state.calls.append(dataclasses.asdict(call))
            fault = take(self._state, call)
        if fault is None:
            await self._app(scope, _replaying(body, receive), send)
            return
        await self._struck(fault, service, scope, _replaying(body, receive), send)

    async def _struck(self, fault: Fault, service: str, scope: Message, receive: Receive, send: Send) -> None:
        kept: list[Message] = []
        if fault.effect == "after":
            await self._app(scope, receive, _keeping(kept))
        await asyncio.sleep(fault.seconds)
        if fault.answer != "own":
            await _respond(send, *answer(service, fault))
        elif kept:
            for message in kept:
                await send(message)
        else:
            await self._app(scope, receive, send)

    async def _control(self, method: str, path: str, receive: Receive, send: Send) -> None:
        status: int = 200
        answered: Any
        if (method, path) == ("GET", "/_local/calls"):
            answered = list(self._state.calls)
        elif (method, path) == ("POST", "/_local/config"):
            status, answered = self._configure(await _body(receive))
        else:
            status, answered = 404, {"message": "no such control"}
        await _respond(send, status, _JSON, json.dumps(answered).encode())

    def _configure(self, body: bytes) -> tuple[int, Any]:
        try:
            self._state.settings = self._state.settings.updated(json.loads(body))
        except (ConfigurationError, json.JSONDecodeError) as error:
            return 400, {"message": str(error)}
        return 200, dataclasses.asdict(self._state.settings)


async def _body(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


def _replaying(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives a body already read, and then whatever comes next."""
    pending = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return pending.pop() if pending else await receive()

    return replay


def _keeping(kept: list[Message]) -> Send:
    """A `send` for an answer that gets lost, or comes late."""

    async def keep(message: Message) -> None:
        kept.append(message)

    return keep


async def _respond(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
