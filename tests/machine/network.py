"""The VPC of one scenario: a network namespace with a DNS server, and a mount target that can be silent."""

from __future__ import annotations

import ctypes
import os
import socket
import subprocess
import threading
from collections.abc import Mapping

DNS_SERVER, MOUNT_TARGET = "10.0.0.2", "10.0.0.4"
TAP = "t1"
# Before the command of a process: it and all that it starts end with the thread that started it, even where that is killed.
CONTAINED = ("setpriv", "--pdeathsig", "KILL", "unshare", "--pid", "--fork", "--kill-child", "--mount-proc")
_CLONE_NEWNET = 0x40000000
_SETUP = f"""
ip link set lo up
ip address add {DNS_SERVER}/32 dev lo
ip link add t0 type veth peer name {TAP}
ip link set {TAP} up
ip address add 10.0.1.1/24 dev t0
ip link set t0 up
echo 1 > /proc/sys/net/ipv4/ip_forward
ip route add blackhole {MOUNT_TARGET}/32
"""


class Network:
    """Belongs to the thread that makes it, and to the threads and processes that this thread starts.

    Nothing in it reaches, or is reached from, outside. The mount target is silent, as behind a security group without a rule,
    until it is opened; its name does not resolve until the DNS server knows it.
    """

    def __init__(self, names: Mapping[str, str]) -> None:
        """`names` maps a DNS name to an IPv4 address."""
        # os.unshare comes with Python 3.12.
        if ctypes.CDLL(None, use_errno=True).unshare(_CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "no network namespace can be made")
        _shell(_SETUP)
        self.names = names
        self._knows_names = threading.Event()
        self._server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._server.bind((DNS_SERVER, 53))
        threading.Thread(target=self._answer, daemon=True).start()

    def start_resolving(self) -> None:
        self._knows_names.set()

    def open_mount_target(self) -> None:
        _shell(f"ip route del blackhole {MOUNT_TARGET}/32; ip address add {MOUNT_TARGET}/32 dev lo")

    def silence_mount_target(self) -> None:
        _shell(f"ip address flush dev lo to {MOUNT_TARGET}/32; ip route replace blackhole {MOUNT_TARGET}/32")

    def _answer(self) -> None:
        while True:
            query, client = self._server.recvfrom(512)
            self._server.sendto(self._reply(query), client)

    def _reply(self, query: bytes) -> bytes:
        """One question, one A record or none; RFC 1035, section 4."""
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1 : at + 1 + query[at]].decode())
            at += 1 + query[at]
        question = query[12 : at + 5]
        address = self.names.get(".".join(labels).lower()) if self._knows_names.is_set() else None
        flags = b"\x81\x80" if address else b"\x81\x83"  # no error, or no such name
        if not address or question[-4:-2] != b"\x00\x01":
            return query[:2] + flags + bytes.fromhex("0001000000000000") + question
        record = bytes.fromhex("c00c00010001000000050004") + socket.inet_aton(address)
        return query[:2] + flags + bytes.fromhex("0001000100000000") + question + record


def _shell(commands: str) -> None:
    subprocess.run(["/bin/sh", "-ec", commands], check=True, env=dict(os.environ))
