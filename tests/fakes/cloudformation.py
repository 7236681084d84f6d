"""A fake of CloudFormation and of Lambda's asynchronous invocation, around the real handler.

CloudFormation gives a ResponseURL (a real HTTP server here) and waits for one answer. Lambda runs a request that crashes
again, twice, after one and after two minutes.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from geuse_efs_waiter import handler
from geuse_efs_waiter.reconcile import Surroundings
from tests.fakes.aws import EPOCH, FakeAws
from tests.fakes.clock import VirtualClock

STACK_ID = "arn:aws:cloudformation:us-east-1:123456789012:stack/storage/00000000-0000-0000-0000-000000000001"
SECRET = "X-Amz-Signature=thisisasecret"  # noqa: S105
RUN_SECONDS = 900.0
RETRY_AFTER = (60.0, 120.0)


class Killed(BaseException):
    """What a test raises to end a run without a trace, as a crash of the sandbox does."""


@dataclass
class AnswerServer:
    """Where the ResponseURL leads. `statuses` are given first, then 200."""

    url: str
    statuses: list[int] = field(default_factory=list)
    puts: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)

    @property
    def answers(self) -> list[dict[str, Any]]:
        """The answers that were taken, each checked for its form."""
        return [self._checked(headers, body) for status, headers, body in self.puts if status == 200]

    @staticmethod
    def _checked(headers: dict[str, str], body: bytes) -> dict[str, Any]:
        assert headers["content-type"] == "", "the URL is signed for an empty content type"
        assert len(body) <= 4096, f"CloudFormation takes 4096 bytes, not {len(body)}"
        answer: dict[str, Any] = json.loads(body)
        assert answer["Status"] in ("SUCCESS", "FAILED")
        assert answer["PhysicalResourceId"]
        assert bool(answer["Reason"]) == (answer["Status"] == "FAILED")
        assert all(isinstance(value, str) for value in answer["Data"].values())
        return answer


@contextmanager
def answer_server() -> Iterator[AnswerServer]:
    """A server on a free loopback port."""

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = server.statuses.pop(0) if server.statuses else 200
            server.puts.append((status, {key.lower(): value for key, value in self.headers.items()}, body))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as http:
        server = AnswerServer(f"http://127.0.0.1:{http.server_port}/answer?{SECRET}")
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            http.shutdown()
            thread.join()


@dataclass
class Context:
    """Lambda's context object, on the virtual clock."""

    clock: VirtualClock
    ends: float
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:123456789012:function:waiter"
    log_group_name: str = "/aws/lambda/waiter"
    log_stream_name: str = "2026/01/01/[$LATEST]0"

    def get_remaining_time_in_millis(self) -> int:
        return int((self.ends - self.clock.now()) * 1000)


@dataclass
class Stack:
    """One custom resource of a stack. `runs` counts the runs of the function."""

    aws: FakeAws
    server: AnswerServer
    runs: int = 0
    before_run: Callable[[int], None] = lambda _: None
    around: Surroundings | None = None

    def request(self, request_type: str, properties: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        """Send one request and return the one answer to it."""
        event = {
            "RequestType": request_type,
            "RequestId": "00000000-0000-0000-0000-000000000002",
            "ResponseURL": self.server.url,
            "StackId": STACK_ID,
            "ResourceType": "Custom::GeuseEfsMountTargets",
            "LogicalResourceId": "EfsReadinessF885DC8F",
            "ResourceProperties": {"ServiceToken": "arn:aws:lambda:x", **(properties or {})},
            **more,
        }
        before = len(self.server.answers)
        self._invoke(event)
        answers = self.server.answers[before:]
        assert len(answers) == 1, f"expected exactly one answer, got {len(answers)}"
        return answers[0]

    def _invoke(self, event: dict[str, Any]) -> None:
        """Lambda's asynchronous invocation: what the function hands on is another one."""
        handed_on: list[dict[str, Any]] = []
        for pause in (*RETRY_AFTER, None):
            try:
                self._run(event, handed_on)
                break
            except (Killed, Exception):
                if pause is None:
                    raise
                self.aws.clock.sleep(pause)
        for again in handed_on:
            self._invoke(again)

    def _run(self, event: dict[str, Any], handed_on: list[dict[str, Any]]) -> None:
        self.runs += 1
        clock = self.aws.clock
        around = self.around or Surroundings(
            efs=self.aws.client("efs"),
            ec2=lambda: self.aws.client("ec2"),
            clock=clock,
            wall_clock=lambda: EPOCH + clock.now(),
        )
        self.before_run(self.runs)
        context = Context(clock, clock.now() + RUN_SECONDS)
        handler.run(event, context, around, lambda again, _: handed_on.append(json.loads(json.dumps(again))))
        assert clock.now() <= context.ends, "Lambda would have killed this run"
