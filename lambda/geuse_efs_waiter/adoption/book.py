"""The ledgers of all adopters of one file system: its tags, read together.

Several adopters write at the same time, each its own tag. The rule that makes this safe: *write, then read until the own
words are visible*. All tags come in one answer, so of two adopters the later one to write sees the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from geuse_efs_waiter import aws
from geuse_efs_waiter.adoption.ledger import KEY_PREFIX, RUN_SUFFIX, Ledger
from geuse_efs_waiter.aws import EFSClient
from geuse_efs_waiter.errors import LedgerLostError, NotReadyError, SupersededError
from geuse_efs_waiter.faults import persist
from geuse_efs_waiter.patience import Patience

_ENDED = ".ended"
"""Added to a run's name when it has ended and its tag stays."""


@dataclass(frozen=True, slots=True)
class Page:
    """One reading of the book: the own ledger, whether it was there, the others', and who of them is at work."""

    own: Ledger
    written: bool
    others: Mapping[str, Ledger]
    at_work: frozenset[str]

    @property
    def gone(self) -> dict[str, Ledger]:
        """The ledgers of adopters that are gone and have left mount targets to others."""
        return {key: ledger for key, ledger in self.others.items() if ledger.gone and key not in self.at_work}

    def claimants(self, zone: str) -> list[Ledger]:
        """The other adopters that use the zone."""
        return [ledger for ledger in self.others.values() if ledger.claims_zone(zone)]

    def leaving(self, zones: Iterable[str], now: float) -> list[str]:
        """The other adopters that are giving up one of the zones right now."""
        wanted = frozenset(zones)
        return [key for key, ledger in self.others.items() if ledger.is_leaving(wanted, now)]

    def made(self, zone: str) -> set[str]:
        """The mount targets that others made in the zone, whoever uses them."""
        return {name for ledger in self.others.values() if (name := ledger.created.get(zone))}

    def left_behind(self, zone: str, now: float) -> set[str]:
        """The mount targets that others made in the zone and left to whoever uses it."""
        return {name for ledger in self.others.values() if (name := ledger.left_behind(zone, now))}


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
        patience: Patience,
        *,
        serial: str,
        quiet_seconds: float,
    ) -> None:
        self._efs, self._file_system_id, self._key = efs, file_system_id, key
        self._region, self._patience, self._serial = region, patience, serial
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
        self._put(self._key + RUN_SUFFIX, self._serial)
        if not first or self._key in before or self._key + RUN_SUFFIX in before:
            self.keep_quiet()
        return self._page(self._tags_once(lambda tags: tags.get(self._key + RUN_SUFFIX) == self._serial))

    def keep_quiet(self) -> None:
        """Let pass what it takes until every reader sees the present, and every former run has stopped."""
        self._patience.clock.sleep(self._quiet_seconds)

    def leave(self, *, tombstone: bool = False) -> None:
        """End this adopter: whichever of its runs is still at work stops, because the tag is missing.

        Args:
            tombstone: leave the tag, as that of a run that has ended: one that has not begun yet must not begin then.
        """
        run = self._key + RUN_SUFFIX
        if tombstone:
            self._put(run, self._serial + _ENDED, checked=True)
        else:
            self._remove(run)

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

    def _put(self, key: str, value: str, *, checked: bool = False) -> None:
        def attempt() -> None:
            # Looked at before each attempt: an attempt may come late, after many throttled ones.
            if checked:
                self.check()
            self._efs.tag_resource(ResourceId=self._file_system_id, Tags=[{"Key": key, "Value": value}])

        persist(attempt, self._patience, f"writing the tag {key} of file system {self._file_system_id}")

    def _remove(self, key: str) -> None:
        persist(
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
        missing_since = self._patience.spent
        while self._key + RUN_SUFFIX not in self._refuse_later(self._tags()):
            # The answer may be older than our own writing; not for long.
            if self._patience.spent - missing_since > self._quiet_seconds:
                raise LedgerLostError(
                    f"the tag {self._key}{RUN_SUFFIX} of file system {self._file_system_id} was removed while this "
                    "deployment was at work; let nobody else manage tags that begin with geuse-efs:, and deploy again"
                )
            self._patience.clock.sleep(1.0)

    def _refuse_later(self, tags: Mapping[str, str]) -> Mapping[str, str]:
        last = Ledger.parse(tags.get(self._key, ""), self._region).writing.partition(".")[0]
        if max(last, tags.get(self._key + RUN_SUFFIX, "").removesuffix(_ENDED)) > self._serial:
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
        return persist(
            lambda: aws.describe_file_system(self._efs, self._file_system_id),
            self._patience,
            f"describing file system {self._file_system_id}",
        ).tags

    def _page(self, tags: Mapping[str, str]) -> Page:
        ledgers = {
            key: Ledger.parse(value, self._region)
            for key, value in tags.items()
            if key.startswith(KEY_PREFIX) and not key.endswith(RUN_SUFFIX)
        }
        at_work = frozenset(
            key.removesuffix(RUN_SUFFIX)
            for key, run in tags.items()
            if key.endswith(RUN_SUFFIX) and not run.endswith(_ENDED)
        )
        return Page(ledgers.pop(self._key, Ledger()), self._key in tags, ledgers, at_work)


def serial_of(sent: float | None, now: float, letters: str) -> str:
    """Names a run, so that the names of later requests, and of later runs of one request, are greater.

    Lambda may run a crashed request again after a later request has been dealt with; then the old one must not win.

    Args:
        sent: when CloudFormation sent the request, seconds since the epoch; None if that is not known.
        now: when the run began, seconds since the epoch.
        letters: a few random ones, to tell two apart that begin together.
    """
    return f"{int(now if sent is None else sent):09x}{int(now * 1000):012x}{letters}"
