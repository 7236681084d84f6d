"""The Lambda as AWS runs it: Lambda's own runtime loop (awslambdaric) against a stub of the runtime API.

``python -m benchmarks.runtime`` prints the table. Each time is a fresh process: *init* is from its start to the first
request for work, *first request* from there to the end of the first event, a Delete that needs no call of AWS and is
answered over HTTPS; peak memory is the kernel's VmHWM after that.
"""

from __future__ import annotations

import json
import queue
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from benchmarks.bundle import bundled
from benchmarks.environment import PYTHON, install, lambda_variables, machine, repetitions, spread
from benchmarks.package import copy_code
from benchmarks.runtime_api import Certificate, RuntimeApi, make_certificate

_BARE = """
import json
import urllib.request

{clients}


def handler(event, context):
    kept = ("PhysicalResourceId", "StackId", "RequestId", "LogicalResourceId")
    body = json.dumps({{"Status": "SUCCESS", **{{key: event[key] for key in kept}}}}).encode()
    url, headers = event["ResponseURL"], {{"Content-Type": ""}}
    urllib.request.urlopen(urllib.request.Request(url, data=body, method="PUT", headers=headers)).close()
"""
# crhelper sleeps two minutes before it answers a delete, unless told otherwise.
_CRHELPER = """
import boto3
from crhelper import CfnResource

EFS = boto3.client("efs")
handler = CfnResource(sleep_on_delete=0)


@handler.delete
def delete(event, context):
    pass
"""
_MODULES = {
    "bare_efs.py": _BARE.format(clients="import boto3; boto3.client('efs')"),
    "bare_botocore.py": _BARE.format(
        clients="from botocore import session; session.get_session().create_client('efs')"
    ),
    "bare_ec2.py": _BARE.format(clients="import boto3; boto3.client('efs'); boto3.client('ec2')"),
    "with_crhelper.py": _CRHELPER,
}
BARE = "bare boto3 + efs client"
HANDLERS = {
    BARE: "bare_efs.handler",
    "bare, measured again (noise)": "bare_efs.handler",
    "bare botocore + efs client": "bare_botocore.handler",
    "ours, as deployed": "geuse_efs_waiter.handler.handler",
    "ours, with bytecode": "geuse_efs_waiter.handler.handler",
    "boto3 + efs + ec2 clients": "bare_ec2.handler",
    "crhelper + efs client, as deployed": "with_crhelper.handler",
}


class Figures(NamedTuple):
    """Milliseconds, and MiB."""

    init: float
    request: float
    peak: float


def event(response_url: str) -> dict[str, object]:
    """The Delete of a file system that the stack created: nothing to do but to answer."""
    return {
        "RequestType": "Delete",
        "ResponseURL": response_url,
        "StackId": "arn:aws:cloudformation:eu-west-1:123456789012:stack/bench/1",
        "RequestId": "request",
        "LogicalResourceId": "Ready",
        "PhysicalResourceId": "geuse-efs:fs-0123456789abcdef0",
        "ResourceType": "Custom::GeuseEfsMountTargets",
        "ResourceProperties": {"FileSystemId": "fs-0123456789abcdef0"},
    }


def one_run(api: RuntimeApi, handler: str, code: Path, certificate: Certificate, *, bytecode: bool) -> Figures:
    """One cold start and one request.

    Raises:
        SystemExit: if the function does not answer with success.
    """
    api.begin(event(api.response_url))
    variables = {
        **lambda_variables(code, bytecode=bytecode),
        "AWS_LAMBDA_RUNTIME_API": api.address,
        "AWS_LAMBDA_FUNCTION_NAME": "bench",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/bench",
        "AWS_LAMBDA_LOG_STREAM_NAME": "1",
        "AWS_LAMBDA_LOG_FORMAT": "JSON",
        "LAMBDA_TASK_ROOT": str(code),
        "SSL_CERT_FILE": str(certificate.trusted),
    }
    with TemporaryDirectory() as log, Path(log, "log").open("w+b") as output:
        began = time.perf_counter()
        process = subprocess.Popen(  # noqa: S603
            [str(PYTHON), "-m", "awslambdaric", handler], cwd=code, env=variables, stdout=output, stderr=output
        )
        try:
            seen = [api.seen() for _ in range(4)]
            peak = _peak(process.pid)
        except queue.Empty:
            seen = []
        finally:
            process.kill()
            process.wait()
            api.end()
        if [one.what for one in seen] != ["next", "answer", "response", "next"] or not _succeeded(seen[1].body):
            output.seek(0)
            sys.exit(f"geuse-efs: {handler} did not answer with success: {seen} {output.read()[-2000:].decode()}")
    asked, _, responded, _ = (one.at for one in seen)
    return Figures((asked - began) * 1000, (responded - asked) * 1000, peak)


def _succeeded(answer: bytes) -> bool:
    body = json.loads(answer)
    return (body["Status"], body["RequestId"]) == ("SUCCESS", "request")


def _peak(pid: int) -> float:
    """MiB that the process has had at most."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("VmHWM"))) / 1024


def measure(folder: Path, times: int) -> dict[str, list[Figures]]:
    """All variants, one after the other, many times, beginning with another one each time."""
    bundle, certificate = bundled(folder), make_certificate(folder)
    for name in ("fresh", "compiled"):
        copy_code(bundle, folder / name)
        for module, text in _MODULES.items():
            (folder / name / module).write_text(text)
    names = list(HANDLERS)
    found: dict[str, list[Figures]] = {name: [] for name in names}
    with RuntimeApi(certificate) as api:
        for count in range(times + 1):
            shift = count % len(names)
            for name in names[shift:] + names[:shift]:
                bytecode = "with bytecode" in name
                code = folder / ("compiled" if bytecode else "fresh")
                one = one_run(api, HANDLERS[name], code, certificate, bytecode=bytecode)
                if count:  # the first round warms the disk's cache and writes bytecode
                    found[name].append(one)
    return found


def main() -> None:
    if sys.platform != "linux":
        print("The runtime is measured on Linux only: awslambdaric has no wheel for other systems.")
        return
    install()
    times = repetitions(12)
    with TemporaryDirectory(prefix="geuse-efs-bench-") as name:
        found = measure(Path(name), times)
    print(
        f"{machine()}; {times} fresh processes each, interleaved; median (min-max), x bare: median of paired ratios\n"
    )
    print("| Lambda's runtime with | init, ms | x bare | first request, ms | x bare | both, x bare | peak MiB |")
    print("|---|---|---|---|---|---|---|")
    for variant, rows in found.items():
        pairs = list(zip(rows, found[BARE], strict=True))
        init = statistics.median(one.init / bare.init for one, bare in pairs)
        request = statistics.median(one.request / bare.request for one, bare in pairs)
        both = statistics.median((one.init + one.request) / (bare.init + bare.request) for one, bare in pairs)
        print(
            f"| {variant} | {spread([one.init for one in rows])} | {init:.3f} "
            f"| {spread([one.request for one in rows], 1)} | {request:.3f} | {both:.3f} "
            f"| {spread([one.peak for one in rows], 1)} |"
        )
    sys.stdout.flush()


if __name__ == "__main__":
    main()
