"""The entry point of the Lambda: one request, exactly one response.

A run that cannot finish in time continues in another invocation of the same function. A run that is killed is repeated by
Lambda, because CloudFormation calls the function asynchronously; so everything here may be done twice.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from botocore.exceptions import HTTPClientError

from geuse_efs_waiter.aws import clients
from geuse_efs_waiter.aws.polling import PollingDeadline
from geuse_efs_waiter.aws.retries import call_with_retries
from geuse_efs_waiter.cloudformation.request import WAITED_KEY, Request
from geuse_efs_waiter.cloudformation.response import Response, send
from geuse_efs_waiter.errors import SupersededError, WaiterError
from geuse_efs_waiter.limits import CONTINUE_SECONDS, LAST_SECONDS, QUIET_SECONDS, RESERVE_SECONDS
from geuse_efs_waiter.reconciler import reconcile
from geuse_efs_waiter.run_context import ContinueInNextInvocation, RunContext

logger = logging.getLogger(__name__)
logging.getLogger("geuse_efs_waiter").setLevel(logging.INFO)


class InvocationUnknownError(Exception):
    """Raised when another invocation may or may not have been started: this run then ends as if it had crashed."""


class LambdaContext(Protocol):
    """The part of Lambda's context object that is used."""

    invoked_function_arn: str
    log_group_name: str
    log_stream_name: str

    def get_remaining_time_in_millis(self) -> int: ...


def handler(event: Mapping[str, Any], lambda_context: LambdaContext) -> None:
    """Answer one request of CloudFormation.

    Raises:
        InvalidRequestError: if the event is not a request of CloudFormation for this function's stack.
        ResponseNotDeliveredError: if CloudFormation could not be reached; Lambda runs the request again.
        InvocationUnknownError: if it is not known whether another invocation continues; Lambda runs the request again.
    """
    context = RunContext(
        efs=_EFS,
        stack_id=_STACK_ID,
        log_name=_log_name(lambda_context),
        quiet_seconds=_QUIET_SECONDS,
        local_response_host=_LOCAL_RESPONSE_HOST,
    )
    run(event, lambda_context, context, _continue_in_next_invocation)


def run(
    event: Mapping[str, Any],
    lambda_context: LambdaContext,
    context: RunContext,
    continue_in_next_invocation: Callable[[Mapping[str, Any], LambdaContext], None],
) -> None:
    """`handler` with AWS and time given.

    Args:
        event, lambda_context: as Lambda gives them.
        context: AWS and time.
        continue_in_next_invocation: invokes the function again with the event it is given.
    """
    request = Request.parse(event)
    request.check_origin(context.stack_id, context.local_response_host)
    logger.info("%s %s of stack %s", request.request_type, request.logical_resource_id, request.stack_id)
    try:
        response = _respond(request, lambda_context, context)
    except SupersededError as superseded:
        # The later request answers; two responses would be one too many.
        logger.warning("no response: %s", superseded)
        return
    except ContinueInNextInvocation as unfinished:
        next_event = {**event, WAITED_KEY: unfinished.already_waited}
        try:
            call_with_retries(
                lambda: continue_in_next_invocation(next_event, lambda_context),
                PollingDeadline(CONTINUE_SECONDS, clock=context.clock),
                "invoking the function again to go on waiting",
            )
        except WaiterError as error:
            response = _failure(request, str(error), lambda_context)
        else:
            logger.info("%s: another invocation continues", unfinished)
            return
    logger.info("responding %.4000s", response.reason or "success")
    deadline = PollingDeadline(_seconds_left(lambda_context) - LAST_SECONDS, clock=context.clock)
    send(request.response_url, response.body(request), deadline)


def _respond(request: Request, lambda_context: LambdaContext, context: RunContext) -> Response:
    try:
        return reconcile(request, context, _seconds_left(lambda_context) - RESERVE_SECONDS)
    except (ContinueInNextInvocation, SupersededError):
        raise
    except WaiterError as error:
        return _failure(request, str(error), lambda_context)
    except Exception as error:
        logger.exception("unexpected error")
        return _failure(request, f"unexpected {type(error).__name__} in the waiter, please report it", lambda_context)


def _failure(request: Request, reason: str, lambda_context: LambdaContext) -> Response:
    log_name = _log_name(lambda_context)
    # The roll-back of a first deployment deletes the log group, too.
    kept = ", kept by cdk deploy --no-rollback" if request.request_type == "Create" else ""
    return Response(request.kept_physical_id, reason=reason if log_name in reason else f"{reason} ({log_name}{kept})")


def _log_name(lambda_context: LambdaContext) -> str:
    return f"log group {lambda_context.log_group_name}, stream {lambda_context.log_stream_name}"


def _seconds_left(lambda_context: LambdaContext) -> float:
    return lambda_context.get_remaining_time_in_millis() / 1000


def _continue_in_next_invocation(event: Mapping[str, Any], lambda_context: LambdaContext) -> None:
    function, name = clients.client("lambda"), lambda_context.invoked_function_arn
    try:
        function.invoke(FunctionName=name, InvocationType="Event", Payload=json.dumps(event))
    except HTTPClientError as lost:
        # Repeating it could invoke the function twice, and a failure could be followed by the response of that invocation.
        raise InvocationUnknownError from lost


# The construct sets it.
_STACK_ID = os.environ.get("GEUSE_EFS_STACK_ID", "")
# The local AWS sets it.
_LOCAL_RESPONSE_HOST = os.environ.get("GEUSE_EFS_LOCAL_RESPONSE_HOST")
# Where reads are known to be consistent; on AWS it is not set.
_QUIET_SECONDS = float(os.environ.get("GEUSE_EFS_QUIET_SECONDS", QUIET_SECONDS))

# Made while Lambda initialises the function, where the CPU is not throttled. Most requests need no other client.
_EFS = clients.efs_client()
