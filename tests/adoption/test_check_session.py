"""The way into AWS: regions that do not exist, profiles, refused credentials."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import boto3
import pytest

from geuse_efs_check import session
from geuse_efs_check.session import NoAccessError, Session, connect
from geuse_efs_waiter.adoption.adoption_spec import AdoptionSpec
from geuse_efs_waiter.aws.clients import CONFIG
from geuse_efs_waiter.errors import RegionMissingError
from tests.adoption.builders import ACCOUNT, FS, REGION

# Port 9 discards: nothing listens there.
NOBODY = "http://127.0.0.1:9"


@pytest.fixture(autouse=True)
def _without_an_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in {
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
        "AWS_ENDPOINT_URL": NOBODY,
    }.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def refusing() -> Iterator[tuple[str, dict[str, str]]]:
    """An STS that refuses every call: its address, and the error code to give."""
    given = {"code": "InvalidClientTokenId"}

    class Refusing(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            error = f"<Error><Code>{given['code']}</Code><Message>no</Message></Error>"
            body = f"<ErrorResponse>{error}</ErrorResponse>".encode()
            self.send_response(403)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Refusing) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", given
        server.shutdown()
        thread.join()


def refused(region: str | None, profile: str | None = None) -> str:
    with pytest.raises(NoAccessError) as raised:
        connect(region, profile)
    return str(raised.value)


def test_a_known_region_that_cannot_be_reached_is_named() -> None:
    said = refused(REGION)
    assert said.startswith(f"region {REGION} cannot be reached: Could not connect to the endpoint URL")
    assert said.endswith("; check the network, the proxy and AWS_ENDPOINT_URL")


@pytest.mark.parametrize(
    ("region", "near"),
    [("us-est-1", "us-east-1"), ("eu-central-9", "eu-central-1"), ("cn-nort-1", "cn-north-1")],
)
def test_a_region_that_does_not_exist_is_named_with_known_ones_near_it(region: str, near: str) -> None:
    said = refused(region)
    start = f"region '{region}' cannot be reached, and boto3 knows none of that name; near it are "
    assert said.startswith(start)
    assert near in said.removeprefix(start).partition(" (")[0]


def test_a_region_like_no_other_is_told_what_names_are_like() -> None:
    assert "boto3 knows none of that name; names are like us-east-1 (" in refused("frankfurt")


def test_a_region_of_an_impossible_form_is_named() -> None:
    assert "region 'us east 1' cannot be reached, and boto3 knows none of that name" in refused("us east 1")


def test_no_region_at_all_says_what_boto3_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", REGION)
    with pytest.raises(RegionMissingError, match="give --region, or set AWS_DEFAULT_REGION"):
        connect(None)


def test_a_profile_that_does_not_exist_is_named() -> None:
    assert refused(REGION, "storage") == "AWS cannot be used: The config profile (storage) could not be found"


def test_a_profile_gives_the_region(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "config"
    config.write_text("[profile storage]\nregion = eu-north-1\naws_access_key_id = x\naws_secret_access_key = x\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    assert refused(None, "storage").startswith("region eu-north-1 cannot be reached")


def test_unknown_credentials_may_mean_a_region_that_is_not_enabled(
    refusing: tuple[str, dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", refusing[0])
    assert refused("me-south-1") == (
        "AWS refuses the credentials in region me-south-1: InvalidClientTokenId, no; renew them or enable the region for "
        "the account"
    )


def test_expired_credentials_are_to_be_renewed(
    refusing: tuple[str, dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", refusing[0])
    refusing[1]["code"] = "ExpiredToken"
    assert refused(REGION) == f"AWS refuses the credentials in region {REGION}: ExpiredToken, no; renew them"


def test_without_credentials_it_names_the_ways_to_give_some(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    assert refused(REGION) == "Unable to locate credentials: give --profile, set AWS_PROFILE, or log in"


def test_each_call_is_announced() -> None:
    calls: list[str] = []
    with pytest.raises(NoAccessError):
        connect(REGION, None, calls.append)
    assert calls == ["GetCallerIdentity"]


def test_a_region_that_is_lost_during_the_check_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "OBSERVE_SECONDS", 0)
    aws = boto3.Session(region_name=REGION)
    made = Session(aws.client("efs", config=CONFIG), aws.client("ec2", config=CONFIG), REGION, ACCOUNT)
    with pytest.raises(NoAccessError, match=f"region {REGION} cannot be reached: Could not connect"):
        made.observe(AdoptionSpec(FS, {}))
