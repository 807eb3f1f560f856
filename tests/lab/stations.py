"""An office on a bridge: whence's own machine, one of Windows' kind, and two with one address."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.lab.watching import Place

OURS, DESK, SHARED = "192.0.2.1", "192.0.2.7", "192.0.2.9"
SHARED6 = "2001:db8::9"
DESK_CARD = "00:14:22:01:02:03"  # of Dell
TWIN_CARDS = "00:1b:21:aa:bb:07", "00:14:22:01:02:09"  # of Intel, and of Dell
PATIENCE = 20.0  # seconds that a server may take to begin
SAMBA = """\
[global]
netbios name = RECEPTION-PC
workgroup = OFFICE
interfaces = eth0
bind interfaces only = yes
private dir = {0}
lock directory = {0}
state directory = {0}
cache directory = {0}
pid directory = {0}
ncalrpc dir = {0}/ncalrpc
log file = {0}/log
server role = standalone server
disable netbios = no
local master = no
domain master = no
preferred master = no
"""
AVAHI = """\
[server]
host-name=frontdesk
enable-dbus=no
allow-interfaces=eth0
[publish]
publish-hinfo=no
publish-workstation=no
"""
RESOLVED = Path(sys.prefix) / "senders/lib/systemd/systemd-resolved"  # see the Makefile
OF_LLMNR = """
mount -t tmpfs none /run && mkdir /run/systemd && mount -t tmpfs none /etc/systemd
cat > /etc/systemd/resolved.conf << END
[Resolve]
LLMNR=yes
MulticastDNS=no
DNSStubListener=no
END
hostname reception
for file in passwd group; do
  { cat /etc/$file; echo systemd-resolve:x:994:994::/:/bin/false; } > /run/$file
  mount --bind /run/$file /etc/$file
done
"""
DEVICE = """
import socket, struct, threading
from http.server import BaseHTTPRequestHandler, HTTPServer
BODY = b"<root><device><friendlyName>Copier</friendlyName><modelName>X1</modelName></device></root>"
class Description(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(BODY)
    def log_message(self, *words): pass
threading.Thread(target=HTTPServer(("{0}", 49152), Description).serve_forever, daemon=True).start()
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
    channel.bind(("", 1900))
    group = socket.inet_aton("239.255.255.250") + socket.inet_aton("{0}")
    channel.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)
    while True:
        asked, sender = channel.recvfrom(9000)
        channel.sendto(b"HTTP/1.1 200 OK\\r\\nSERVER: Printer/1.0 UPnP/1.0\\r\\nST: upnp:rootdevice"
                       b"\\r\\nLOCATION: http://{0}:49152/d.xml\\r\\n\\r\\n", sender)
""".replace("{0}", DESK)


@dataclass(frozen=True)
class Office:
    """The machines; the last two have one address."""

    ours: Place
    desk: Place
    twin: Place
    other: Place


@contextlib.contextmanager
def office() -> Iterator[Office]:
    names = [f"whence-{part}-{os.getpid()}" for part in ("ours", "desk", "twin", "other")]
    places = Office(*map(Place, names))
    try:
        for name in names:
            subprocess.run(["ip", "netns", "add", name], check=True)
        _wire(places)
        yield places
    finally:
        for name in names:
            subprocess.run(["ip", "netns", "delete", name], check=False)


def _wire(places: Office) -> None:
    for place in (places.ours, places.desk, places.twin, places.other):
        place.run("sysctl", "-qw", "net.ipv6.conf.default.accept_dad=0")
        place.run("ip", "link", "set", "lo", "up")
    ours = places.ours
    ours.run(*["ip", "link", "add", "office", "type", "bridge"])
    for port, place, card, addresses in (
        ("p1", places.desk, DESK_CARD, (DESK,)),
        ("p2", places.twin, TWIN_CARDS[0], (SHARED, SHARED6)),
        ("p3", places.other, TWIN_CARDS[1], (SHARED, SHARED6)),
    ):
        ours.run(*f"ip link add {port} type veth peer name eth0 netns {place.name}".split())
        ours.run(*f"ip link set {port} master office up".split())
        place.run(*f"ip link set eth0 address {card} up".split())
        for address in addresses:
            length = "64 nodad" if ":" in address else "24 brd +"
            place.run(*f"ip address add {address}/{length} dev eth0".split())
    ours.run(*f"ip address add {OURS}/24 brd + dev office".split())
    ours.run(*["ip", "address", "add", "2001:db8::1/64", "dev", "office", "nodad"])
    ours.run(*["ip", "link", "set", "office", "up"])


@contextlib.contextmanager
def servers(place: Place, folder: Path) -> Iterator[None]:
    """Run Samba, avahi, systemd-resolved and a device of UPnP on a machine."""
    (folder / "ncalrpc").mkdir()
    (folder / "smb.conf").write_text(SAMBA.format(folder))
    (folder / "avahi.conf").write_text(AVAHI)
    samba = ("--foreground", "--no-process-group", f"--configfile={folder}/smb.conf")
    avahi = (
        "mount -t tmpfs none /run && mkdir /run/avahi-daemon && exec avahi-daemon --no-chroot "
        f"--no-drop-root --no-rlimits -f {folder}/avahi.conf 2> {folder}/avahi.log"
    )
    assert RESOLVED.exists(), "systemd-resolved is not there: make senders"
    commands = (
        ("unshare", "--mount", "--uts", "sh", "-ec", f"{OF_LLMNR} exec {RESOLVED}"),
        ("nmbd", *samba),
        ("smbd", *samba),
        ("unshare", "--mount", "sh", "-c", avahi),
        ("python3", "-c", DEVICE),
    )
    with contextlib.ExitStack() as stack:
        for command in commands:
            stack.enter_context(running(place, *command))
        yield


@contextlib.contextmanager
def running(place: Place, *command: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program on a machine, and end it with all that it started."""
    with subprocess.Popen(
        place.command(*command),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def wait_until(ready: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not ready():
        assert time.monotonic() < end, f"{what} did not begin"
        time.sleep(0.1)


def printed(place: Place, *command: str) -> str:
    """Give what a program prints on a machine, whatever its exit status."""
    return subprocess.run(
        place.command(*command), text=True, capture_output=True, timeout=60, check=False
    ).stdout
