"""The ledgers of all adopters of one file system: its tags, read together.

Several adopters write at the same time, each its own tag. The rule that makes this safe: *write, then read until the own
words are visible*. All tags come in one answer, so of two adopters the later one to write sees the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace

from geuse_efs_waiter.adoption.ownership.ledger import RUN_SUFFIX, Ledger
from geuse_efs_waiter.adoption.ownership.page import ENDED_SUFFIX, Page, long_ended
from geuse_efs_waiter.aws.clients import EFSClient
from geuse_efs_waiter.aws.describe import describe_file_system
from geuse_efs_waiter.aws.polling import PollingDeadline
from geuse_efs_waiter.aws.retries import AwsError, call_with_retries
from geuse_efs_waiter.errors import LedgerLostError, NotReadyError, SupersededError


class Book:
    """Reads all ledgers, writes the own one, and notices when another run of the same adopter has taken over.

    Args:
        efs: a boto3 EFS client.
        file_system_id: whose tags.
        key: the own tag.
        region: the region, which AZ names begin with.
        patience: how long to go on in spite of errors.
        serial: names this run; a later one has a greater name. See `serial_of`.
        quiet_seconds: how long a reader may still see what was before, and a former run may still write after a later one
            has begun.
    """

    def __init__(
        self,
        efs: EFSClient,
        file_system_id: str,
        key: str,
        region: str,
        deadline: PollingDeadline,
        *,
        serial: str,
        quiet_seconds: float,
    ) -> None:
        self._efs, self._file_system_id, self._key = efs, file_system_id, key
        self._region, self._patience, self._serial = region, deadline, serial
        self._writings = 0
        self._quiet_seconds = quiet_seconds

    def enter(self, *, first: bool) -> Page:
        """Take over from former runs of this adopter, and read what they have left.

        A former run may still be at work: a create that was cancelled goes on while the delete is here already. It stops
        at its next look at the tag that this leaves; until then nothing is read or written.

        Args:
            first: there was no request before this one; then there is nobody to wait for if there is no trace of one.

        Raises:
            SupersededError: if a later run has entered.
        """
        before = self._refuse_later(self._tags())
        self._sweep(before)
        self._put(self._key + RUN_SUFFIX, self._serial)
        if not first or any(key.startswith(self._key) for key in before):
            self.keep_quiet()
        return self._page(self._tags_once(lambda tags: tags.get(self._key + RUN_SUFFIX) == self._serial))

    def keep_quiet(self) -> None:
        """Let pass what it takes until every reader sees the present, and every former run has stopped."""
        self._patience.clock.sleep(self._quiet_seconds)

    def leave(self, *, tombstone: bool = False) -> None:
        """End this adopter: whichever of its runs is still at work stops, because the tag is missing.

        Args:
            tombstone: leave another tag that says so: a run that has not begun yet must not begin then.
        """
        if tombstone:
            # Not the tag of the run, so that others may remove it without taking a tag from under a run at work.
            self._put(self._key + ENDED_SUFFIX, self._serial, checked=True)
        self._remove(self._key + RUN_SUFFIX)

    def read(self) -> Page:
        """Read once."""
        return self._page(self._tags())

    def publish(self, ledger: Ledger) -> Page:
        """Write the own ledger and read until it is visible.

        Raises:
            NotReadyError: if it does not become visible in time.
            SupersededError, LedgerLostError: as in `write`.
        """
        return self.read_after(self.write(ledger))

    def read_after(self, ledger: Ledger) -> Page:
        """Read until the own ledger, as last written, is visible: then nothing older than that writing is seen.

        Raises:
            NotReadyError: if it does not become visible in time.
            SupersededError: if a later run has entered.
        """
        value = ledger.encode(self._region)
        return self._page(self._tags_once(lambda tags: tags.get(self._key) == value))

    def write(self, ledger: Ledger) -> Ledger:
        """Write the own ledger, unless a later run has entered.

        Returns:
            The ledger as written.

        Raises:
            SupersededError, LedgerLostError: then nothing more is done.
        """
        self._writings += 1
        ledger = replace(ledger, writing=f"{self._serial}.{self._writings}")
        value = ledger.encode(self._region)
        self._put(self._key, value, checked=True)
        return ledger

    def close(self) -> None:
        """Remove the own ledger."""
        self._refuse_later(self._tags())
        self._remove(self._key)

    def remove_gone(self, key: str) -> None:
        """Remove the ledger of an adopter that is gone, unless it has come back."""
        if key in self.read().gone:
            self._remove(key)

    def _sweep(self, tags: Mapping[str, str]) -> None:
        """Remove the tags of those who ended long ago: a file system takes 50, and each cancelled create leaves one."""
        if ended := long_ended(tags, self._serial):
            # Nothing depends on it, and whoever comes next tries again.
            with suppress(*AwsError):
                self._efs.untag_resource(ResourceId=self._file_system_id, TagKeys=ended)

    def _put(self, key: str, value: str, *, checked: bool = False) -> None:
        def attempt() -> None:
            # Looked at before each attempt: an attempt may come late, after many throttled ones.
            if checked:
                self.check()
            self._efs.tag_resource(ResourceId=self._file_system_id, Tags=[{"Key": key, "Value": value}])

        call_with_retries(attempt, self._patience, f"writing the tag {key} of file system {self._file_system_id}")

    def _remove(self, key: str) -> None:
        call_with_retries(
            lambda: self._efs.untag_resource(ResourceId=self._file_system_id, TagKeys=[key]),
            self._patience,
            f"removing the tag {key} of file system {self._file_system_id}",
        )

    def check(self) -> None:
        """Refuse to go on if a later run has entered, or has entered and ended.

        Called right before every change, also before each repetition of one: a run may be held up for long.

        Raises:
            SupersededError, LedgerLostError: then nothing more is done.
        """
        missing_since = self._patience.elapsed
        while self._key + RUN_SUFFIX not in self._refuse_later(self._tags()):
            # The answer may be older than our own writing; not for long.
            if self._patience.elapsed - missing_since > self._quiet_seconds:
                raise LedgerLostError(
                    f"the tag {self._key}{RUN_SUFFIX} of file system {self._file_system_id} was removed while this "
                    "deployment was at work; let nobody else manage tags that begin with geuse-efs:, and deploy again"
                )
            self._patience.clock.sleep(1.0)

    def _refuse_later(self, tags: Mapping[str, str]) -> Mapping[str, str]:
        last = Ledger.parse(tags.get(self._key, ""), self._region).writing.partition(".")[0]
        if max(last, *(tags.get(self._key + suffix, "") for suffix in (RUN_SUFFIX, ENDED_SUFFIX))) > self._serial:
            raise SupersededError(f"a later request has taken over the tag {self._key}")
        return tags

    def _tags_once(self, holds: Callable[[Mapping[str, str]], bool]) -> Mapping[str, str]:
        while not holds(tags := self._refuse_later(self._tags())):
            if not self._patience.pause():
                raise NotReadyError(
                    f"the tag {self._key} of file system {self._file_system_id} was written but is not visible; look for "
                    "another tool that manages its tags, and deploy again",
                    out_of_time=True,
                )
        return tags

    def _tags(self) -> Mapping[str, str]:
        return call_with_retries(
            lambda: describe_file_system(self._efs, self._file_system_id),
            self._patience,
            f"describing file system {self._file_system_id}",
        ).tags

    def _page(self, tags: Mapping[str, str]) -> Page:
        return Page.parse(tags, self._key, self._region)
