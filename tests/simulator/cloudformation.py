"""CloudFormation's protocol for custom resources: requests, and the address for answers.

Sources, in the CloudFormation user guide: "Custom resource request objects" and "Custom resource response objects" (fields;
4,096 bytes; texts only).
"""

from __future__ import annotations

import io
import json
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from typing import Any
from urllib.response import addinfourl

from botocore.exceptions import ConnectionClosedError, ReadTimeoutError

from geuse_efs_waiter.cloudformation.response import ResponseNotDeliveredError
from geuse_efs_waiter.handler import InvocationUnknownError
from tests.simulator.account import Account
from tests.simulator.faults import PUT, Answer, Fault, Killed
from tests.simulator.functions import Function
from tests.simulator.names import FUNCTION, arn

STACK_ID = arn("cloudformation", "stack/storage/00000000-0000-0000-0000-000000000001")
LOGICAL_ID = "EfsReadinessF885DC8F"
SECRET = "X-Amz-Signature=thisisasecret"  # noqa: S105
LONGEST_ANSWER = 4096
# CloudFormation user guide, "Configuring a VPC endpoint for custom resources": the bucket of a region.
RESPONSE_HOST = "cloudformation-custom-resource-response-useast1.s3.amazonaws.com"

Properties = dict[str, Any]


def response_url(now: float) -> str:
    """Presigned: it holds a secret, and the time of its signature in seconds since 1970."""
    return f"https://{RESPONSE_HOST}/x?X-Amz-Date={datetime.fromtimestamp(now, UTC):%Y%m%dT%H%M%SZ}&{SECRET}"


class ResponseAddress(urllib.request.AbstractHTTPHandler):
    """S3 behind the ResponseURL. `puts` holds each PUT with its status and headers, `taken_at` when one was taken."""

    https_request = urllib.request.AbstractHTTPHandler.do_request_

    def __init__(self, aws: Account) -> None:
        super().__init__()
        self._aws = aws
        self.puts: list[tuple[int, dict[str, str], bytes]] = []
        self.taken_at: list[float] = []
        aws.operations[PUT] = "s3", self._take

    @property
    def answers(self) -> list[dict[str, Any]]:
        """The answers that were taken, each checked for its form."""
        return [_checked(headers, body) for status, headers, body in self.puts if status == 200]

    def https_open(self, request: urllib.request.Request) -> addinfourl:
        headers = {key.lower(): value for key, value in request.header_items()}
        status, timeout = 200, request.timeout or float("inf")
        try:
            self._aws.call(PUT, {"headers": headers, "body": request.data}, timeout=timeout)
        except Fault as fault:
            status = fault.status
            self.puts.append((status, headers, request.data))  # type: ignore[arg-type]
        except ReadTimeoutError:
            raise TimeoutError from None
        except ConnectionClosedError:
            raise ConnectionResetError from None
        answer = addinfourl(io.BytesIO(b""), Message(), "https://answer", status)
        answer.msg = "said by the simulator"  # type: ignore[attr-defined]
        return answer

    def _take(self, headers: dict[str, str], body: bytes) -> Answer:
        self.puts.append((200, headers, body))
        self.taken_at.append(self._aws.clock.now())
        return {}


def _checked(headers: dict[str, str], body: bytes) -> dict[str, Any]:
    assert headers["content-type"] == "", "the URL is signed for an empty content type"
    assert len(body) <= LONGEST_ANSWER, f"CloudFormation takes {LONGEST_ANSWER} bytes, not {len(body)}"
    answer: dict[str, Any] = json.loads(body)
    assert answer["Status"] in ("SUCCESS", "FAILED")
    assert answer["PhysicalResourceId"]
    assert bool(answer["Reason"]) == (answer["Status"] == "FAILED")
    assert all(isinstance(value, str) for value in answer["Data"].values())
    return answer


def event_of(request_type: str, properties: Properties, now: float, **more: Any) -> dict[str, Any]:
    """One request to a custom resource, sent at that second since 1970."""
    return {
        "RequestType": request_type,
        "RequestId": "00000000-0000-0000-0000-000000000002",
        "ResponseURL": response_url(now),
        "StackId": STACK_ID,
        "ResourceType": "Custom::GeuseEfsMountTargets",
        "LogicalResourceId": LOGICAL_ID,
        "ResourceProperties": {"ServiceToken": arn("lambda", f"function:{FUNCTION}"), **_texts(properties)},
        **more,
    }


def _texts(value: Any) -> Any:
    """Numbers and truth values travel as texts."""
    if isinstance(value, dict):
        return {key: _texts(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_texts(one) for one in value]
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value


@dataclass
class Stack:
    """One custom resource of a stack, for tests that choose each request."""

    function: Function
    address: ResponseAddress

    @property
    def aws(self) -> Account:
        return self.function.aws

    def request(self, request_type: str, properties: Properties | None = None, **more: Any) -> dict[str, Any]:
        """Send one request and return the one answer to it.

        Raises:
            Exception: what the function ended in three times.
        """
        before = len(self.address.answers)
        if lost := self._send(request_type, properties or {}, more):
            raise lost
        answers = self.address.answers[before:]
        assert len(answers) == 1, f"expected exactly one answer, got {len(answers)}"
        assert self.function.overrun == 0, "Lambda would have killed this run"
        return answers[0]

    def ask(self, request_type: str, properties: Properties, **more: Any) -> list[dict[str, Any]]:
        """Send one request; all the answers to it that were taken, also if the function ended without one three times."""
        before = len(self.address.answers)
        lost = self._send(request_type, properties, more)
        assert lost is None or isinstance(lost, ResponseNotDeliveredError | InvocationUnknownError | Killed), repr(lost)
        return self.address.answers[before:]

    def _send(self, request_type: str, properties: Properties, more: Properties) -> BaseException | None:
        """What the function ended in, where Lambda has given up."""
        try:
            self.function.send(event_of(request_type, properties, self.aws.clock.wall(), **more))
        except (Killed, Exception) as error:  # noqa: BLE001
            return error
        return None
