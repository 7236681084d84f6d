"""An account whose every call can be struck by a fault, and a response address on the virtual clock.

The waiter runs as on Lambda: the real handler, its own ``_run_again``, and urllib; only AWS and time are fakes.
"""

# ruff: noqa: N802, N803 (operations and parameters are named as the APIs name them)

from __future__ import annotations

import io
import json
import random
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import Message
from types import SimpleNamespace
from typing import Any
from unittest import mock
from urllib.response import addinfourl

from geuse_efs_waiter import aws, handler
from geuse_efs_waiter.reconcile import Surroundings
from tests.fakes.aws import EPOCH, REGION
from tests.fakes.cloudformation import RUN_SECONDS, SECRET, AnswerServer, Context, Killed, Stack
from tests.fakes.network import FakeNetwork
from tests.faults.kinds import PUT, Injected

PREFIX_LIST, ACCESS_POINT = "pl-00000001", "fsap-00000001"
ALLOW_ALL = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "elasticfilesystem:*", "Resource": "*"},
    ],
}


class LabAccount(FakeNetwork):
    """Every operation that the waiter calls, and one fault at a time."""

    injected: Injected | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self.handed_on: list[dict[str, Any]] = []

    def call(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        struck = self.injected
        if struck is None or not struck.strikes(operation, self.clock.now()):
            return super().call(operation, parameters)
        if struck.kind.killed:
            super().call(operation, parameters)
            raise Killed
        self.clock.sleep(struck.kind.slow_seconds)
        fault = struck.kind.fault(operation)
        if fault is not None:
            self.fail(operation, fault, after=struck.kind.after)
        return super().call(operation, parameters)

    def lab_client(self) -> Any:
        """A client without botocore's validation; the baseline runs through botocore as well."""
        client = self.direct()
        client.meta = SimpleNamespace(region_name=REGION)
        return client

    def _DescribeSecurityGroups(self, Filters: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
        answer = super()._DescribeSecurityGroups(Filters, **more)
        for group in answer["SecurityGroups"]:
            group["IpPermissions"][0]["PrefixListIds"] = [{"PrefixListId": PREFIX_LIST}]
        return answer

    def _GetManagedPrefixListEntries(self, PrefixListId: str) -> dict[str, Any]:
        return {"Entries": [{"Cidr": "10.9.0.0/24", "Description": PrefixListId}]}

    def _DescribeAccessPoints(self, AccessPointId: str) -> dict[str, Any]:
        return {"AccessPoints": [{"AccessPointId": AccessPointId, "FileSystemId": "fs-00000001"}]}

    def _DescribeFileSystemPolicy(self, FileSystemId: str) -> dict[str, Any]:
        self._known(FileSystemId)
        return {"FileSystemId": FileSystemId, "Policy": json.dumps(ALLOW_ALL)}

    def _Invoke(self, FunctionName: str, InvocationType: str, Payload: str) -> dict[str, Any]:
        assert InvocationType == "Event", FunctionName
        self.handed_on.append(json.loads(Payload))
        return {"StatusCode": 202}


class ResponseAddress(urllib.request.AbstractHTTPHandler):
    """S3 behind the ResponseURL: takes what is PUT, unless it is struck."""

    https_request = urllib.request.AbstractHTTPHandler.do_request_

    def __init__(self, aws: LabAccount, server: AnswerServer) -> None:
        super().__init__()
        self._aws, self._server = aws, server
        self.taken_at: list[float] = []

    def https_open(self, request: urllib.request.Request) -> addinfourl:
        struck = self._aws.injected
        self._aws.calls.append((self._aws.clock.now(), PUT, {}))
        if struck is None or not struck.strikes(PUT, self._aws.clock.now()):
            return self._take(request, 200)
        kind = struck.kind
        if kind.takes_effect:
            self._take(request, 200)
        if kind.killed:
            raise Killed
        if kind.slow_seconds:
            self._aws.clock.sleep(request.timeout or kind.slow_seconds)
            raise TimeoutError
        status = kind.status_of_put
        if status is None:
            raise ConnectionResetError
        return self._take(request, status)

    def _take(self, request: urllib.request.Request, status: int) -> addinfourl:
        headers = {key.lower(): value for key, value in request.header_items()}
        assert isinstance(request.data, bytes)
        self._server.puts.append((status, headers, request.data))
        if status == 200:
            self.taken_at.append(self._aws.clock.now())
        answer = addinfourl(io.BytesIO(b""), Message(), "https://answer", status)
        answer.msg = "said by the fake"  # type: ignore[attr-defined]
        return answer


@dataclass
class LabStack(Stack):
    """A stack whose function hands on by its own means. `overrun` counts the runs that Lambda would have killed."""

    aws: LabAccount
    overrun: int = 0

    def ask(self, request_type: str, properties: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
        """Send one request; all the answers to it that were taken."""
        sent = datetime.fromtimestamp(EPOCH + self.aws.clock.now(), UTC)
        event = {
            "RequestType": request_type,
            "RequestId": "00000000-0000-0000-0000-000000000002",
            "ResponseURL": f"https://answer.invalid/x?X-Amz-Date={sent:%Y%m%dT%H%M%SZ}&{SECRET}",
            "ResourceType": "Custom::GeuseEfsMountTargets",
            "ResourceProperties": {"ServiceToken": "arn:aws:lambda:x", **properties},
            **more,
        }
        before = len(self.server.answers)
        try:
            self._invoke(event)
        except Exception as error:  # noqa: BLE001
            # After the third run Lambda gives up. Whoever looks at the answers sees that there is none.
            assert type(error).__name__ == "AnswerNotDeliveredError", repr(error)  # noqa: PT017
        return self.server.answers[before:]

    def _run(self, event: dict[str, Any], handed_on: list[dict[str, Any]]) -> None:
        self.runs += 1
        self.aws.handed_on = handed_on
        clock = self.aws.clock
        around = self.around or Surroundings(
            efs=self.aws.lab_client(), ec2=self.aws.lab_client, clock=clock, wall_clock=lambda: EPOCH + clock.now()
        )
        context = Context(clock, clock.now() + RUN_SECONDS)
        try:
            handler.run(event, context, around, handler._run_again)
        finally:
            self.overrun += clock.now() > context.ends


@dataclass
class Lab:
    """One account with one stack and its neighbour."""

    aws: LabAccount = field(default_factory=LabAccount)
    server: AnswerServer = field(default_factory=lambda: AnswerServer("https://answer.invalid"))

    def __post_init__(self) -> None:
        self.stack = LabStack(self.aws, self.server)
        self.address = ResponseAddress(self.aws, self.server)


@contextmanager
def lab() -> Iterator[Lab]:
    """A lab that the handler's clients lead to."""
    made = Lab()
    opener = urllib.request.OpenerDirector()
    for one in (made.address, urllib.request.HTTPErrorProcessor(), urllib.request.HTTPDefaultErrorHandler()):
        opener.add_handler(one)
    random.seed(4)
    client = mock.patch.object(aws, "client", return_value=made.aws.lab_client())
    with mock.patch("urllib.request._opener", opener), client:
        yield made
