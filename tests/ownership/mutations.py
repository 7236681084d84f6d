"""Takes one guard of the protocol out at a time, and sees that a test fails: ``python -m tests.ownership.mutations [NAME …]``.

Each runs in a copy of the code, against the table of the plan, the single guards, and the dense driver with fixed seeds.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).parents[2]
OWNERSHIP = Path("lambda/geuse_efs_waiter/adoption/ownership")
COPIED = ("lambda", "tests", "cli", "local", "constructs", "stacks", "pyproject.toml")
EXAMPLES = "500"


@dataclass(frozen=True)
class Mutation:
    """A guard that is taken out: what stands in a file, and what stands there instead."""

    file: str
    present: str
    instead: str


MUTATIONS = {
    # plan.py
    "what others want is deleted": Mutation("plan.py", "if users and not desired.allow_deletion:", "if False:"),
    "who insists is refused": Mutation("plan.py", "if users and not desired.allow_deletion:", "if users:"),
    "a roll-back is refused": Mutation("plan.py", "or (desired.roll_back and users)", ""),
    "a failed creation retains": Mutation("plan.py", "(desired.retain and observed.settled)", "desired.retain"),
    "nothing is retained": Mutation("plan.py", "(desired.retain and observed.settled)", "False"),
    "unwanted zones first": Mutation(
        "plan.py", "return refusals or provisions or withdrawals", "return refusals or withdrawals or provisions"
    ),
    "created before it is refused": Mutation(
        "plan.py", "return refusals or provisions or withdrawals", "return provisions or refusals or withdrawals"
    ),
    "what a person changed is deleted": Mutation(
        "plan.py",
        "    if observed.owns(target, desired.given):\n        return _give_up",
        "    if True:\n        return _give_up",
    ),
    "what a person changed is changed back": Mutation(
        "plan.py",
        "    if observed.owns(target, desired.given):\n        return _set_groups",
        "    if groups & observed.own_groups:\n        return _set_groups",
    ),
    "the own group stays on foreign ones": Mutation(
        "plan.py", "return _set_groups(target, groups, groups - observed.own_groups)", "return None"
    ),
    "a replaced group stays on foreign ones": Mutation(
        "plan.py", "return _set_groups(target, groups, groups - replaced | own) if replaced else None", "return None"
    ),
    "an interface that is not listed is none": Mutation(
        "plan.py", "if groups is None and target.lifecycle_state not in TERMINAL_STATES:", "if False:"
    ),
    "an interface that is not listed covers": Mutation(
        "plan.py",
        "if target.lifecycle_state != AVAILABLE or groups is None:",
        "if target.lifecycle_state != AVAILABLE:",
    ),
    "creating is as good as available": Mutation(
        "plan.py", "if target.lifecycle_state != AVAILABLE or groups is None:", "if groups is None:"
    ),
    "deleting is as good as gone": Mutation(
        "plan.py",
        'if target.lifecycle_state == "deleting":\n        return Wait(_named(target))',
        'if target.lifecycle_state == "deleting":\n        return None',
    ),
    "error is waited for": Mutation(
        "plan.py", 'return Refuse(f"{_named(target)}, expected', 'return Wait(f"{_named(target)}, expected'
    ),
    "the own group is not on what is created": Mutation(
        "plan.py", "sorted(desired.given | own)", "sorted(desired.given or own)"
    ),
    # observed.py
    "the group of before is forgotten": Mutation(
        "observed.py",
        "return frozenset({self.own}.union(one.group for one in same))",
        "return frozenset({self.own} if same else ())",
    ),
    "a retained group still marks": Mutation(
        "observed.py", "if one.identity == own.identity and not one.retained", "if one.identity == own.identity"
    ),
    "who retained still wants": Mutation(
        "observed.py", "if one.group not in own and not one.retained", "if one.group not in own"
    ),
    "given groups of before are forgotten": Mutation(
        "observed.py", "<= self.own_groups | self.known_groups | given", "<= self.own_groups | given"
    ),
    # apply.py
    "no note": Mutation("apply.py", "        self._write(Note(given=self.desired.given))\n", ""),
    "no wait after the note": Mutation("apply.py", "        self.deadline.clock.sleep(self._lag)\n", ""),
    "older runs go on": Mutation("apply.py", 'if max(observed.notes, default="") > self.serial:', "if False:"),
    "open notes are not waited for": Mutation(
        "apply.py",
        "if any(not note.done for serial, note in observed.notes.items() if serial < self.serial):",
        "if False:",
    ),
    "an unanswered create is not waited for": Mutation("apply.py", "_QUIET if self.unanswered else _KNOWN", "_KNOWN"),
    "a create of a moment ago is not waited for": Mutation("apply.py", "_KNOWN if recent else 1", "1"),
    "every create is taken for the first": Mutation(
        "apply.py", "if self.first and not observed.notes and", "if self.first and"
    ),
    "old observations are acted on": Mutation("apply.py", "if asked - observed.began > self._lag:", "if False:"),
    "age counted from the end": Mutation(
        "apply.py",
        "observed, others = replace(observed, targets=targets, carried=carried), ",
        "observed, others = replace(observed, targets=targets, carried=carried, began=self._now()), ",
    ),
    "concluded at once": Mutation(
        "apply.py", "if not steps and observed.began >= self._conclude_after:", "if not steps:"
    ),
    "concluded by the end of an observation": Mutation(
        "apply.py", "observed.began >= self._conclude_after:", "self._now() >= self._conclude_after:"
    ),
    "a lost answer is not waited for": Mutation(
        "apply.py", "                self._conclude_not_before(asked + _EFFECT * self._lag)\n", ""
    ),
    "a lost answer has changed nothing": Mutation(
        "apply.py",
        "            if retries.may_have_taken_effect(error):\n                self._changed = True\n",
        "            if retries.may_have_taken_effect(error):\n",
    ),
    "a change counts for nothing": Mutation(
        "apply.py", 'self._changed, self._trouble = True, ""', 'self._trouble = ""'
    ),
    "what is gone is gone at once": Mutation("apply.py", "            if busy and not steps:", "            if False:"),
    "another adoption's mount target covers at once": Mutation(
        "apply.py", "if any(target and (observed.groups_of(target) or set()) & others for target in used):", "if False:"
    ),
    "a group that another adoption puts back stays": Mutation(
        "apply.py",
        'if {one.group for one in observed.others} & {*change.parameters.get("SecurityGroups", ())}:',
        "if False:",
    ),
    "a conflict is final": Mutation("apply.py", "if retries.code_of(error) in _LOOK_AGAIN:", "if False:"),
    "a group that is listed late is gone": Mutation(
        "apply.py", "if self.own not in found and asked < self._began + self._lag:", "if False:"
    ),
    "a failure leaves its note open": Mutation("apply.py", "if self._last and not self._changed:", "if False:"),
    "every failure is done": Mutation("apply.py", "if self._last and not self._changed:", "if self._last:"),
    "a failure lets older runs go on": Mutation(
        "apply.py",
        "self._write_done(self._last, Note(True, self._last.settled, self._last.known_groups))",
        "untag_security_group(self.context.ec2(), self.own, [RUN_TAG + self.serial])",
    ),
    "a failure forgets what was settled": Mutation(
        "apply.py", "Note(True, self._last.settled, self._last.known_groups)", "Note(True, (), self._last.known_groups)"
    ),
    "a failure forgets the given groups": Mutation(
        "apply.py", "Note(True, self._last.settled, self._last.known_groups)", "Note(True, self._last.settled)"
    ),
    "a failure removes open notes": Mutation("apply.py", "if one.done or older_have_stopped]", "]"),
    "notes of older runs stay": Mutation("apply.py", "if one.done or older_have_stopped]", "if False]"),
    "only the last properties may come back": Mutation(
        "apply.py",
        "settled = (self.digest, *(digest for digest in observed.settled if digest != self.digest))",
        "settled = (self.digest,)",
    ),
    "a group does not say that its adoption is gone": Mutation("apply.py", '{RETAINED_TAG: "true"}', "{}"),
    "a group that was replaced does not say so": Mutation(
        "apply.py",
        "(*sorted(observed.own_groups - {self.own}), self.own)",
        "[self.own]",
    ),
    "an old request goes on where a retained group is left": Mutation(
        "apply.py", "if own is None or (own.retained and not self.desired.ends):", "if own is None:"
    ),
    "a deletion is not tried again": Mutation(
        "apply.py", "if own is None or (own.retained and not self.desired.ends):", "if own is None or own.retained:"
    ),
    "the group with the note says first that its adoption is gone": Mutation(
        "apply.py", "(*sorted(observed.own_groups - {self.own}), self.own)", "sorted(observed.own_groups)"
    ),
    # notes.py
    "the present run counts, not the request": Mutation(
        "notes.py", "{int(now if sent is None else sent):09x}", "{0:09x}"
    ),
}


def survives(mutation: Mutation) -> str:
    """Run the tests on the mutant; the first line of what has failed, empty if nothing has."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in COPIED:
            source = PROJECT / name
            if source.is_dir():
                shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, copy / name)
        path = copy / OWNERSHIP / mutation.file
        text = path.read_text()
        assert text.count(mutation.present) == 1, (
            f"{mutation.present!r} stands {text.count(mutation.present)} times in {path}"
        )
        path.write_text(text.replace(mutation.present, mutation.instead))
        tests = ["tests/ownership/test_plan.py", "tests/ownership/test_guards.py", "tests/ownership/test_driver.py"]
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "--no-header", *tests]
        environment = {**os.environ, "OWNERSHIP_DENSE_EXAMPLES": EXAMPLES}
        done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
        lines = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
        return lines[0] if done.returncode else ""


def main(names: list[str]) -> int:
    """A table; 1 if a guard can be taken out unseen."""
    unseen = 0
    for name, mutation in MUTATIONS.items():
        if names and name not in names:
            continue
        began, found = time.monotonic(), survives(mutation)
        unseen += not found
        where = found.partition("::")[2].partition(" - ")[0] or "NOT FOUND"
        sys.stdout.write(f"| {name} | {where[:110]} | {time.monotonic() - began:.0f} s |\n")
        sys.stdout.flush()
    return int(bool(unseen))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
