"""Every limit of the waiter: quotas of AWS, and how its own time is divided. The construct's are in ``geuse_efs/limits.py``.

The polling schedule is in ``aws/polling.py``.
"""

MAX_SECURITY_GROUPS = 5
"""Of one mount target. Source: EFS API, CreateMountTarget, SecurityGroupLimitExceeded."""

MAX_GIVEN_GROUPS = 4
"""Of one mount target that an adoption creates: it carries the adoption's own group as well."""

MAX_TAGS = 50
"""Of one network interface. Source: EC2 user guide, "Tag restrictions"."""

MAX_WAIT_SECONDS = 2400
"""The longest time to wait: three runs of it, as Lambda may repeat a crashed one twice, fit into CloudFormation's hour."""

MAX_RESPONSE_BYTES = 4096
"""Source: CloudFormation user guide, "Custom resource response objects"."""

MAX_REASON_BYTES = 2800
"""What a response has left beside the ids of stack and resource, and the name of the log."""

MAX_WARNING_CHARACTERS = 600
"""Of the attribute Warnings."""

MAX_PHYSICAL_ID_CHARACTERS = 1024
"""Source: CloudFormation user guide, "Custom resource response objects"."""

MAX_WAITED_SECONDS = 3600
"""Of the time that earlier invocations may have waited; CloudFormation waits no longer than an hour."""

RESERVE_SECONDS = 120
"""Kept back of every run for what comes after the wait: tags (at most 90 s) and the response."""

CONTINUE_SECONDS = 75
"""How long invoking the function again is tried; what is left of the reserve is for the response if that fails."""

LAST_SECONDS = 15
"""Kept back of every run while the response is sent: a response comes before the function's own deadline."""

READ_SECONDS = 60
"""How long a plain read goes on in spite of transient errors."""

OPTIONAL_READ_SECONDS = 90
"""How long the reads that may be refused are tried, all together; longer than a new role's permissions propagate."""

TAGGING_SECONDS = 90
"""How long tagging is tried: longer than a new role's permissions propagate."""

IAM_PROPAGATION_SECONDS = 60
"""A role made a moment ago may be refused for about this long."""

QUIET_SECONDS = 5.0
"""How long reads of EFS and EC2 are taken to lag behind what was written, and how old an observation may be that is acted on.
Neither service documents a figure; not verified on AWS."""

STRAY_SECONDS = 120
"""How long what a failed update left on another file system is cleaned up, before the roll-back itself."""
