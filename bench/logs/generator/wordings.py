"""Lines whose wordings are known: what programs write, with what changes in braces.

Written by hand after the sources and manuals of the programs, to be told apart as their authors
would; some wordings are hard on purpose: they differ in one word, or a value has several words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from random import Random

SETS: dict[str, tuple[str, ...]] = {
    "ssh": (
        "sshd[{pid}]: Failed password for {user} from {ip} port {port} ssh2",
        "sshd[{pid}]: Failed password for invalid user {user} from {ip} port {port} ssh2",
        "sshd[{pid}]: Accepted password for {user} from {ip} port {port} ssh2",
        "sshd[{pid}]: Accepted publickey for {user} from {ip} port {port} ssh2: RSA SHA256:{hash}",
        "sshd[{pid}]: Invalid user {user} from {ip} port {port}",
        "sshd[{pid}]: Connection closed by {ip} port {port} [preauth]",
        "sshd[{pid}]: Connection reset by {ip} port {port} [preauth]",
        "sshd[{pid}]: Disconnected from user {user} {ip} port {port}",
        "sshd[{pid}]: Received disconnect from {ip} port {port}:11: disconnected by user",
        "sshd[{pid}]: pam_unix(sshd:session): session opened for user {user}(uid={pid}) by (uid=0)",
        "sshd[{pid}]: pam_unix(sshd:session): session closed for user {user}",
        "sshd[{pid}]: reverse mapping checking getaddrinfo for {host} [{ip}] failed.",
        "sshd[{pid}]: error: maximum authentication attempts exceeded for {user} from {ip} port "
        "{port} ssh2 [preauth]",
    ),
    "systemd": (
        "systemd[1]: Started {unit}.",
        "systemd[1]: Stopped {unit}.",
        "systemd[1]: Starting {unit}...",
        "systemd[1]: {unit}: Main process exited, code=exited, status={small}/FAILURE",
        "systemd[1]: {unit}: Failed with result 'exit-code'.",
        "systemd[1]: {unit}: Scheduled restart job, restart counter is at {small}.",
        "systemd[1]: {unit}: Consumed {small}.{small}s CPU time.",
        "systemd-logind[{pid}]: New session {small} of user {user}.",
        "systemd-logind[{pid}]: Session {small} logged out. Waiting for processes to exit.",
        "systemd-logind[{pid}]: Removed session {small}.",
    ),
    "kernel": (
        "kernel: [{clock}] {nic}: Link is Down",
        "kernel: [{clock}] {nic}: Link is Up - 1Gbps/Full - flow control rx/tx",
        "kernel: [{clock}] nf_conntrack: nf_conntrack: table full, dropping packet",
        "kernel: [{clock}] Out of memory: Killed process {pid} ({program}) total-vm:{big}kB, "
        "anon-rss:{big}kB",
        "kernel: [{clock}] EXT4-fs ({disk}): mounted filesystem with ordered data mode",
        "kernel: [{clock}] EXT4-fs error (device {disk}): ext4_lookup:{big}: inode #{big}: comm "
        "{program}: deleted inode referenced: {big}",
        "kernel: [{clock}] {program}[{pid}]: segfault at {hex} ip {hex} sp {hex} error {small}",
        "kernel: [{clock}] usb {small}-{small}: new high-speed USB device number {small} using "
        "xhci_hcd",
        "kernel: [{clock}] usb {small}-{small}: USB disconnect, device number {small}",
        "kernel: [{clock}] perf: interrupt took too long ({big} > {big}), lowering "
        "kernel.perf_event_max_sample_rate to {big}",
    ),
    "mail": (
        "postfix/smtpd[{pid}]: connect from {host}[{ip}]",
        "postfix/smtpd[{pid}]: disconnect from {host}[{ip}]",
        "postfix/smtpd[{pid}]: lost connection after AUTH from {host}[{ip}]",
        "postfix/smtpd[{pid}]: {hash}: client={host}[{ip}]",
        "postfix/cleanup[{pid}]: {hash}: message-id=<{hash}@{host}>",
        "postfix/qmgr[{pid}]: {hash}: from=<{user}@{host}>, size={big}, nrcpt={small} (queue "
        "active)",
        "postfix/qmgr[{pid}]: {hash}: removed",
        "postfix/smtp[{pid}]: {hash}: to=<{user}@{host}>, relay={host}[{ip}]:25, delay={small}, "
        "status=sent (250 ok)",
        "postfix/smtp[{pid}]: connect to {host}[{ip}]:25: Connection timed out",
        "dovecot: imap-login: Login: user=<{user}>, method=PLAIN, rip={ip}, lip={ip}, TLS",
        "dovecot: imap({user}): Logged out in={big} out={big}",
    ),
    "services": (
        "named[{pid}]: client @{hex} {ip}#{port} ({host}): query: {host} IN A + ({ip})",
        "named[{pid}]: lame server resolving '{host}' (in '{host}'?): {ip}#53",
        "named[{pid}]: zone {host}/IN: loaded serial {big}",
        "dhcpd[{pid}]: DHCPDISCOVER from {mac} via {nic}",
        "dhcpd[{pid}]: DHCPREQUEST for {ip} from {mac} via {nic}",
        "dhcpd[{pid}]: DHCPACK on {ip} to {mac} ({program}) via {nic}",
        "dhcpd[{pid}]: DHCPACK on {ip} to {mac} via {nic}",
        "CRON[{pid}]: ({user}) CMD ({path})",
        "CRON[{pid}]: pam_unix(cron:session): session opened for user {user} by (uid=0)",
        "ntpd[{pid}]: Soliciting pool server {ip}",
        "sudo:   {user} : TTY=pts/{small} ; PWD={path} ; USER=root ; COMMAND={path}",
        "dpkg[{pid}]: status installed {program}:amd64 {small}.{small}-{small}",
        "dpkg[{pid}]: upgrade {program}:amd64 {small}.{small}-{small} {small}.{small}-{small}",
    ),
    "java": (
        "app: INFO dfs.DataNode$PacketResponder: PacketResponder {small} for block blk_{big} "
        "terminating",
        "app: INFO dfs.FSNamesystem: BLOCK* NameSystem.addStoredBlock: blockMap updated: "
        "{ip}:50010 is added to blk_{big} size {big}",
        "app: INFO dfs.DataNode$DataXceiver: Receiving block blk_{big} src: /{ip}:{port} dest: "
        "/{ip}:50010",
        "app: INFO dfs.DataNode$DataXceiver: {ip}:50010 Served block blk_{big} to /{ip}",
        "app: WARN dfs.DataNode$DataXceiver: {ip}:50010:Got exception while serving blk_{big} to "
        "/{ip}:",
        "app: INFO executor.Executor: Running task {small}.0 in stage {small}.0 (TID {big})",
        "app: INFO executor.Executor: Finished task {small}.0 in stage {small}.0 (TID {big}). "
        "{big} bytes result sent to driver",
        "app: INFO storage.MemoryStore: Block broadcast_{small} stored as values in memory "
        "(estimated size {small}.{small} KB, free {small}.{small} KB)",
        "app: INFO storage.BlockManager: Found block rdd_{small}_{small} locally",
        "app: INFO zookeeper.ClientCnxn: Opening socket connection to server {host}/{ip}:{port}",
        "app: ERROR http.Server: request {hash} of {user} failed: no such page",
    ),
}

_USERS = ("root", "admin", "alice", "bob", "www-data", "oracle", "test", "user7", "j.doe", "ci")
_PROGRAMS = ("nginx", "libssl3", "python3.11", "bash", "openssh-server", "tzdata", "redis", "vim")
_UNITS = (
    "nginx.service", "Daily apt activities", "Session 12 of User root", "cron.service",
    "Rotate log files", "user@1000.service", "OpenBSD Secure Shell server", "fstrim.service",
)  # fmt: skip
_VALUES: dict[str, Callable[[Random], str]] = {
    "ip": lambda chance: f"203.0.113.{chance.randrange(1, 250)}",
    "port": lambda chance: str(chance.randrange(1024, 65536)),
    "pid": lambda chance: str(chance.randrange(1, 40_000)),
    "small": lambda chance: str(chance.randrange(1, 99)),
    "big": lambda chance: str(chance.randrange(1000, 10**9)),
    "hex": lambda chance: f"{chance.getrandbits(48):012x}",
    "hash": lambda chance: f"{chance.getrandbits(40):010X}",
    "clock": lambda chance: f"{chance.uniform(10, 99_999):12.6f}",
    "mac": lambda chance: ":".join(f"{chance.randrange(256):02x}" for _ in range(6)),
    "user": lambda chance: chance.choice(_USERS),
    "program": lambda chance: chance.choice(_PROGRAMS),
    "unit": lambda chance: chance.choice(_UNITS),
    "nic": lambda chance: chance.choice(("eth0", "eno1", "enp3s0", "wlan0", "br-lan")),
    "disk": lambda chance: chance.choice(("sda1", "sdb2", "dm-0", "nvme0n1p2")),
    "host": lambda chance: f"{chance.choice('abcdef')}{chance.randrange(99)}.example.org",
    "path": lambda chance: f"/usr/{chance.choice(('bin', 'lib'))}/{chance.choice(_PROGRAMS)}",
}


def worded(name: str, count: int, seed: int) -> Iterator[tuple[int, str]]:
    """Yield messages of a set, each with the number of its wording; some are frequent, some not."""
    chance = Random(f"{name} {seed}")
    wordings = SETS[name]
    weights = [1 / (1 + number % 7) for number in range(len(wordings))]
    for number in chance.choices(range(len(wordings)), weights, k=count):
        text = re.sub(r"\{(\w+)\}", lambda found: _VALUES[found[1]](chance), wordings[number])
        yield number, text
