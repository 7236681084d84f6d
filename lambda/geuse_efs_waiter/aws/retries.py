"""Which errors of AWS pass by themselves, and which are final.

Sources: the EFS API's list of errors for each operation, EC2's list of common errors, and the issues named below.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as BrokenConnectionError
from botocore.parsers import ResponseParserError

from geuse_efs_waiter.aws.polling import Patience
from geuse_efs_waiter.errors import AwsCallError, FileSystemNotFoundError

T = TypeVar("T")

IAM_PROPAGATION_SECONDS = 60
"""A role made a moment ago may be refused for about this long."""
_SERVER_ERRORS = 500

# EFS throttles with HTTP 400 (ansible#36040, aws/res#99), so the status alone cannot tell.
_TRANSIENT_CODES = frozenset(
    {
        "DependencyTimeout",
        "IncorrectFileSystemLifeCycleState",
        "IncorrectMountTargetState",
        "InsufficientThroughputCapacity",
        "InternalFailure",
        "InternalServerError",
        "RequestLimitExceeded",
        "ServiceUnavailable",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",  # Lambda's throttling, unlike EFS's TooManyRequests
        "Unavailable",
    }
)
_ACCESS_CODES = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})


class IncompleteAnswerError(Exception):
    """A successful answer lacks what it must hold: botocore reads a truncated body as an empty one."""


Fault = (ClientError, BotoCoreError, ResponseParserError, IncompleteAnswerError)
"""Everything that a call of AWS can raise."""

_LOST_ANSWERS = (IncompleteAnswerError, ResponseParserError, HTTPClientError, BrokenConnectionError)


def code_of(error: Exception) -> str:
    """The error code that AWS gave, else the name of the exception."""
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Code", "Unknown"))
    return type(error).__name__


def may_have_worked(error: Exception) -> bool:
    """Whether the call may have had its effect although it failed: only a refusal by the service says that it has not."""
    if isinstance(error, ClientError):
        return _status_of(error) >= _SERVER_ERRORS
    return isinstance(error, _LOST_ANSWERS)


def is_transient(error: Exception, *, spent: float) -> bool:
    """Whether the same call may succeed later.

    Args:
        error: one of `Fault`.
        spent: seconds since the task began; an access error counts as transient while IAM may still propagate.
    """
    if isinstance(error, _LOST_ANSWERS):
        return True
    if not isinstance(error, ClientError):
        return False
    code = code_of(error)
    if code in _ACCESS_CODES:
        return spent < IAM_PROPAGATION_SECONDS
    # 429 is EFS's TooManyRequests, a rule that lasts 24 hours: no use in asking again.
    return code in _TRANSIENT_CODES or _status_of(error) >= _SERVER_ERRORS


def _status_of(error: ClientError) -> int:
    return error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)


def explain(error: Exception, doing: str, *, out_of_time: bool = False) -> AwsCallError:
    """An error for people: what was tried, what AWS said, what to do."""
    said = str(error.response.get("Error", {}).get("Message", "")) if isinstance(error, ClientError) else str(error)
    seen = f"{doing} failed with {code_of(error)}: {said.rstrip('.')}"
    if code_of(error) == "FileSystemNotFound":
        return FileSystemNotFoundError(f"{seen}; check the id, and that it belongs to this region and account")
    fix = "correct the cause and deploy again"
    if code_of(error) in _ACCESS_CODES:
        fix = "allow the call: look for a permissions boundary, a service control policy or a changed role"
    return AwsCallError(f"{seen}; {fix}", out_of_time=out_of_time)


def persist(action: Callable[[], T], patience: Patience, doing: str) -> T:
    """Call until it succeeds, fails for good, or the time is over.

    Args:
        action: one call of AWS that may be repeated.
        patience: how long to go on.
        doing: what the call does, for the error.

    Raises:
        AwsCallError: with what AWS said last.
    """
    while True:
        try:
            return action()
        except Fault as error:
            if not is_transient(error, spent=patience.spent):
                raise explain(error, doing) from error
            if not patience.pause(strained=True):
                raise explain(error, doing, out_of_time=True) from error
