"""Every limit of the construct in one place.

Sources: EFS API reference, CreateFileSystem, CreateMountTarget, CreateAccessPoint and Tag; EC2 user guide, tag restrictions;
CloudFormation user guide, ServiceTimeout of custom resources; IAM user guide, quotas.
"""

from __future__ import annotations

MIN_PROVISIONED_MIBPS, MAX_PROVISIONED_MIBPS = 1, 3414

MAX_POSIX_ID = 4_294_967_295
"""Of users and groups of an access point."""

MAX_SECURITY_GROUPS = 5
"""Per mount target."""

MAX_GIVEN_GROUPS = 4
"""Beside the adoption's own one."""

MAX_TAG_KEY_LENGTH, MAX_TAG_VALUE_LENGTH = 128, 256
MAX_TAGS, MAX_TAGS_IN_ALL = 40, 50
"""In `tags`; and on a resource, ours and those of app and stack among them."""

TAGS_OF_OWN_GROUP = 6
"""On the own group of an adoption, beside those: its two, and up to four notes that its runs write."""

MIN_WAIT_SECONDS, MAX_WAIT_SECONDS = 1, 2400
DEFAULT_WAIT_SECONDS = 300

MAX_SERVICE_TIMEOUT_SECONDS = 3600
LAMBDA_RETRIES = 2
"""Lambda runs a request again whose run was killed, after one and after two minutes."""

RETRY_PAUSES_SECONDS = 180
SECONDS_AROUND_A_WAIT = 120
"""For tags and the response, beside the wait itself."""

MAX_MANAGED_POLICY_LENGTH = 6144
"""Characters, white space not counted."""

ASSUMED_TOKEN_LENGTH = 14
"""Of a part of a policy that is known at deployment: a region, a partition, an account, in quotes."""

MAX_ZONE_KEY_LENGTH = 48
"""Of the part that comes from the name of a subnet; it is part of a construct id and of an attribute's name."""
