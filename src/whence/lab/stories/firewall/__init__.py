"""The firewall's secret: short connections, once in a while, that nobody ordered."""

from whence.lab.contract import Story
from whence.lab.stories.firewall.building import build
from whence.lab.stories.firewall.drawing import VARIANTS, Drawn, draw
from whence.lab.stories.firewall.judging import judge
from whence.lab.stories.firewall.telling import tell

STORY: Story[Drawn] = Story(
    name="firewall",
    about="The firewall's secret: it makes connections that nobody ordered",
    variants=VARIANTS,
    by_hand=(
        "watch with tcpdump until it happens, to learn when",
        "catch the socket in a loop of ss or netstat before it is gone",
        "find out what the process was, after it has ended (audit rules, execsnoop)",
        "find the script that the interpreter was running",
        "search for the package that the script is of",
        "search crontabs, cron folders, anacrontab and timers for what starts it",
        "search /etc for the address, to see which setting it stands in",
        "look the address up in whois, DNS and the clouds' lists of addresses",
        "read the package's description, and compare its files with their checksums",
        "find where its interpreter takes the code from, and whether there is a source of it",
        "put something in the program's place that notes who starts it",
        "work out which line of which file stops it, and how to take that back",
        "watch until it would have come again several times",
    ),
    draw=draw,
    build=build,
    tell=tell,
    judge=judge,
    needs=("dpkg-deb", "dpkg", "nft"),
)
