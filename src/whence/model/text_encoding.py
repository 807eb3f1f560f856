"""In which code page a text of a console is: a guess, from how its few letters look. Pure.

What consoles write is mostly ASCII, so that statistics of a language have nothing to go by. What
there is instead: it must be UTF-8 if it can be read as that, letters of a word go together, and
the headings of the tools that write such texts are known.
"""

from __future__ import annotations

import codecs
import unicodedata
from dataclasses import dataclass
from itertools import pairwise

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Of Windows' consoles (OEM) and programs (ANSI), what is met most often first; and the letters by
# which each is known, as they stand in headings and states of netstat and arp.
_WEST = "äöüßÄÖÜéèêëàâçîïôûùñáíóúÉÈÀÁÍÓÚÊÇåæøÅÆØãõÃÕ¿¡ìò"
_MIDDLE = "ąćęłńóśźżĄĆĘŁŃÓŚŹŻáčďéěíňřšťúůýžÁČĎÉĚÍŇŘŠŤÚŮÝŽőűŐŰöüÖÜäÄăâîșțşţ"
_TURKISH = "çğıöşüÇĞİÖŞÜ"
_CYRILLIC = "".join(map(chr, range(0x410, 0x450))) + "ёЁіїєґІЇЄҐ"
_GREEK = "".join(map(chr, range(0x391, 0x3CA))) + "άέήίόύώΆΈΉΊΌΎΏϊϋ"
_HEBREW = "".join(map(chr, range(0x5D0, 0x5EB)))
_CHINESE = (
    "活动连接协议本地外部址状态无法获取所有权信息侦听已建立接口类型静物理因特网项目失败时间等待关闭"
)
_TAIWAN = "使用中連線協定本機位址外部狀態無法取得擁有權資訊介面網際網路實體類型靜動"
_JAPANESE = "接続外部状態所有者情報取得物理種類静的動アドレスローカルプロトコルアクティブなをでき"
CODE_PAGES = (
    ("cp850", _WEST),
    ("cp1252", _WEST),
    ("cp932", _JAPANESE),
    ("gbk", _CHINESE),
    ("big5", _TAIWAN),
    ("cp949", ""),
    ("cp866", _CYRILLIC),
    ("cp1251", _CYRILLIC),
    ("cp852", _MIDDLE),
    ("cp1250", _MIDDLE),
    ("cp857", _TURKISH),
    ("cp1254", _TURKISH),
    ("cp737", _GREEK),
    ("cp1253", _GREEK),
    ("cp862", _HEBREW),
    ("cp1255", _HEBREW),
    ("koi8-r", _CYRILLIC),
)
KNOWN = (  # words of headings that have a letter beyond ASCII, in lower case
    "état", "dirección", "endereço", "conexões", "ligações", "ativas", "verbündungen", "abhören",
    "połączenia", "aktivní", "připojení", "místní", "adresa", "cizí", "stav", "kapcsolatok",
    "állapot", "külső", "helyi", "cím", "aktív", "bağlantılar", "yerel", "dış", "etkin",
    "активные", "подключения", "имя", "локальный", "внешний", "адрес", "состояние", "активні",
    "ενεργές", "συνδέσεις", "τοπική", "διεύθυνση", "κατάσταση", "anslutningar", "tillstånd",
    "främmande", "fjärradress", "yhteydet", "etäosoite", "tilkoblinger", "lytter", "πρωτ",
    "не удается",
    "información", "propriété", "können", "propriedade", "não", "nie można", "nelze", "получить",
    "接続", "アドレス", "活动连接", "使用中連線", "활성", "연결", "주소", "상태", "지역",
)  # fmt: skip
SAMPLE = 1 << 16  # bytes with a letter beyond ASCII that are looked at


@dataclass(frozen=True, slots=True)
class Encoding:
    """How bytes are to be read as text."""

    name: str
    is_guess: bool = False


def encoding_of(data: bytes) -> Encoding:
    """Say in which encoding the beginning of a file is."""
    for mark, name in BOMS:
        if data.startswith(mark):
            return Encoding("utf-8" if name == "utf-8" else name)
    if wide := _without_mark(data):
        return Encoding(wide)
    if is_utf8(data):
        return Encoding("utf-8")
    sample = _foreign_lines(data)
    return Encoding(max(CODE_PAGES, key=lambda page: _score(sample, *page))[0], is_guess=True)


def is_utf8(data: bytes) -> bool:
    """Say whether it can be read as UTF-8, apart from a character that is cut at the end."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        return False
    return True


def _without_mark(data: bytes) -> str | None:
    """In UTF-16, every other byte of ASCII is zero."""
    part = data[:4096]
    if len(part) < 8:
        return None
    even, odd = part[::2].count(0) / len(part[::2]), part[1::2].count(0) / len(part[1::2])
    if odd > 0.15 and even < 0.03:
        return "utf-16-le"
    return "utf-16-be" if even > 0.15 and odd < 0.03 else None


def _foreign_lines(data: bytes) -> bytes:
    lines = (line for line in data.split(b"\n") if not line.isascii())
    sample = b""
    for line in lines:
        sample += line[:2000] + b"\n"
        if len(sample) > SAMPLE:
            break
    return sample


def _score(sample: bytes, page: str, letters: str) -> float:
    """Say how well a sample reads in a code page."""
    try:
        text = sample.decode(page)
    except UnicodeDecodeError as e:
        # The last character may be cut off; anything else speaks against the page.
        text, bad = sample.decode(page, "replace"), 4.0
        if e.start > len(sample) - 3:
            bad = 0.5
    else:
        bad = 0.0
    foreign = [character for character in text if ord(character) > 0x7F]
    if not foreign:
        return -bad
    usual = sum(c in letters or _is_script(c, page) for c in foreign) / len(foreign)
    odd = sum(not c.isalpha() for c in foreign) / len(foreign)
    words = sum(word in text.lower() for word in KNOWN)
    return 2 * usual - 2 * odd - 2 * _mixed(text) + 3 * min(words, 8) - bad


def _is_script(character: str, page: str) -> bool:
    """Kana are Japanese, and hangul is Korean; both need no list."""
    name = unicodedata.name(character, "")
    if page == "cp932":
        # Half-width kana are what other code pages look like when read as Japanese.
        return name.startswith(("KATAKANA", "HIRAGANA"))
    return page == "cp949" and name.startswith("HANGUL SYLLABLE")


def _mixed(text: str) -> float:
    """Say how often a capital stands in a word behind a small letter: such words are misread."""
    wrong = total = 0
    for before, character in pairwise(text):
        if before.isalpha() and character.isalpha() and max(before, character) > "\x7f":
            total += 1
            wrong += before.islower() and character.isupper()
            wrong += before.isascii() != character.isascii() and ord(max(before, character)) > 0x370
    return wrong / total if total else 0.0
