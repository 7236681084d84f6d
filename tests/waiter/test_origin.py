"""A request is carried out for the function's own stack only, and answered at CloudFormation's own address only."""

from __future__ import annotations

import pytest

from geuse_efs_waiter import handler
from geuse_efs_waiter.cloudformation.request import Request
from geuse_efs_waiter.errors import InvalidRequestError
from geuse_efs_waiter.run_context import RunContext
from tests.simulator.account import Account
from tests.simulator.cloudformation import STACK_ID, Stack, event_of
from tests.simulator.functions import Context


def request(url: str, stack_id: str = STACK_ID) -> Request:
    return Request.parse({**event_of("Delete", {}, 0.0), "StackId": stack_id, "ResponseURL": url})


def bucket(suffix: str, region: str = "useast1") -> str:
    return f"https://cloudformation-custom-resource-response-{region}.{suffix}/arn?X-Amz-Date=20260101T000000Z"


@pytest.mark.parametrize(
    ("region", "url"),
    [
        ("us-east-1", bucket("s3.amazonaws.com")),
        ("us-east-1", bucket("s3.us-east-1.amazonaws.com")),
        ("us-east-2", bucket("s3-us-east-2.amazonaws.com", "useast2")),
        ("us-east-2", bucket("s3.dualstack.us-east-2.amazonaws.com", "useast2")),
        ("ap-southeast-7", bucket("s3.ap-southeast-7.amazonaws.com", "ap-southeast-7")),
        ("cn-north-1", bucket("s3.cn-north-1.amazonaws.com.cn", "cnnorth1")),
        ("eusc-de-east-1", bucket("s3.eusc-de-east-1.amazonaws.eu", "euscdeeast1")),
    ],
)
def test_the_bucket_of_the_stacks_region_is_cloudformations(region: str, url: str) -> None:
    stack_id = STACK_ID.replace("us-east-1", region)
    request(url, stack_id).check_origin(stack_id)


@pytest.mark.parametrize(
    "url",
    [
        bucket("s3.amazonaws.com").replace("https", "http"),
        bucket("s3.amazonaws.com", "useast2"),
        bucket("s3.amazonaws.com", "useast1-mine"),
        bucket("s3.amazonaws.com.example"),
        bucket("s3.example.com"),
        bucket("s3.amazonaws.com").replace("https://", "https://example.com/"),
        bucket("s3.amazonaws.com").replace("https://", "https://user@example.com:443/"),
        bucket("s3.amazonaws.com").replace(".s3.", ".example.com#.s3."),
        "https://example.com/x",
        "https://169.254.169.254/latest",
    ],
)
def test_another_response_address_is_refused_without_its_path(url: str) -> None:
    with pytest.raises(
        InvalidRequestError, match="expected CloudFormation's bucket for responses in us-east-1"
    ) as refused:
        request(url).check_origin(STACK_ID)
    assert "X-Amz" not in str(refused.value)


def test_a_request_of_another_stack_is_refused() -> None:
    other = STACK_ID.replace("storage", "another")
    with pytest.raises(InvalidRequestError, match=r"another.*expected the function's own: .*storage"):
        request(bucket("s3.amazonaws.com"), other).check_origin(STACK_ID)


def test_a_function_that_does_not_know_its_stack_carries_out_nothing() -> None:
    with pytest.raises(InvalidRequestError, match="expected the function's own"):
        request(bucket("s3.amazonaws.com")).check_origin("")


def test_the_local_aws_takes_responses_where_it_says() -> None:
    request("http://127.0.0.1:4566/x").check_origin(STACK_ID, "127.0.0.1")
    with pytest.raises(InvalidRequestError, match=r"the ResponseURL is at http://127\.0\.0\.1"):
        request("http://127.0.0.1:4566/x").check_origin(STACK_ID)


def test_a_forged_event_is_neither_carried_out_nor_answered(aws: Account, stack: Stack) -> None:
    forged = {**event_of("Delete", {}, 0.0), "ResponseURL": "https://example.com/x"}
    context = RunContext(efs=aws.client("efs"), stack_id=STACK_ID)
    with pytest.raises(InvalidRequestError, match=r"the ResponseURL is at https://example\.com, expected"):
        handler.run(forged, Context(aws.clock, 900), context, lambda *_: None)
    assert aws.calls == []
    assert stack.address.puts == []
