"""Settings that do not go together are refused by their keys, before the construct sees them."""

from __future__ import annotations

from typing import Any

import pytest

from stacks.settings import SettingsError, read_settings


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"throughput_mode": "provisioned"},
            "throughput_mode provisioned and .*provisioned_throughput_mibps need each",
        ),
        (
            {"provisioned_throughput_mibps": 5},
            "throughput_mode provisioned and .*provisioned_throughput_mibps need each",
        ),
        ({"performance_mode": "maxIO", "one_zone": True}, "performance_mode maxIO does not go with geuse-efs:one_zone"),
        (
            {"performance_mode": "maxIO", "throughput_mode": "elastic"},
            "does not go with geuse-efs:throughput_mode elastic",
        ),
    ],
)
def test_what_does_not_go_together_is_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        read_settings({f"geuse-efs:{name}": value for name, value in given.items()})


def test_what_goes_together_is_taken() -> None:
    (settings,) = read_settings(
        {"geuse-efs:throughput_mode": "provisioned", "geuse-efs:provisioned_throughput_mibps": "100"}
    )
    assert settings.provisioned_throughput_mibps == 100
