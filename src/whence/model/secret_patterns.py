"""How passwords and tokens look in a line of text.

Each pattern has a ``value``, which is hidden, and a ``name`` before it, which stays; and words, one
of which is in each line that it finds anything in. Looking for words is a hundred times faster.
"""

from __future__ import annotations

import re

NAMES = (
    r"(?:pass(?:word|wd|phrase)?|pwd|secret|token|api[-_]?key|apikey|access[-_]?key|"
    r"secret[-_]?key|private[-_]?key|auth(?:orization)?|credentials?|bearer|"
    r"pre-?shared-?key|psk|(?:bind|root|admin|user)pw)"
)
_NAMED = ("pass", "pwd", "secret", "token", "key", "auth", "credential", "bearer", "psk", "pw")
_NO_TAG = r"(?!</)"  # an event of Windows is one line of XML: its end is no part of a secret
_OPENS = r"(?![\s,:}\]])"  # not behind a quote that ends a string of JSON
_QUOTED = rf"\\\"{_OPENS}(?:[^\"\\]|\\[^\"])*\\\"|\"{_OPENS}(?:\\.|[^\"\\])*\"|'{_OPENS}[^']*'"
_CUT = rf"(?:\"{_OPENS}[^\"]*|'{_OPENS}[^']*)$"
_WORD = rf"(?P<value>{_QUOTED}|[^\s\"';,<\\]+(?:\\[^\s\"';,<\\]+)*)"

ANYWHERE = (
    (("://",), r"(?P<name>\b[a-z][a-z0-9+.-]*://[^\s/:@]*:)(?P<value>[^\s/@]+)(?=@)"),
    (("bearer", "basic"), r"(?i)(?P<name>\b(?:bearer|basic)\s+)"
                          r"(?P<value>[A-Za-z0-9._~+/-]{8,}=*)"),
    (_NAMED, rf"(?i)(?P<name>(?:^|(?<=[\s\"'?&;,{{(/]))-{{0,2}}[\w.-]*{NAMES}[\"']?\s*[=:]\s*)"
             rf"(?P<value>{_QUOTED}|(?:{_NO_TAG}(?!\\[\"'])[^\s\"'&;,])+)"),
    (_NAMED, rf"(?i)(?P<name>(?:^|(?<=\s))--?[\w-]*{NAMES}\s+)"
             rf"(?P<value>{_QUOTED}|{_CUT}|(?!-)(?:{_NO_TAG}(?!\\[\"'])[^\s\"'])+)"),
)  # fmt: skip
WINDOWS = (
    # net user NAME VALUE /add; schtasks … /rp VALUE; reg … /v Password … /d VALUE
    (("/add", "/rp", "/v"),
     r"(?i)(?P<name>\bnet1?(?:\.exe)?\"?\s+user\s+(?:\"[^\"]*\"|\S+)\s+(?=[^<]{1,200}?\s/add\b)"
     rf"|\s/v\s+\"?[\w.-]*{NAMES}[^<]{{0,100}}?\s/d\s+|\s/rp\s+)"
     rf"(?P<value>{_QUOTED}|{_NO_TAG}[^\s/\"](?:{_NO_TAG}[^\s\"\\])*)"),
    # net use Z: \\SERVER\SHARE VALUE /user:NAME
    (("/user:",), r"(?i)(?P<name>\bnet1?(?:\.exe)?\"?\s+use\s+(?:\S+\s+)?\\\\\S+\s+"
                  r"(?=[^<]{1,200}?/user:))(?P<value>\"[^\"]*\"|[^\s/\"<][^\s<]*)"),
    (("securestring",),
     r"(?i)(?P<name>\bConvertTo-SecureString\s+(?:-String\s+)?)(?![-$(])" + _WORD),
    (("/p:",), r"(?i)(?P<name>(?<!\S)/p:)" + _WORD),  # xfreerdp(1)
)  # fmt: skip
COMMANDS = (
    (("sqlplus", "expdp", "impdp", "sqlldr"),
     r"(?i)(?P<name>\b(?:sqlplus|expdp|impdp|sqlldr)\s+(?:-\w+\s+)*[^\s/@\"']+/)"
     r"(?P<value>[^\s/@\"'\\]+)"),
)  # fmt: skip
SETTINGS = (  # of devices and daemons, where a word follows in place of an equals sign
    # password 7 …, set passwd ENC …: Cisco, Fortinet, Huawei, Juniper
    (("pass", "secret", "key"),
     r"(?i)(?P<name>\b(?:password|passwd|secret|psksecret|key|key-string)\s+(?:"
     r"0\s+|[4-9]\s+(?=\S*[\d$])|ENC\s+|encrypted\s+(?=\S*[\d$])|"
     r"(?:irreversible-)?cipher\s+(?=\S*[\d$%^])|ascii-text\s+))" + _WORD),
    # username anna secret …, neighbor 192.0.2.1 password …, netrc(5), nmcli(1)
    (("password", "secret"),
     r"(?i)(?P<name>(?:\busername\s+\S+\s+(?:(?:privilege|role)\s+\S+\s+)?|"
     r"\bneighbor\s+\S+\s+|\bmachine\s+\S+\s+login\s+\S+\s+|^\s*enable\s+|"
     r"\bnmcli\s[^;|&]{1,80}?\s)(?:password|secret)\s+)(?![0-9]\s)" + _WORD),
    (("pass", "secret"),
     rf"(?i)(?P<name>^\s*(?:password|passwd|secret|passphrase)\s+){_WORD}(?=\s*$)"),
    # redis.conf, ldap.conf(5), IPsec of Cisco and Juniper, RADIUS and TACACS+
    (("requirepass", "masterauth", "bindpw", "rootpw", "shared", "encrypted-password", "key"),
     r"(?i)(?P<name>(?:^|(?<=\s))(?:requirepass|masterauth|bindpw|rootpw|pre-shared-key|"
     r"pre-shared-secret|encrypted-password|authentication-key\s+\d+\s+md5|"
     r"(?:tacacs|radius)(?:-server)?\s[^;]{0,60}?\bkey)\s+"
     r"(?:(?:local|remote|ascii-text|hexadecimal|\d)\s+)*)" + _WORD),
    # snmpd.conf(5), and of switches; what everybody knows is no secret
    (("community", "sink", "com2sec", "snmp-server"),
     r"(?i)(?P<name>(?:(?:^|(?<=\s))(?:r[ow]community6?|trapcommunity|trap2?sink\s+\S+|"
     r"informsink\s+\S+|com2sec6?\s+(?:-Cn\s+\S+\s+)?\S+\s+\S+|"
     r"snmp-server\s+host\s+\S+(?:\s+(?:informs?|traps?|version|1|2c|vrf\s+\S+))*|"
     r"(?:snmp|[\d.]{7,15}|[0-9a-f:]*::[0-9a-f:]*)\b[^;]{0,60}?\scommunity)\s+)|"
     r"(?:^|(?<=[\s\"'{,]))[\w.-]*community[\"']?\s*[=:]\s*)"
     r"(?!\"?(?:public|private|strings?|names?|is|and|or|of|version|informs?|traps?|vrf|"
     r"community|3|https?:\S*)\b)" + _WORD),
)  # fmt: skip
FORMS = (  # that tell by themselves what they are
    (("$",), r"(?P<name>)(?P<value>\$(?:1|2[abxy]?|5|6|7|8|9|14|y|gy|apr1)\$"  # crypt(5)
             r"(?:[\w./,=+-]{1,64}\$){1,3}[\w./+=-]{20,})"),
    (("$9$",), r"(?P<name>)(?P<value>(?<!\w)\$9\$[\w./-]{10,})"),  # Juniper
    (("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "xox", "k_live_"),
     r"(?P<name>\b)(?P<value>gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{30,}|glpat-[\w-]{20,}|"
     r"xox[abeoprs]-[\w-]{10,}|[sr]k_live_\w{20,})"),
    (("eyj",), r"(?P<name>\b)(?P<value>eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]+)"),  # RFC 7519
    (("private key-----",), r"(?P<name>-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----)"
                            r"(?P<value>(?:\\[nr]|[A-Za-z0-9+/=\s])+)(?=-----END)"),  # RFC 7468
    (("hooks.slack.com",), r"(?P<name>\bhooks\.slack\.com/services/)(?P<value>[\w/]{20,})"),
    (("api.telegram.org",), r"(?P<name>\bapi\.telegram\.org/bot\d+:)(?P<value>[\w-]{20,})"),
)  # fmt: skip
PATTERNS = tuple(
    (words, re.compile(pattern))
    for words, pattern in (*ANYWHERE, *WINDOWS, *COMMANDS, *SETTINGS, *FORMS)
)
WORDS = tuple(dict.fromkeys(word for words, _ in PATTERNS for word in words))
