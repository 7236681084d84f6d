"""Which errors of AWS are transient, which are final, and calls that are repeated accordingly.

Sources: the EFS API's list of errors for each operation, EC2's list of common errors, and the issues named below.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as BrokenConnectionError
from botocore.parsers import ResponseParserError

from geuse_efs_waiter.aws.polling import PollingDeadline
from geuse_efs_waiter.errors import AwsCallError, FileSystemNotFoundError, SecurityGroupNotFoundError
from geuse_efs_waiter.limits import IAM_PROPAGATION_SECONDS

T = TypeVar("T")

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
# EC2 API reference, error codes; which of them CreateTags gives is not documented.
_NO_SUCH_GROUP = frozenset({"InvalidGroup.NotFound", "InvalidSecurityGroupID.NotFound", "InvalidID"})
_ACCESS_CODES = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})


class IncompleteResponseError(Exception):
    """Raised when a successful response lacks what it must hold: botocore reads a truncated body as an empty one."""


AwsError = (ClientError, BotoCoreError, ResponseParserError, IncompleteResponseError)
"""Everything that a call of AWS can raise, for ``except``."""

_LOST_RESPONSES = (IncompleteResponseError, ResponseParserError, HTTPClientError, BrokenConnectionError)


def code_of(error: Exception) -> str:
    """The error code that AWS gave, else the name of the exception."""
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Code", "Unknown"))
    return type(error).__name__


def is_access_code(code: str) -> bool:
    """Whether an error code means that a permission is missing."""
    return code in _ACCESS_CODES


def may_have_taken_effect(error: Exception) -> bool:
    """Whether the call may have had its effect although it failed: only a refusal by the service says that it has not."""
    if isinstance(error, ClientError):
        return _status_of(error) >= _SERVER_ERRORS
    return isinstance(error, _LOST_RESPONSES)


def is_transient(error: Exception, *, elapsed: float) -> bool:
    """Whether the same call may succeed later.

    Args:
        error: one of `AwsError`.
        elapsed: seconds since the task began; an access error counts as transient while IAM may still propagate.
    """
    if isinstance(error, _LOST_RESPONSES):
        return True
    if not isinstance(error, ClientError):
        return False
    code = code_of(error)
    if code in _ACCESS_CODES:
        return elapsed < IAM_PROPAGATION_SECONDS
    # 429 is EFS's TooManyRequests, a rule that lasts 24 hours: no use in asking again.
    return code in _TRANSIENT_CODES or _status_of(error) >= _SERVER_ERRORS


def _status_of(error: ClientError) -> int:
    return error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)


def to_error(error: Exception, operation: str, *, out_of_time: bool = False) -> AwsCallError:
    """An error for people: what was tried, what AWS said, what to do.

    Args:
        error: one of `AwsError`.
        operation: what the call does, for example ``describing file system fs-…``.
        out_of_time: whether the error is transient and only the time to repeat the call is over.
    """
    message = str(error.response.get("Error", {}).get("Message", "")) if isinstance(error, ClientError) else str(error)
    actual = f"{operation} failed with {code_of(error)}: {message.rstrip('.')}"
    if code_of(error) == "FileSystemNotFound":
        check = "check the id, and that it belongs to this region and account"
        return FileSystemNotFoundError(f"{actual}; {check}", code=code_of(error))
    if code_of(error) in _NO_SUCH_GROUP:
        return SecurityGroupNotFoundError(f"{actual}; check whether somebody has deleted it", code=code_of(error))
    fix = "correct the cause and try again"
    if code_of(error) in _ACCESS_CODES:
        fix = "allow the call: look for a permissions boundary, a service control policy or a changed role"
    return AwsCallError(f"{actual}; {fix}", code=code_of(error), out_of_time=out_of_time)


def call_with_retries(call: Callable[[], T], deadline: PollingDeadline, operation: str) -> T:
    """Call until it succeeds, fails permanently, or the time is over.

    Args:
        call: one call of AWS that may be repeated.
        deadline: how long to go on.
        operation: what the call does, for the error.

    Raises:
        AwsCallError: with what AWS said last.
    """
    while True:
        try:
            result = call()
        except AwsError as error:
            if not is_transient(error, elapsed=deadline.elapsed):
                raise to_error(error, operation) from error
            if not deadline.pause(throttled=True):
                raise to_error(error, operation, out_of_time=True) from error
        else:
            deadline.reset_backoff()
            return result
