"""One run of an adoption: note, observe, plan, act, until nothing is left to do; then note that it is done.

Nothing is locked. Only the runs of one adoption change its mount targets, and the older ones stop when they see the note of a
later one. That rests on three assumptions (docs/adr/0006-ownership.md): reads lag by ``quiet_seconds`` at most,
no observation is acted on that is older than that, and a call takes effect within four times of it or never. So every
observation that begins seven times of it after the note shows all that older runs have done, and they do nothing more.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TypeVar

from geuse_efs_waiter import errors
from geuse_efs_waiter.adoption.adoptions import Adoption, AdoptionsReader
from geuse_efs_waiter.adoption.ownership.notes import RETAINED_TAG, RUN_TAG, Note, seconds_between
from geuse_efs_waiter.adoption.ownership.observed import Observed
from geuse_efs_waiter.adoption.ownership.plan import Change, Desired, Refuse, Step, plan, serving
from geuse_efs_waiter.aws import retries
from geuse_efs_waiter.aws.describe import describe_groups_of, describe_mount_targets
from geuse_efs_waiter.aws.polling import PollingDeadline
from geuse_efs_waiter.aws.security_group_tags import tag_security_group, untag_security_group
from geuse_efs_waiter.run_context import RunContext

logger = logging.getLogger(__name__)
T = TypeVar("T")

_LOOK_AGAIN = frozenset({"MountTargetConflict", "MountTargetNotFound", "IncorrectMountTargetState"})
"""EFS is in another state than was observed; the next observation tells in which."""
_KNOWN, _EFFECT, _QUIET = 2, 5, 7
"""Lags until a note is known, until the effect of a call is seen, and until all is seen that older runs have done."""
_RECENT_SECONDS = 60.0
_IDLE = "waiting until older requests have stopped"
_FIX = "expected an available mount target in each wanted zone; deploy again, wait_timeout may be 40 minutes"


@dataclass(eq=False)
class OwnershipRun:
    """One run.

    Attributes:
        context: AWS and time.
        own: the adoption's own security group.
        deadline: the time there is.
        serial: names this run, see `serial_of`.
        desired: what the adoption is to be.
        digest: tells the properties from others.
        first: whether there was no request before this one.
        unanswered: whether an earlier request was never answered, and may still be run.
    """

    context: RunContext
    own: str
    deadline: PollingDeadline
    serial: str
    desired: Desired
    digest: str = ""
    first: bool = False
    unanswered: bool = False

    def __post_init__(self) -> None:
        self._lag = self.context.quiet_seconds
        self._began = self._opened = self._conclude_after = self._now()
        self._changed = False
        self._reader = AdoptionsReader(self.context.ec2, self.desired.file_system_id, self.own)
        self._trouble = ""
        self._last: Observed | None = None

    def apply(self) -> Observed:
        """Bring about what is desired.

        Returns:
            What is there now.

        Raises:
            SupersededError: if a later run of the adoption is at work; that one answers.
            OwnershipError: if it cannot be done: a mount target failed, or another adoption wants what would be deleted.
            NotReadyError: if the time is over.
            FileSystemNotFoundError, SecurityGroupNotFoundError: if the file system or the own group is gone.
            AwsCallError: if AWS refuses a call permanently.
        """
        try:
            self._open()
            observed = self._bring_about()
            self._close(observed)
        except errors.WaiterError:
            if self._last and not self._changed:
                # The next run need not wait for this one, but older ones still must not go on.
                with suppress(errors.AwsCallError):
                    self._write_done(self._last, Note(True, self._last.settled, self._last.known_groups))
            raise
        return observed

    def _open(self) -> None:
        """Write the note, and let pass what it takes until older runs have seen it, and this one sees theirs."""
        observed = self._observe_adoptions()
        self._write(Note(given=self.desired.given))
        self._opened = self._now()
        if self.first and not observed.notes and self._opened - observed.began <= self._lag:
            return
        # A second delivery of a first create does not wait: its note may come later than this one.
        recent = not observed.notes or seconds_between(max(observed.notes), self.serial) < _RECENT_SECONDS
        self._conclude_not_before(self._opened + self._lag * (_QUIET if self.unanswered else _KNOWN if recent else 1))
        self.deadline.clock.sleep(self._lag)

    def _bring_about(self) -> Observed:
        busy = False
        while True:
            observed = self._last = self._observe()
            steps = plan(self.desired, observed)
            if refusals := [step.text for step in steps if isinstance(step, Refuse)]:
                raise errors.OwnershipError(f"file system {self.desired.file_system_id}: {'; '.join(refusals)}")
            if busy and not steps:
                # Others may still see what is gone; until they do not, the group must be seen as an adoption's.
                self._conclude_not_before(observed.began + _KNOWN * self._lag)
            if not steps and observed.began >= self._conclude_after:
                return observed
            busy, told = bool(steps) and self.desired.ends, "; ".join(step.text for step in steps) or _IDLE
            logger.info("%.1f s: %s", self.deadline.elapsed, told)
            throttled = self._act(steps, observed)
            rest = 0.0 if steps else self._conclude_after - self._now()
            if not self.deadline.pause(throttled=throttled, at_least=rest):
                late = f"file system {self.desired.file_system_id} is not ready after {self.deadline.elapsed:.0f} s"
                raise errors.NotReadyError(f"{late}: {told}{self._trouble}; {_FIX}", out_of_time=True)

    def _close(self, observed: Observed) -> None:
        """Write down that nothing is on its way any more."""
        if not self.desired.ends:
            settled = (self.digest, *(digest for digest in observed.settled if digest != self.digest))
            self._write_done(observed, Note(True, settled, self.desired.given), older_have_stopped=True)
            return
        # Whether CloudFormation deletes the group or retains it: others must know that its adoption is gone. So must old
        # requests, those of groups that were replaced as well; the own one is last, because it carries the note.
        for group in (*sorted(observed.own_groups - {self.own}), self.own):
            with suppress(errors.SecurityGroupNotFoundError):
                tag_security_group(self.context.ec2(), group, {RETAINED_TAG: "true"}, self.deadline)

    def _write_done(self, observed: Observed, note: Note, *, older_have_stopped: bool = False) -> None:
        """Write the last note, and remove those of older runs that have stopped."""
        self._write(note)
        for group in sorted(observed.own_groups):
            notes = {key: one for key, one in observed.adoptions[group].notes.items() if key < self.serial}
            keys = [RUN_TAG + key for key, one in notes.items() if one.done or older_have_stopped]
            untag_security_group(self.context.ec2(), group, keys)

    def _write(self, note: Note) -> None:
        tag_security_group(self.context.ec2(), self.own, {RUN_TAG + self.serial: note.encode()}, self.deadline)

    def _act(self, steps: list[Step], observed: Observed) -> bool:
        """Make one call; the next observation shows what came of it. True if AWS asked to press less hard."""
        change, asked = next((step for step in steps if isinstance(step, Change)), None), self._now()
        if change is None:
            return False
        if asked - observed.began > self._lag:
            self._trouble = f"; the last observation took {asked - observed.began:.0f} s, too long to act on"
            return True
        try:
            getattr(self.context.efs, change.method)(**change.parameters)
        except retries.AwsError as error:
            self._trouble = f"; the last change ended with {retries.code_of(error)}"
            if retries.may_have_taken_effect(error):
                self._changed = True
                self._conclude_not_before(asked + _EFFECT * self._lag)
            if retries.code_of(error) in _LOOK_AGAIN:
                return False
            if not retries.is_transient(error, elapsed=self.deadline.elapsed):
                raise retries.to_error(error, change.text) from error
            return True
        self._changed, self._trouble = True, ""
        if {one.group for one in observed.others} & {*change.parameters.get("SecurityGroups", ())}:
            # Where a person has put both groups, that adoption may take its own off, and put this one back.
            self._conclude_not_before(asked + _QUIET * self._lag)
        return False

    def _observe(self) -> Observed:
        observed, efs, ec2 = self._observe_adoptions(), self.context.efs, self.context.ec2()
        targets = self._read("mount targets", lambda: describe_mount_targets(efs, self.desired.file_system_id))
        carried = self._read("network interfaces", lambda: describe_groups_of(ec2, targets))
        observed, others = replace(observed, targets=targets, carried=carried), {one.group for one in observed.others}
        used = (serving(observed, zone) for zone in self.desired.subnets)
        if any(target and (observed.groups_of(target) or set()) & others for target in used):
            # The other adoption may not know yet that this one wants the zone.
            self._conclude_not_before(self._opened + _QUIET * self._lag)
        return observed

    def _observe_adoptions(self) -> Observed:
        """Read the adoptions alone, and find out whether a later run is at work."""
        began = self._now()
        observed = Observed(self.own, self._read("adoptions", self._read_adoptions), began=began)
        if max(observed.notes, default="") > self.serial:
            raise errors.SupersededError(f"a later request has written its note on security group {self.own}")
        own = observed.adoptions.get(self.own)
        if own is None or (own.retained and not self.desired.ends):
            raise errors.SecurityGroupNotFoundError(f"security group {self.own} is gone, or its adoption, or its tags")
        if any(not note.done for serial, note in observed.notes.items() if serial < self.serial):
            self._conclude_not_before(self._opened + _QUIET * self._lag)
        return observed

    def _read_adoptions(self) -> dict[str, Adoption]:
        asked, found = self._now(), self._reader.read()
        if self.own not in found and asked < self._began + self._lag:
            # CloudFormation has made the group before it sent the request: only a later read tells that it is gone.
            raise retries.IncompleteResponseError(f"security group {self.own} is not listed yet")
        return found

    def _read(self, what: str, action: Callable[[], T]) -> T:
        operation = f"describing the {what} of file system {self.desired.file_system_id}"
        return retries.call_with_retries(action, self.deadline, operation)

    def _conclude_not_before(self, earliest: float) -> None:
        """The observation that concludes the run must not begin earlier."""
        self._conclude_after = max(self._conclude_after, earliest)

    def _now(self) -> float:
        return self.context.clock.now()
