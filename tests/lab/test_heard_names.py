"""Names that addresses have, heard by the recorder from a real name server and real clients."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.stations import running
from tests.lab.watching import Place
from whence.lab.certificates import make_certificate

pytestmark = pytest.mark.lab

WHENCE = str(Path(sys.executable).with_name("whence"))
SERVER = "203.0.113.9"
SERVE = (
    "dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts --pid-file= "
    "--user=root --listen-address=127.0.0.1 --bind-interfaces "
    f"--host-record=Update.example,{SERVER}"
).split()
CLIENTS = f"""
import contextlib, http.server, socket, ssl, struct, sys, threading, time
question = struct.pack("!6H", 7, 0x100, 1, 0, 0, 0) + b"\\6update\\7example\\0\\0\\1\\0\\1"
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
    asking.settimeout(1)
    for _ in range(50):
        with contextlib.suppress(OSError):
            asking.sendto(question, ("127.0.0.1", 53))
            assert asking.recv(512)
            break
        time.sleep(0.1)
with socket.create_server(("{SERVER}", 443)), contextlib.suppress(OSError):
    with socket.create_connection(("{SERVER}", 443)) as calling:
        calling.settimeout(0.3)
        ssl.create_default_context().wrap_socket(calling, server_hostname="sni.example")
showing = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
showing.maximum_version = ssl.TLSVersion.TLSv1_2
showing.load_cert_chain(sys.argv[1])
believing = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
believing.check_hostname, believing.verify_mode = False, ssl.CERT_NONE
def answer():
    with socket.create_server(("{SERVER}", 8443)) as listening:
        ready.set()
        with showing.wrap_socket(listening.accept()[0], server_side=True):
            pass
ready = threading.Event()
threading.Thread(target=answer).start()
ready.wait()
with socket.create_connection(("{SERVER}", 8443)) as calling, believing.wrap_socket(calling):
    pass
server = http.server.HTTPServer(("{SERVER}", 80), http.server.SimpleHTTPRequestHandler)
threading.Thread(target=server.handle_request).start()
with socket.create_connection(("{SERVER}", 80)) as calling:
    calling.sendall(b"GET /nothing HTTP/1.1\\r\\nHost: www.example\\r\\n\\r\\n")
    calling.recv(10)
"""


@pytest.fixture
def place() -> Iterator[Place]:
    name = f"whence-heard-{os.getpid()}"
    subprocess.run(["ip", "netns", "add", name], check=True)
    try:
        place = Place(name)
        place.run(*["ip", "link", "set", "lo", "up"])
        place.run(*f"ip address add {SERVER}/32 dev lo".split())
        yield place
    finally:
        subprocess.run(["ip", "netns", "delete", name], check=True)


def test_the_names_of_an_address_are_heard_and_told(place: Place, tmp_path: Path) -> None:
    environment = os.environ | {"WHENCE_STATE": str(tmp_path)}
    recording = subprocess.Popen(
        place.command(WHENCE, "record"), env=environment, stderr=subprocess.PIPE, text=True
    )
    try:
        _wait_for_history(tmp_path / "history")
        with running(place, *SERVE):
            certificate = make_certificate(tmp_path / "certificate.pem", "Appliance of Example")
            subprocess.run(place.command(sys.executable, "-c", CLIENTS, certificate), check=True,
                           capture_output=True, timeout=30)  # fmt: skip
        _wait_for(tmp_path / "history/names.heard")
        time.sleep(1.5)
    finally:
        recording.terminate()
        _, error = recording.communicate(timeout=20)
    assert "names are not heard" not in error
    asked = subprocess.run([WHENCE, "remote", f"{SERVER}:443", "--json"], env=environment,
                           capture_output=True, text=True, timeout=60, check=False)  # fmt: skip
    facts = json.loads(asked.stdout)["whence"]["facts"]
    called = {fact["value"] for fact in facts if fact["relation"] == "is-called"}
    assert called == {"update.example", "sni.example", "www.example"}
    told = [fact["value"] for fact in facts if fact["relation"] == "is-known-as"]
    assert any(text.startswith("update.example (resolved to it once, 20") for text in told)
    shown = "Appliance of Example (named by the certificate it showed once, 20"
    assert any(text.startswith(shown) for text in told)


def _wait_for_history(folder: Path) -> None:
    until = time.monotonic() + 60
    while not [*folder.glob("*.history")]:
        assert time.monotonic() < until, "the recorder did not begin"
        time.sleep(0.1)
    time.sleep(1.0)  # until the other process listens, too


def _wait_for(file: Path) -> None:
    until = time.monotonic() + 30
    while not file.exists():
        assert time.monotonic() < until, "no name was heard"
        time.sleep(0.1)
