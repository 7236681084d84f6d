"""One check: look, judge, and keep what was seen for the report."""

from __future__ import annotations

from dataclasses import dataclass

from geuse_efs_check.session import Session
from geuse_efs_waiter.adoption import AdoptionWish, Judgement, Seen, judge, look
from geuse_efs_waiter.aws.polling import Patience
from geuse_efs_waiter.aws.retries import IAM_PROPAGATION_SECONDS

LOOK_SECONDS = 20
"""How long transient errors are retried: somebody is waiting."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A wish, what was seen, and what it means."""

    wish: AdoptionWish
    seen: Seen
    judgement: Judgement


def check(wish: AdoptionWish, session: Session) -> Checked:
    """Look once and judge.

    Raises:
        AwsCallError: if what must be read cannot be.
    """
    # The engineer's rights are not new: a refusal is final at once.
    patience = Patience(LOOK_SECONDS, spent=IAM_PROPAGATION_SECONDS)
    seen = look(session.efs, session.ec2, wish, patience, session.region, account=session.account)
    return Checked(wish, seen, judge(wish, seen))
