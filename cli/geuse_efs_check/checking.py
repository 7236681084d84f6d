"""One check: look, judge, and keep what was seen for the report."""

from __future__ import annotations

from dataclasses import dataclass

from geuse_efs_check.session import Session
from geuse_efs_waiter.adoption.adoption_spec import AdoptionSpec
from geuse_efs_waiter.adoption.checks.evaluate import CheckResult, evaluate
from geuse_efs_waiter.adoption.checks.observe import observe
from geuse_efs_waiter.adoption.checks.observed import Observed
from geuse_efs_waiter.aws.polling import PollingDeadline
from geuse_efs_waiter.limits import IAM_PROPAGATION_SECONDS

OBSERVE_SECONDS = 20
"""How long transient errors are retried: somebody is waiting."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A wish, what was seen, and what it means."""

    desired: AdoptionSpec
    observed: Observed
    result: CheckResult


def check(desired: AdoptionSpec, session: Session) -> Checked:
    """Look once and judge.

    Raises:
        AwsCallError: if what must be read cannot be.
    """
    # The engineer's rights are not new: a refusal is final at once.
    deadline = PollingDeadline(OBSERVE_SECONDS, already_waited=IAM_PROPAGATION_SECONDS)
    observed = observe(session.efs, session.ec2, desired, deadline, session.region, account=session.account)
    return Checked(desired, observed, evaluate(desired, observed))
