"""Ghosts: a log with many times its usual lines, and three programs that call what is not there."""

from whence.lab.contract import Story
from whence.lab.stories.ghosts.building import build
from whence.lab.stories.ghosts.drawing import VARIANTS, Drawn, draw
from whence.lab.stories.ghosts.judging import judge
from whence.lab.stories.ghosts.telling import tell

STORY: Story[Drawn] = Story(
    name="ghosts",
    about="Ghosts: the log server's disk fills, and nobody knows why",
    variants=VARIANTS,
    by_hand=(
        "count the log by hour, by message, by source, by destination with awk, and compare",
        "read the firewall's manual for what the message means",
        "look for the destinations: in the plan, by ping, in ARP tables, in the firewall's routes",
        "ask colleagues what was changed that night",
        "estimate when the disk is full",
        "on each of the three hosts: catch the socket in a loop of netstat, since it lives shortly",
        "on each: find the script that the interpreter was running, and what started it",
        "on each: search configuration files for the address",
        "find out which database the program asks, get a password, search its tables",
        "read the logs of package management for what was updated before it began",
        "write the SQL and edit the file that put each of the three right",
        "watch each host, and the log, for whether it has stopped",
    ),
    draw=draw,
    build=build,
    tell=tell,
    judge=judge,
    needs=("dpkg-deb", "dpkg", "mount", "setpriv", "sqlite3"),
)
