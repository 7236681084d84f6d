"""The ASGI layer in front of MiniStack: the control endpoint, and requests that count as sent over TLS.

- `POST /_local/config` with names of `local.emulator.state.Settings`; what is not named keeps its value:

      {"mount_target_seconds": 0.5, "final_states": {"us-east-1b": "error"}}

  It answers with the settings in force, or 400 and one line.
- `POST /_ministack/reset` forgets MiniStack's state and ours.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Awaitable, Callable, MutableMapping
from importlib import import_module
from typing import Any

from local.emulator.state import ConfigurationError, State

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]


class Control:
    """MiniStack's ASGI application with our layer in front of it."""

    def __init__(self, app: App, state: State) -> None:
        self._app = app
        self._state = state
        evaluator: Any = import_module("ministack.core.iam_evaluator")
        self._pin_request_origin: Callable[[str, bool], None] = evaluator.pin_request_origin

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "http" and scope["path"] == "/_local/config":
            await self._configure(receive, send)
            return
        if scope["type"] == "http":
            self._claim_secure_transport(scope)
        await self._app(scope, receive, send)
        if scope.get("path") == "/_ministack/reset":
            self._state.reset()

    def _claim_secure_transport(self, scope: Message) -> None:
        # CDK's bootstrap bucket refuses plain http (aws:SecureTransport). On the loopback interface the transport is as
        # safe as TLS, so say so in both of the places MiniStack looks at: the context, and with AUTH the header.
        self._pin_request_origin("127.0.0.1", True)
        scope["headers"] = [*scope["headers"], (b"x-forwarded-proto", b"https")]

    async def _configure(self, receive: Receive, send: Send) -> None:
        status, answer = 200, dict[str, Any]()
        try:
            self._state.settings = self._state.settings.updated(json.loads(await _body(receive)))
            answer = dataclasses.asdict(self._state.settings)
        except (ConfigurationError, json.JSONDecodeError) as error:
            status, answer = 400, {"message": str(error)}
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(answer).encode()})


async def _body(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)
