import pytest

from whence.model.text_encoding import encoding_of

HEADINGS = {  # as Windows' netstat prints them, with the code pages in which it does
    "de": ("Aktive Verbindungen\n  Proto  Lokale Adresse  Status\n  ABHÖREN", "cp850 cp1252"),
    "fr": ("Connexions actives\n  Proto  Adresse locale  Adresse distante  État", "cp850 cp1252"),
    "es": ("Conexiones activas\n  Proto  Dirección local  Dirección remota", "cp850 cp1252"),
    "pt": ("Conexões ativas\n  Proto  Endereço local  Endereço externo", "cp850 cp1252"),
    "ja": ("アクティブな接続\n\n  プロトコル  ローカル アドレス  外部アドレス  状態", "cp932"),
    "zh": ("活动连接\n\n  协议  本地地址          外部地址        状态", "gbk"),
    "tw": ("使用中連線\n\n  協定   本機位址   外部位址   狀態", "big5"),
    "ko": ("활성 연결\n\n  프로토콜  로컬 주소    외부 주소    상태", "cp949"),
    "ru": ("Активные подключения\n  Имя    Локальный адрес   Состояние", "cp866 cp1251"),
    "pl": ("Aktywne połączenia\n  Protokół  Adres lokalny  Obcy adres", "cp852 cp1250"),
    "cs": ("Aktivní připojení\n  Proto  Místní adresa   Cizí adresa", "cp852 cp1250"),
    "hu": ("Aktív kapcsolatok\n  Proto  Helyi cím  Külső cím  Állapot", "cp852 cp1250"),
    "tr": ("Etkin Bağlantılar\n  İl.Kr.  Yerel Adres   Dış Adres", "cp857 cp1254"),
    "el": ("Ενεργές συνδέσεις\n  Πρωτ.  Τοπική διεύθυνση  Κατάσταση", "cp737 cp1253"),
    "sv": ("Aktiva anslutningar\n  Prot.  Lokal adress  Fjärradress  Tillstånd", "cp850 cp1252"),
}
EVERYWHERE = "utf-8 utf-8-sig utf-16 utf-16-le utf-16-be"


@pytest.mark.parametrize("language", HEADINGS)
def test_a_heading_is_read_in_whatever_code_page(language: str) -> None:
    text, pages = HEADINGS[language]
    row = "\n  TCP    192.0.2.10:50123       203.0.113.7:443        SYN_SENT        3508\n"
    for page in f"{pages} {EVERYWHERE}".split():
        found = encoding_of((text + row).encode(page))
        assert (text + row).encode(page).decode(found.name).lstrip("\ufeff") == text + row, page


def test_that_it_is_a_guess_is_said() -> None:
    assert encoding_of("ABHÖREN".encode("cp850")).is_guess
    assert not encoding_of("ABHÖREN".encode()).is_guess


@pytest.mark.parametrize(
    "data", [b"", b"\xff", b"\xff\xfe", b"\x00" * 9, b"\xe2\x82", b"\x80" * 99]
)
def test_any_bytes_are_in_some_encoding(data: bytes) -> None:
    data.decode(encoding_of(data).name, "replace")
