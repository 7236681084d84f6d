"""The entry point of the Lambda: one request in, exactly one answer out.

A run that cannot finish in time hands over to another run of the same function. A run that is killed is run again by
Lambda, because CloudFormation calls the function asynchronously; everything here may be done twice.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from botocore.exceptions import HTTPClientError

from geuse_efs_waiter.aws import clients
from geuse_efs_waiter.aws.polling import Patience
from geuse_efs_waiter.aws.retries import persist
from geuse_efs_waiter.cloudformation.request import WAITED_KEY, Request
from geuse_efs_waiter.cloudformation.response import Answer, send
from geuse_efs_waiter.errors import SupersededError, WaiterError
from geuse_efs_waiter.reconciler import QUIET_SECONDS, Surroundings, UnfinishedError, reconcile

logger = logging.getLogger(__name__)
logging.getLogger("geuse_efs_waiter").setLevel(logging.INFO)

RESERVE_SECONDS = 120
"""Kept back of every run for what comes after the wait: tags (at most 90 s) and the answer."""


HAND_ON_SECONDS = 75
"""How long starting another run is tried; what is left of the reserve is for the answer if that fails."""


class LostInvocationError(Exception):
    """Raised when another run may have been started or not: not repeated, not answered, but as if this run had crashed."""


class LambdaContext(Protocol):
    """The part of Lambda's context object that is used."""

    invoked_function_arn: str
    log_group_name: str
    log_stream_name: str

    def get_remaining_time_in_millis(self) -> int: ...


def handler(event: Mapping[str, Any], context: LambdaContext) -> None:
    """Answer one request of CloudFormation.

    Raises:
        InvalidRequestError: if the event is none that could be answered.
        AnswerNotDeliveredError: if CloudFormation could not be reached; Lambda runs the request again.
        LostInvocationError: if nobody knows whether another run goes on; Lambda runs the request again.
    """
    log_name = f"log group {context.log_group_name}, stream {context.log_stream_name}"
    around = Surroundings(efs=_EFS, log_name=log_name, quiet_seconds=_QUIET_SECONDS)
    run(event, context, around, _run_again)


def run(
    event: Mapping[str, Any],
    context: LambdaContext,
    around: Surroundings,
    run_again: Callable[[Mapping[str, Any], LambdaContext], None],
) -> None:
    """`handler` with its surroundings given.

    Args:
        event, context: as Lambda gives them.
        around: AWS and time.
        run_again: starts another run with the event it is given.
    """
    request = Request.parse(event)
    logger.info("%s %s of stack %s", request.request_type, request.logical_resource_id, request.stack_id)
    try:
        answer = _answer(request, context, around)
    except SupersededError as superseded:
        # The later request answers; two answers would be one too many.
        logger.warning("no answer: %s", superseded)
        return
    except UnfinishedError as unfinished:
        again, patience = {**event, WAITED_KEY: unfinished.waited}, Patience(HAND_ON_SECONDS, clock=around.clock)
        try:
            persist(lambda: run_again(again, context), patience, "starting another run to go on waiting")
        except WaiterError as error:
            answer = _failure(request, str(error), context)
        else:
            logger.info("%s: another run goes on", unfinished)
            return
    logger.info("answering %.4000s", answer.reason or "success")
    send(request.response_url, answer.body(request), Patience(_seconds_left(context) - 15, clock=around.clock))


def _answer(request: Request, context: LambdaContext, around: Surroundings) -> Answer:
    try:
        return reconcile(request, around, _seconds_left(context) - RESERVE_SECONDS)
    except (UnfinishedError, SupersededError):
        raise
    except WaiterError as error:
        return _failure(request, str(error), context)
    except Exception as error:
        logger.exception("unexpected error")
        return _failure(request, f"unexpected {type(error).__name__} in the waiter, please report it", context)


def _failure(request: Request, reason: str, context: LambdaContext) -> Answer:
    log = f"log group {context.log_group_name}, stream {context.log_stream_name}"
    return Answer(request.kept_physical_id, reason=reason if log in reason else f"{reason} ({log})")


def _seconds_left(context: LambdaContext) -> float:
    return context.get_remaining_time_in_millis() / 1000


def _run_again(event: Mapping[str, Any], context: LambdaContext) -> None:
    function = clients.client("lambda")
    try:
        function.invoke(FunctionName=context.invoked_function_arn, InvocationType="Event", Payload=json.dumps(event))
    except HTTPClientError as lost:
        # Repeating it could start a run each time, and a failure could be followed by the answer of the run it started.
        raise LostInvocationError from lost


# For surroundings where reads are known to be consistent; on AWS nobody sets it.
_QUIET_SECONDS = float(os.environ.get("GEUSE_EFS_QUIET_SECONDS", QUIET_SECONDS))

# Made while Lambda initialises the function, where the CPU is not throttled. No other client is needed on most paths.
_EFS = clients.efs_client()
