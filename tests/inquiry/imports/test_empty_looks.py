"""Looks of netstat that found nothing: there are headings alone, in whatever language."""

import pytest

from tests.inquiry.imports.reading import likeliest, read
from whence.model.reported import Socket

LINUX = {
    "English": (
        "Active Internet connections (servers and established)",
        "Proto Recv-Q Send-Q Local Address           Foreign Address         State"
        "       PID/Program name    ",
    ),
    "only established, not as root": (
        "(Not all processes could be identified, non-owned process info\n"
        " will not be shown, you would have to be root to see it all.)\n"
        "Active Internet connections (w/o servers)",
        "Proto Recv-Q Send-Q Local Address           Foreign Address         State"
        "       User       Inode      PID/Program name     Timer",
    ),
    "German": (
        "Aktive Internetverbindungen (Server und stehende Verbindungen)",
        "Proto Recv-Q Send-Q Local Address           Foreign Address         State       "
        "PID/Program name",
    ),
    "French": (
        "Connexions Internet actives (serveurs et établies)",
        "Proto Recv-Q Send-Q Adresse locale          Adresse distante        Etat        "
        "PID/Program name",
    ),
    "Spanish": (
        "Conexiones activas de Internet (servidores y establecidos)",
        "Proto  Recib Enviad Dirección local         Dirección remota       Estado      "
        "PID/Program name",
    ),
    "Italian": (
        "Connessioni Internet attive (server e stabiliti)",
        "Proto CodaRic CodaInv Indirizzo locale        Indirizzo remoto       Stato       "
        "PID/Program name",
    ),
    "Japanese": (
        "稼働中のインターネット接続 (サーバと確立)",
        "Proto 受信-Q 送信-Q 内部アドレス      外部アドレス      状態    PID/Program name",
    ),
}
BSD = {
    "macOS": (
        "Active Internet connections (including servers)",
        "Proto Recv-Q Send-Q  Local Address          Foreign Address        (state)    ",
    ),
    "macOS, -v": (
        "Active Internet connections (including servers)",
        "Proto Recv-Q Send-Q  Local Address          Foreign Address        (state)      rxbytes"
        "      txbytes  rhiwat  shiwat    process:pid    state  options           gencnt    flags"
        "   flags1 usecnt rtncnt fltrs",
    ),
    "OpenBSD": (
        "Active Internet connections (including servers)",
        "Proto   Recv-Q Send-Q  Local Address          Foreign Address        TCP-State    ",
    ),
    "NetBSD": (
        "Active Internet connections",
        "Proto Recv-Q Send-Q  Local Address          Foreign Address        State",
    ),
    "FreeBSD, -A": (
        "Active Internet connections",
        "Tcpcb            Proto Recv-Q Send-Q Local Address          Foreign Address       (state)",
    ),
}
WINDOWS = {
    "English": (
        "Active Connections",
        "  Proto  Local Address          Foreign Address        State           PID",
    ),
    "English, -abn": (
        "Active Connections",
        "  Proto  Local Address          Foreign Address        State",
    ),
    "German": (
        "Aktive Verbindungen",
        "  Proto  Lokale Adresse         Remoteadresse          Status           PID",
    ),
    "French, -n": (
        "Connexions actives",
        "  Proto  Adresse locale         Adresse distante       État",
    ),
    "Russian": (
        "Активные подключения",
        "  Имя    Локальный адрес        Внешний адрес          Состояние       PID",
    ),
    "Polish": (
        "Aktywne połączenia",
        "  Protokół  Adres lokalny          Obcy adres             Stan            PID",
    ),
    "Chinese": (
        "活动连接",
        "  协议  本地地址          外部地址        状态           PID",
    ),
    "Japanese": (
        "アクティブな接続",
        "  プロトコル  ローカル アドレス          外部アドレス        状態            PID",
    ),
    "Greek in the wrong code page": (
        "ÅíåñãÝò óõíäÝóåéò",
        "  Ðñùô  ÔïðéêÞ äéåýèõíóç       ÎÝíç äéåýèõíóç         ÊáôÜóôáóç       PID",
    ),
    "of templates": (
        "Active Connections",
        "  Proto  Local Address          Foreign Address        State           Template",
    ),
}
EMPTY = [
    *(("linux_netstat", *lines) for lines in LINUX.values()),
    *(("bsd_netstat", *lines) for lines in BSD.values()),
    *(("windows_netstat", *lines) for lines in WINDOWS.values()),
]


@pytest.mark.parametrize(("kind", "title", "heading"), EMPTY)
def test_headings_alone_are_a_look_that_found_nothing(kind: str, title: str, heading: str) -> None:
    for text in (
        f"{title}\n{heading}\n",
        f"{heading}\r\n",
        f"\r\n{title}\r\n\r\n{heading}\r\n",
        f"Fri Nov 27 09:10:49 UTC 2026\n{title}\n{heading}\n" * 5,
        f"root@srv7:~# netstat -an\n{title}\n{heading}\nroot@srv7:~# ",
    ):
        assert likeliest(text) == kind, text
        rows, lines = read(text)
        assert (rows, lines.strange_lines) == ([], []), text


@pytest.mark.parametrize(("kind", "title", "heading"), EMPTY)
def test_what_stands_below_a_heading_and_is_no_row_is_not_nothing(
    kind: str, title: str, heading: str
) -> None:
    for below in ("hello", "tcp 12 x", "TCP  10.0.0.1  10.0.0.2  LISTEN"):
        assert likeliest(f"{title}\n{heading}\n{below}\n") != kind, below


@pytest.mark.parametrize(
    "text",
    [
        "NAME   READY   STATUS   RESTARTS   AGE\n",
        "Proto is short for protocol\n",
        "Active Connections\n",
        "Proto RefCnt Flags       Type       State         I-Node   Path\n",
        "  PID TTY          TIME CMD\n",
        "Proto-" + "-" * 30_000 + "\n",
    ],
)
def test_other_headings_are_none_of_netstat(text: str) -> None:
    assert likeliest(text) not in {"linux_netstat", "bsd_netstat", "windows_netstat"}


def test_sockets_of_unix_below_an_empty_table_are_left_out_and_each_line_is_counted() -> None:
    title, heading = LINUX["English"]
    text = (
        f"{title}\n{heading}\nActive UNIX domain sockets (servers and established)\n"
        "Proto RefCnt Flags       Type       State         I-Node   PID/Program name     Path\n"
        "unix  2      [ ACC ]     STREAM     LISTENING     12345    1/init   /run/x.sock\n"
    )
    assert likeliest(text) == "linux_netstat"
    rows, lines = read(text)
    assert (rows, lines.strange_lines, lines.parts) == ([], [], 4)
    assert lines.left_out.total() == 1


def test_looks_that_found_nothing_stand_between_those_that_found_something() -> None:
    above = "\n".join(LINUX["English"]) + "\n"
    row = "tcp 0 0 192.0.2.4:50124 203.0.113.8:443 ESTABLISHED 4711/curl\n"
    rows = read(f"{above}{above}{row}{above}{above}{row}{above}")[0]
    assert [one.look for one in rows if isinstance(one, Socket)] == [1, 3]


def test_what_macos_tells_of_its_kernel_is_left_out_below_an_empty_table_and_a_full_one() -> None:
    title, heading = BSD["macOS"]
    row = "tcp4       0      0  192.0.2.4.52345        203.0.113.8.443        ESTABLISHED\n"
    beside = (
        "Active Multipath Internet connections\n"
        "Proto/ID  Flags      Local Address          Foreign Address        (state)\n"
        "Active LOCAL (UNIX) domain sockets\n"
        "Address          Type   Recv-Q Send-Q            Inode             Conn\n"
        "f3a4c2b1d0e9f8a7 stream      0      0                0 f3a4c2b1d0e9f8b7\n"
        "Registered kernel control modules\n"
        "id       flags    pcbcount rcvbuf   sndbuf   name \n"
        "       1        9        0   131072   131072 com.apple.flow-divert \n"
        "       a        1        0    65536    65536 com.apple.net.necp_control \n"
        "Active kernel event sockets\n"
        "Proto Recv-Q Send-Q vendor  class subcla\n"
        "kevt       0      0   1000      5     11 \n"
        "Active kernel control sockets\n"
        "Proto Recv-Q Send-Q   unit     id name\n"
        "kctl       0      0      1      9 com.apple.flow-divert\n"
    )
    for above, count in ((f"{title}\n{heading}\n", 0), (f"{title}\n{heading}\n{row}", 1)):
        assert likeliest(above + beside) == "bsd_netstat"
        rows, lines = read(above + beside)
        assert (len(rows), lines.strange_lines, lines.left_out.total()) == (count, [], 5)
