"""The tags that runs of an adoption write on the adoption's own security group."""

from __future__ import annotations

from dataclasses import dataclass

RETAINED_TAG = "geuse-efs:retained"
"""The adoption is gone. If this group still exists, it was retained, perhaps with mount targets; nobody wants anything."""
RUN_TAG = "geuse-efs:run:"
"""Followed by the serial of a run. Each run writes a tag of its own, so that none overwrites another's."""


@dataclass(frozen=True, slots=True)
class Note:
    """What a run writes on the own group before it changes anything, and again when it is done.

    Attributes:
        done: nothing of the run is on its way any more.
        settled: digests of the properties that were brought about last, the newest first.
        given: the groups beside the own one that mount targets of the adoption may carry.
    """

    done: bool = False
    settled: tuple[str, ...] = ()
    given: frozenset[str] = frozenset()

    def encode(self) -> str:
        """The tag's value."""
        given = ".".join(sorted(group.removeprefix("sg-") for group in self.given))
        return f"{'done' if self.done else 'open'} settled={'.'.join(self.settled[:2])} given={given}"

    @classmethod
    def parse(cls, text: str) -> Note:
        """Read a tag's value. What is not of this form was never written by a run that is done."""
        state, _, rest = text.partition(" ")
        parts = dict(part.partition("=")[::2] for part in rest.split())
        settled, given = (tuple(filter(None, parts.get(key, "").split("."))) for key in ("settled", "given"))
        return cls(state == "done", settled, frozenset(f"sg-{name}" for name in given))


def serial_of(sent: float | None, now: float, letters: str) -> str:
    """Names a run, so that the names of later requests, and of later runs of one request, are greater.

    Lambda may run a request again after a later one has been dealt with; then the old one must not win.

    Args:
        sent: when CloudFormation sent the request, seconds since the epoch; None if that is not known.
        now: when the run began, seconds since the epoch.
        letters: a few random ones, to tell two apart that begin together.
    """
    return f"{int(now if sent is None else sent):09x}{int(now * 1000):012x}{letters}"


def seconds_between(older: str, newer: str) -> float:
    """The time between the beginnings of two runs, by their serials."""
    return (int(newer[9:21], 16) - int(older[9:21], 16)) / 1000
