"""Lambda's asynchronous invocation of the one function of a stack.

Sources: Lambda developer guide, "How Lambda handles errors and retries with asynchronous invocation" (a failed attempt is run
again after one and after two minutes), "Configure Lambda function timeout" (15 minutes), "Using the Lambda context object".

Runs whose times overlap run side by side: each is a greenlet that lets others go on while it sleeps.
"""

from __future__ import annotations

import heapq
import itertools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from greenlet import getcurrent, greenlet

from geuse_efs_waiter import handler
from geuse_efs_waiter.run_context import RunContext
from tests.simulator.account import Account
from tests.simulator.clock import VirtualClock
from tests.simulator.faults import Answer, Killed
from tests.simulator.iam import Principal
from tests.simulator.names import FUNCTION, LOG_GROUP, LOG_STREAM, arn

RUN_SECONDS = 900.0
RETRY_AFTER = (60.0, 120.0)

Event = Mapping[str, Any]


@dataclass
class Context:
    """Lambda's context object, on the virtual clock."""

    clock: VirtualClock
    ends: float
    invoked_function_arn: str = arn("lambda", f"function:{FUNCTION}")
    log_group_name: str = LOG_GROUP
    log_stream_name: str = LOG_STREAM

    def get_remaining_time_in_millis(self) -> int:
        return int((self.ends - self.clock.now()) * 1000)


Code = Callable[[Event, Context], None]


@dataclass
class Function:
    """A function and its queue of asynchronous events.

    Attributes:
        code: what it runs.
        role: whose rights it has; everything is allowed to None.
        runs: how many there were.
        overrun: how many of them Lambda would have ended, because they took too long.
        queue: events that were accepted and wait for their run.
    """

    aws: Account
    code: Code
    role: Principal | None = None
    runs: int = 0
    overrun: int = 0
    queue: list[Event] = field(default_factory=list)
    _agenda: list[tuple[float, int, Any]] = field(default_factory=list)
    """When which run begins, or goes on after its sleep."""

    def __post_init__(self) -> None:
        self.aws.operations["Invoke"] = "lambda", self._invoke
        self.aws.clock.before_sleep = self._let_others_go_on
        self._numbers = itertools.count()
        self._hub: Any = None

    def _invoke(self, FunctionName: str, InvocationType: str, Payload: str) -> Answer:  # noqa: N803
        assert InvocationType == "Event", FunctionName
        self.queue.append(json.loads(Payload))
        return {"StatusCode": 202}

    def send(self, event: Event) -> None:
        """An asynchronous invocation, with all that comes of it.

        Raises:
            Exception, Killed: what the last of three attempts ended in.
        """
        self._hub, lost = getcurrent(), None
        self.queue.append(event)
        while self._next_at() < float("inf"):
            at, _, run = heapq.heappop(self._agenda)
            self.aws.clock.time = max(self.aws.clock.time, at)
            try:
                run.switch()
            except (Killed, Exception) as error:  # noqa: BLE001
                lost = error
        self._hub = None
        if lost:
            raise lost

    def _let_others_go_on(self, until: float) -> None:
        """In the sleep of a run."""
        if self._hub and self._next_at() < until:
            self._plan(until, getcurrent())
            self._hub.switch()

    def _next_at(self) -> float:
        while self.queue:
            run = greenlet(partial(self._attempt, self.queue.pop(0)), self._hub)
            self._plan(self.aws.clock.now(), run)
        return self._agenda[0][0] if self._agenda else float("inf")

    def _plan(self, at: float, run: Any) -> None:
        heapq.heappush(self._agenda, (at, next(self._numbers), run))

    def _attempt(self, event: Event) -> None:
        for pause in (*RETRY_AFTER, None):
            try:
                return self.run(event)
            except (Killed, Exception):
                if pause is None:
                    raise
                self.aws.clock.sleep(pause)
        return None

    def run(self, event: Event) -> None:
        """One run."""
        self.runs += 1
        clock = self.aws.clock
        if self.role:
            self.role.log()
        context = Context(clock, clock.now() + RUN_SECONDS)
        try:
            self.code(event, context)
        finally:
            self.overrun += clock.now() > context.ends


def waiter(aws: Account, client: Callable[[str], Any]) -> Code:
    """The code of the waiter: the real handler. Only AWS and time are the simulator's.

    Args:
        client: makes its clients.
    """

    def code(event: Event, context: Context) -> None:
        run_context = RunContext(
            efs=client("efs"),
            stack_id=str(event.get("StackId")),  # each stack has its own function; here one stands for all
            ec2=lambda: client("ec2"),
            clock=aws.clock,
            wall_clock=aws.clock.wall,
            run_suffix=lambda: f"{aws.clock.random.randrange(256):02x}",
        )
        handler.run(event, context, run_context, handler._continue_in_next_invocation)

    return code
