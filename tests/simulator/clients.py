"""Clients whose calls end in an account: one of botocore, and one that costs a microsecond."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import botocore.session
from botocore.exceptions import ClientError

from geuse_efs_waiter.aws import clients as waiter_clients
from tests.simulator.faults import Answer, Fault, Sleeping
from tests.simulator.names import REGION

if TYPE_CHECKING:
    from tests.simulator.account import Account
    from tests.simulator.iam import Principal


@cache
def _session() -> Any:
    """One for all, because it keeps the services' models."""
    return botocore.session.get_session()


def through_botocore(account: Account, service: str, principal: Principal | None = None) -> Any:
    """A real client: botocore validates parameters and raises errors; instead of sending a request it asks the account."""
    client = _session().create_client(
        service,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106
        config=waiter_clients.CONFIG,
    )

    def remember(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        # Later they are folded into a URL; the account wants them as they were given.
        context["lab_parameters"] = dict(params)

    def answer(model: Any, context: dict[str, Any], **_: Any) -> tuple[Any, Answer]:
        try:
            given, status = account.call(model.name, context["lab_parameters"], principal), 200
        except Fault as fault:
            given, status = _error(fault), fault.status
        return SimpleNamespace(status_code=status), {**given, "ResponseMetadata": {"HTTPStatusCode": status}}

    client.meta.events.register("before-parameter-build", remember)
    client.meta.events.register("before-call", answer)
    return client


class Direct:
    """Looks like a client: ``describe_mount_targets`` is the operation DescribeMountTargets."""

    meta = SimpleNamespace(region_name=REGION)

    def __init__(self, account: Account, principal: Principal | None = None, clock: Sleeping | None = None) -> None:
        self._account, self._principal, self._clock = account, principal, clock

    def __getattr__(self, method: str) -> Callable[..., Answer]:
        operation = _operation(method)

        def call(**parameters: Any) -> Answer:
            try:
                return self._account.call(operation, parameters, self._principal, clock=self._clock)
            except Fault as fault:
                metadata = {"ResponseMetadata": {"HTTPStatusCode": fault.status}}
                raise ClientError({**_error(fault), **metadata}, operation) from fault  # type: ignore[typeddict-item]

        return call


@cache
def _operation(method: str) -> str:
    return "".join(part.title() for part in method.split("_"))


def _error(fault: Fault) -> Answer:
    return {"Error": {"Code": fault.code, "Message": fault.message}}
