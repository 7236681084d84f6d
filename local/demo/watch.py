"""Tells what happens in a stack, in its order, and each change of state of a mount target, while the CDK CLI is at work."""

from __future__ import annotations

import contextlib
import itertools
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from botocore.exceptions import BotoCoreError, ClientError

from local.demo.observed import WAITER_TYPE, ObservedMountTarget, file_systems, stack_events
from local.emulator.local_aws import LocalAws

_POLL_SECONDS = 0.25
_STACK = "AWS::CloudFormation::Stack"
# What a file system is about; of all other resources only the number is told.
_TOLD = (_STACK, "AWS::EFS::FileSystem", "AWS::Lambda::Function", WAITER_TYPE)
_WORDS = {
    "REVIEW": {"IN_PROGRESS": "comparing"},
    "CREATE": {"IN_PROGRESS": "creating", "COMPLETE": "created"},
    "UPDATE": {"IN_PROGRESS": "updating", "COMPLETE": "updated"},
    "DELETE": {"IN_PROGRESS": "deleting", "COMPLETE": "deleted"},
}


class Watch:
    """A background thread, running inside its context, that looks at stacks and mount targets.

    It tells what happens from entering the context on.

    Args:
        aws: The running emulator.
        say: Receives one line per event.
    """

    def __init__(self, aws: LocalAws, say: Callable[[str], None]) -> None:
        self._aws = aws
        self._say = say
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._targets: dict[str, ObservedMountTarget] = {}
        self._since: dict[str, float] = {}
        self._events: set[str] = set()
        self._others = 0

    def __enter__(self) -> Self:
        self._events = {event["EventId"] for event in stack_events(self._aws)}
        self._targets = {target.mount_target_id: target for target in self._look()}
        self._started = time.monotonic()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        last = False
        while not last:
            # Once more after the end: what happened last must not be missed.
            last = self._stop.wait(_POLL_SECONDS)
            # What cannot be seen now may be seen at the next look.
            with contextlib.suppress(BotoCoreError, ClientError):
                self._tell_news()

    def _look(self) -> list[ObservedMountTarget]:
        return [target for item in file_systems(self._aws) for target in item.mount_targets]

    def _tell(self, text: str) -> None:
        self._say(f"{time.monotonic() - self._started:5.1f} s  {text}")

    def _tell_targets(self, found: dict[str, ObservedMountTarget]) -> None:
        now = time.monotonic()
        for name, target in found.items():
            known = self._targets.get(name)
            if known is None:
                self._since[name] = now
                self._tell(f"{target.state:<12} mount target {name} {target.zone}")
            elif known.state != target.state:
                took = f" after {now - self._since.get(name, now):.1f} s"
                self._tell(f"{target.state:<12} mount target {name} {target.zone}{took}")
        for name in self._targets.keys() - found.keys():
            self._tell(f"{'gone':<12} mount target {name} {self._targets[name].zone}")
        self._targets = found

    def _tell_news(self) -> None:
        new = [event for event in stack_events(self._aws) if event["EventId"] not in self._events]
        self._events |= {event["EventId"] for event in new}
        # Looked at after the events: the custom resource is complete because of what the mount targets are by now.
        found = {target.mount_target_id: target for target in self._look()}
        before = list(itertools.takewhile(lambda event: not _ends_the_wait(event), new))
        self._tell_events(before)
        self._tell_targets(found)
        self._tell_events(new[len(before) :])

    def _tell_events(self, events: list[dict[str, Any]]) -> None:
        for event in events:
            status = event["ResourceStatus"]
            if event["ResourceType"] in _TOLD or status.endswith("FAILED"):
                self._tell_others()
                self._tell(_line(event))
            elif status.endswith("_COMPLETE"):
                self._others += 1

    def _tell_others(self) -> None:
        if self._others:
            self._tell(f"{'':<12} and {self._others} other resource{'s' * (self._others > 1)}")
            self._others = 0


def _ends_the_wait(event: dict[str, Any]) -> bool:
    return event["ResourceType"] in {WAITER_TYPE, _STACK} and event["ResourceStatus"].endswith("_COMPLETE")


def _line(event: dict[str, Any]) -> str:
    verb, _, how = event["ResourceStatus"].partition("_")
    status = _WORDS.get(verb, {}).get(how, event["ResourceStatus"])
    if event["ResourceType"] == _STACK:
        return f"{status:<12} stack {event['LogicalResourceId']}"
    reason = f": {event['ResourceStatusReason']}" if how == "FAILED" else ""
    return f"{status:<12} {event['ResourceType']} {event['LogicalResourceId']}{reason}"
