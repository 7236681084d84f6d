"""Checks an existing file system before it is adopted: one look, every finding at once.

`look` reads AWS, `judge` judges what was seen. The same two run in the Lambda and behind ``geuse-efs check``.
"""

from geuse_efs_waiter.adoption.checks.evaluate import Judgement, judge
from geuse_efs_waiter.adoption.checks.findings import Finding, Findings
from geuse_efs_waiter.adoption.checks.observe import look
from geuse_efs_waiter.adoption.checks.observed import Seen
from geuse_efs_waiter.adoption.finding_codes import CODES, Severity, checked_severities
from geuse_efs_waiter.adoption.wish import AdoptionWish, Client, FileSystemName

__all__ = [
    "CODES",
    "AdoptionWish",
    "Client",
    "FileSystemName",
    "Finding",
    "Findings",
    "Judgement",
    "Seen",
    "Severity",
    "checked_severities",
    "judge",
    "look",
]
