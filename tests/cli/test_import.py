import bz2
import gzip
import json
import lzma
import subprocess
import zipfile
from pathlib import Path

import pytest

from tests.cli.conftest import Whence, squeezed
from tests.inquiry.imports.samples import SAMPLES

LOOK = """
Active Connections

  Proto  Local Address          Foreign Address        State           PID
  TCP    0.0.0.0:445            0.0.0.0:0              LISTENING       4
 Can not obtain ownership information
  TCP    10.9.1.4:445           10.9.3.9:50000         ESTABLISHED     4
 Can not obtain ownership information
"""
CALL = """  TCP    10.9.1.4:5012{}         10.9.3.7:17777         SYN_SENT        4711
 [inventory.exe]
"""
LOOKS = "".join(LOOK + (CALL.format(n // 2) if n in (1, 2, 5) else "") for n in range(7))


@pytest.fixture
def netstat(tmp_path: Path) -> str:
    file = tmp_path / "netstat.txt"
    file.write_text(f"C:\\>netstat -abno 10\n{LOOKS}", "cp850", newline="\r\n")
    return str(file)


def test_a_case_is_solved_where_whence_never_ran(whence: Whence, netstat: str) -> None:
    status, out, err = whence(
        "import", netstat, "--host", "srv7", "--began", "2026-11-17T09:30:00+00:00"
    )
    assert status == 0
    assert "windows_netstat of srv7, 17 rows of 63 lines in 7 looks" in out
    assert "looks are 10 s apart" in err
    status, out, _ = whence("10.9.3.7:17777")
    first, second, *rest = out.splitlines()
    assert first.startswith(
        "10.9.3.7:17777 was contacted 3 times by inventory.exe (pid 4711, on srv7, as reported)"
    )
    assert second == (
        "netstat.txt line 18: srv7: inventory.exe, pid 4711, calls, seen in 3 of 7 looks, first"
        " 2026-11-17 09:30:10, last 2026-11-17 09:30:50 UTC; SYN_SENT: never answered."
    )
    assert not [line for line in rest if "certain" in line and "4711" in line]
    assert whence("case", "replay")[0] == 0
    _, out, _ = whence("10.9.3.9")
    assert "is answered 7 times by a process whose program is not known (pid 4, on srv7" in out
    _, out, _ = whence("10.9.3.7:17777", "--json")
    answer = json.loads(out)
    assert (answer["process"]["pid"], answer["process"]["name"]) == (4711, "inventory.exe")
    assert "start" not in answer["process"]
    fact = next(f for f in answer["whence"]["facts"] if f["relation"] == "reported-in")
    assert fact["confidence"] == "reported"
    _, out, _ = whence("show", fact["evidence_id"])
    assert '"original":"  TCP    10.9.1.4:50120         10.9.3.7:17777' in out
    assert '"path":"netstat.txt"' in out


def test_importing_twice_changes_nothing(whence: Whence, netstat: str) -> None:
    whence("import", netstat)
    status, out, _ = whence("import", netstat)
    assert status == 0
    assert "which was there already: nothing changed" in out
    status, _, err = whence("import", netstat, "--every", "5s")
    assert status == 65
    assert "was imported before" in err
    assert len(whence("import", "--list")[1].splitlines()) == 1


def test_what_was_imported_can_be_forgotten(whence: Whence, netstat: str) -> None:
    _, out, _ = whence("import", netstat, "--json")
    identity = json.loads(out)["whence"]["import"]["id"]
    assert whence("import", "--forget", identity)[0] == 0
    assert whence("import", "--list")[0] == 1
    assert whence("import", "--forget", identity)[0] == 65
    assert whence("import", "--forget", "../x")[0] == 65


def test_a_dry_run_keeps_nothing(whence: Whence, netstat: str, tmp_path: Path) -> None:
    status, out, err = whence("import", netstat, "--dry-run", "--json")
    rows = [json.loads(line) for line in out.splitlines()]
    assert status == 0
    assert len(rows) == 17
    called = next(row for row in rows if row.get("process", {}).get("pid") == 4711)
    assert called["source"] == {"address": "10.9.1.4", "ip": "10.9.1.4", "port": 50120}
    assert called["destination"]["port"] == 17777
    assert called["whence"]["socket"]["state"] == "SYN_SENT"
    assert "63 lines: 17 rows" in err
    assert not (tmp_path / "state").exists()
    _, out, _ = whence("import", netstat, "--dry-run")
    assert "inventory.exe [4711]" in out


def test_what_nobody_knows_is_refused_and_the_others_are_read(
    whence: Whence, netstat: str, tmp_path: Path
) -> None:
    strange = tmp_path / "strange.txt"
    strange.write_text("once upon a \x1b[31mtime\n")
    status, out, err = whence("import", str(strange), netstat, str(tmp_path / "none"))
    assert status == 65
    assert "netstat.txt: windows_netstat" in out
    assert "is of no kind that whence can import" in err
    assert "once upon a \\x1b[31mtime" in err
    assert "there is no file" in err
    for empty in (b"", b"\n\n"):
        strange.write_bytes(empty)
        assert "is empty" in whence("import", str(strange))[2]
    assert "is a folder" in whence("import", str(tmp_path))[2]


@pytest.mark.parametrize(
    ("start", "said"),
    [
        (b"\xd4\xc3\xb2\xa1\x02\0\x04\0" + b"\0" * 16, "whence flows FILE"),
        (b"<34>Oct 11 22:14:15 srv7 su: no\n", "whence logs load FILE"),
        (b"SQLite format 3\0" + b"\1" * 52 + b"WHNC" + b"\0" * 30, "whence case import FILE"),
        (bytes(range(256)) * 4, "it begins with the bytes 00 01 02"),
    ],
)
def test_files_for_other_commands_are_known(
    whence: Whence, tmp_path: Path, start: bytes, said: str
) -> None:
    (tmp_path / "x").write_bytes(start)
    status, _, err = whence("import", str(tmp_path / "x"))
    assert (status, said in err) == (65, True)


def test_what_is_not_of_the_kind_that_was_named_is_not_kept(
    whence: Whence, netstat: str, tmp_path: Path
) -> None:
    status, _, err = whence("import", netstat, "--kind", "ARP")
    assert (status, "no row of netstat.txt is of the kind arp" in err) == (65, True)
    assert whence("import", "--list")[0] == 1
    status, _, err = whence("import", netstat, "--encoding", "utf-16")
    assert (status, "cannot be read as utf-16" in err) == (65, True)
    nothing = tmp_path / "conn.log"  # headings alone are no mistake
    nothing.write_text(SAMPLES["zeek, other order"][2].replace("\ntcp", "\n#tcp"))
    assert whence("import", str(nothing))[0] == 0
    assert whence("import", netstat)[0] == 0


@pytest.mark.parametrize("packing", ["gz", "bz2", "xz", "zst", "zip"])
def test_packed_files_are_unpacked(whence: Whence, netstat: str, packing: str) -> None:
    data, file = Path(netstat).read_bytes(), Path(f"{netstat}.{packing}")
    match packing:
        case "gz":
            file.write_bytes(gzip.compress(data) + gzip.compress(data[:5]))
        case "bz2":
            file.write_bytes(bz2.compress(data))
        case "xz":
            file.write_bytes(lzma.compress(data))
        case "zst":
            subprocess.run(["zstd", "-q", netstat, "-o", str(file)], check=True)
        case _:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.write(netstat, "netstat.txt")
    status, out, _ = whence("import", str(file))
    assert status == 0
    assert "17 rows of" in out


def test_a_damaged_archive_says_how_far_it_was_read(
    whence: Whence, netstat: str, tmp_path: Path
) -> None:
    packed = gzip.compress(LOOKS.encode() * 50)
    file = tmp_path / "half.gz"
    file.write_bytes(packed[: len(packed) // 2])
    status, _, err = whence("import", str(file))
    assert status == 0
    assert "not read: 1× the rest of a damaged file (it ends too early)" in err
    two = tmp_path / "two.zip"
    with zipfile.ZipFile(two, "w") as archive:
        archive.writestr("a", "x")
        archive.writestr("b", "x")
    assert "holds 2 files" in whence("import", str(two))[2]
    log = tmp_path / "log.evtx"
    log.write_bytes(b"ElfFile\0" + b"\1" * 5000)
    assert whence("import", str(log))[0] == 65
    header = b"ElfFile\0" + bytes(24) + b"\x80\0\0\0\2\0\3\0\0\x10\1\0"
    log.write_bytes(header.ljust(40_000, b"\0"))
    assert "it ends before the last of its 1 chunks does" in whence("import", str(log))[2]
    log.write_bytes(b"\x30\0\0\0LfLe" + bytes(40))
    assert "before Vista (EVT)" in whence("import", str(log))[2]


def test_outputs_of_several_tools_in_one_file(whence: Whence, tmp_path: Path) -> None:
    file = tmp_path / "all.txt"
    names = ("ip neigh", "mac table", "pfirewall")
    file.write_text("\n".join(SAMPLES[name][2] for name in names) + "garbage 1 2 3\n")
    status, _, err = whence("import", str(file), "--dry-run")
    assert status == 0
    assert "it holds outputs of " in err
    assert "not understood: 1 line: " in err
    assert "garbage 1 2 3" in err


def test_stations_places_names_and_changes(whence: Whence, tmp_path: Path) -> None:
    for name in ("arp of Windows", "mac table", "sysmon", "windows changes"):
        text = SAMPLES[name][2].replace("0014.2233.4455", "0014.2203.0405")
        # The neighbours of the machine that runs this may be of 192.0.2.0/24.
        (tmp_path / name).write_text(text.replace("192.0.2.1", "198.18.77.1"))
        assert whence("import", str(tmp_path / name))[0] == 0
    _, out, _ = whence("station", "198.18.77.1")
    assert "at 00:14:22:03:04:05" in out
    first = whence("198.18.77.1")[1].splitlines()[0]
    assert first.endswith("tells which machine it is: whence station 198.18.77.1.")
    _, out, _ = whence("place", "198.18.77.1")
    assert "is plugged in at sw3 Gi1/0/7 (reported)" in out
    _, out, _ = whence("10.9.3.7:17777")
    assert "inv.exe (pid 4711, on srv7.example, as reported)" in out
    assert "child of pid 7" in squeezed(out)
    assert "is called inventory.example" in squeezed(whence("remote", "10.9.3.7")[1])
    _, out, _ = whence("changes", "--before", "2026-11-17T09:31:00+00:00", "--window", "5m")
    assert "srv7: the update KB5031356 was installed" in out


def test_options_that_contradict_each_other(whence: Whence, netstat: str) -> None:
    assert whence("import")[0] == 2
    assert whence("import", netstat, "--list")[0] == 2
    assert whence("import", netstat, "--zone", "Nowhere/X")[0] == 2
    assert whence("import", netstat, "--encoding", "klingon")[0] == 2
    assert whence("import", netstat, "--kind", "klingon")[0] == 65
    assert whence("import", netstat, "--every", "0s")[0] == 2
    shown = whence("import", "--kinds")[1]
    names, titles = zip(*(line.split(maxsplit=1) for line in shown.splitlines()), strict=True)
    assert "zeek_conn" in names
    width = max(map(len, names))
    assert shown == "".join(
        f"{name:{width}}  {title}\n" for name, title in zip(names, titles, strict=True)
    )


def test_a_look_that_found_nothing_is_taken_in_and_said_to_be_empty(
    whence: Whence, tmp_path: Path
) -> None:
    file = tmp_path / "empty.txt"
    heading = LOOK.partition("  TCP")[0].replace("Local Address", "Lokale Adresse")
    for encoding in ("cp850", "utf-16"):
        file.write_text(heading, encoding, newline="\r\n")
        for more in ((), ("--json",)):
            status, out, err = whence("import", "--dry-run", str(file), *more)
            assert (status, out) == (0, "")
            assert "this look found nothing" in err
    status, out, err = whence("import", str(file))
    assert (status, "0 connections" in out, "found nothing" in err) == (0, True, True)


@pytest.mark.parametrize(
    ("sample", "address", "sentence"),
    [
        (
            "docker inspect",
            "172.20.0.3",
            "172.20.0.3 is web-1, docker container 4c01db0b339c of nginx:1.25 on srv7",
        ),
        (
            "kubectl get pods -A -o wide",
            "10.244.0.12",
            "10.244.0.12 is web-7d9c5b8f6d-x2x4z, Kubernetes pod shop/web-7d9c5b8f6d-x2x4z"
            " on node-1.",
        ),
        (
            "kubectl get pods -o json",
            "2001:db8:244::c",
            "2001:db8:244::c is web-7d9c5b8f6d-x2x4z, Kubernetes pod shop/web-7d9c5b8f6d-x2x4z"
            " on node-1 (nginx:1.25, envoy:1.30).",
        ),
        ("kubectl get pods -A -o wide", "192.0.2.21", "192.0.2.21 is Kubernetes node node-1."),
        (
            "kubectl get pods -o yaml",
            "10.244.0.12",
            "10.244.0.12 is web-7d9c5b8f6d-x2x4z, Kubernetes pod shop/web-7d9c5b8f6d-x2x4z"
            " on node-1 (nginx:1.25, envoy:1.30).",
        ),
        (
            "kubectl get services -A -o wide",
            "2001:db8::80",
            "2001:db8::80 is Kubernetes service shop/web (LoadBalancer).",
        ),
        (
            "kubectl get services,nodes -A -o yaml",
            "10.96.3.4",
            "10.96.3.4 is Kubernetes service shop/web (LoadBalancer).",
        ),
        ("kubectl get nodes -o wide", "192.0.2.22", "192.0.2.22 is Kubernetes node node-2."),
        (
            "kubectl get services,nodes -A -o json",
            "203.0.113.21",
            "203.0.113.21 is Kubernetes node node-1.",
        ),
    ],
)
def test_whose_address_it_is_in_a_list_of_containers_is_the_answer(
    whence: Whence, tmp_path: Path, sample: str, address: str, sentence: str
) -> None:
    file = tmp_path / "containers.txt"
    file.write_text(SAMPLES[sample][2], "utf-8")
    status, out, _ = whence("import", "--dry-run", "--json", str(file))
    assert status == 0
    assert any(
        address in json.loads(line).get("host", {}).get("ip", []) for line in out.splitlines()
    )
    assert whence("import", "--host", "srv7", str(file))[0] == 0
    status, out, _ = whence(address)
    assert (status, out.splitlines()[0].startswith(sentence)) == (0, True), out.splitlines()[0]
    end = f"[{address}]:443" if ":" in address else f"{address}:443"
    assert sentence in whence(end)[1]
    assert whence("case", "replay")[0] == 0


def test_a_redacted_report_names_no_node_and_no_pod(whence: Whence, tmp_path: Path) -> None:
    file, page = tmp_path / "pods.txt", tmp_path / "page.md"
    file.write_text(SAMPLES["kubectl get pods -A -o wide"][2].replace("node-1", "qzxnode"))
    assert whence("import", str(file))[0] == 0
    case = json.loads(whence("10.244.0.12", "--json")[1])["whence"]["case"]
    assert whence("report", case, "-o", str(page))[0] == 0
    assert "qzxnode" in page.read_text()
    assert whence("report", case, "--redact", "-o", str(page), "--overwrite")[0] == 0
    assert not [one for one in ("qzxnode", "web-7d9c5b8f6d-x2x4z") if one in page.read_text()]


def test_ss_names_the_link_of_a_socket_that_is_bound_to_one(whence: Whence, tmp_path: Path) -> None:
    file = tmp_path / "ss.txt"
    file.write_text(
        "Netid State  Recv-Q Send-Q   Local Address:Port  Peer Address:Port Process\n"
        'udp UNCONN 0 0   127.0.0.53%lo:53       0.0.0.0:*  users:(("resolved",pid=7,fd=1))\n'
        'udp ESTAB  0 0  192.0.2.9%eth0:68    192.0.2.1:67  users:(("networkd",pid=8,fd=2))\n'
    )
    _, out, err = whence("import", str(file), "--host", "srv7")
    assert ("left out" in err, "2 connections" in out) == (False, True)
    assert whence("192.0.2.1:67")[1].startswith(
        "192.0.2.1:67 was contacted once by networkd (pid 8"
    )


def test_one_command_on_two_machines_is_not_said_to_run_on_one(
    whence: Whence, tmp_path: Path
) -> None:
    row = "tcp 0 1 10.1.2.{0}:4491 203.0.113.77:8443 {1} 93{0}/python3\n"
    for machine in (30, 31):
        file = tmp_path / f"{machine}.txt"
        file.write_text(row.format(machine, "SYN_SENT"))
        assert whence("import", str(file), "--host", f"srv{machine}")[0] == 0
    told = whence("203.0.113.77:8443")[1].partition("verdict")[0]
    assert "runs" not in told
    assert "pid 9330, on srv30, as reported" in told
    assert "pid 9331, on srv31, as reported" in told


@pytest.mark.parametrize(
    "text",
    [
        "table inet filter {\n\tchain input {\n\t\tpolicy drop;\n\t}\n}\n",
        "root@fw01:~# nft list ruleset\ntable ip6 nat {\n}\n",
        '{"nftables": [{"metainfo": {"version": "1.0.6"}}, {"table": {"family": "ip"}}]}\n',
        "# Generated by iptables-save v1.8.9 (nf_tables) on Fri Nov 27 10:00:00 2026\n*filter\n",
        "*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n",
        "Chain INPUT (policy ACCEPT 12 packets, 840 bytes)\n pkts bytes target prot opt in out\n",
        "Chain DOCKER (1 references)\ntarget     prot opt source     destination\n",
        "Status: active\n\nTo                         Action      From\n",
    ],
)
def test_rules_of_a_firewall_are_refused_with_what_tells_what_passes(
    whence: Whence, tmp_path: Path, text: str
) -> None:
    file = tmp_path / "rules.txt"
    file.write_text(text)
    status, _, err = whence("import", str(file))
    assert (status, "the rules of a firewall" in err, "conntrack -L" in err) == (65, True, True)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("apiVersion: v1\nitems:\n- apiVersion: v1\n  kind: Deployment\n", "Deployment"),
        ('{\n    "apiVersion": "v1",\n    "kind": "ConfigMap"\n}\n', "ConfigMap"),
        ('{\n    "apiVersion": "v1",\n    "items": [],\n    "kind": "List"\n}\n', "nothing"),
        (
            "NAME   READY   UP-TO-DATE   AVAILABLE   AGE\nweb    1/1     1            1   5d\n",
            "deployments",
        ),
    ],
)
def test_what_kubernetes_tells_of_what_has_no_address_is_refused_with_what_to_ask_for(
    whence: Whence, tmp_path: Path, text: str, told: str
) -> None:
    file = tmp_path / "told.txt"
    file.write_text(text)
    status, _, err = whence("import", str(file))
    assert (status, f"tells of {told}" in err, "kubectl get pods" in err) == (65, True, True)
