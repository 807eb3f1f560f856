from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.world.log_rows import parsed
from whence._native import log_message_fields
from whence.analysis._log_words import message_of
from whence.analysis.change_messages import said
from whence.analysis.log_envelopes import unwrapped

MESSAGE = 'cannot connect to "db1"\tat 10.0.0.7'


@pytest.mark.parametrize(
    "line",
    [
        json.dumps({"_HOSTNAME": "a", "MESSAGE": MESSAGE}),
        json.dumps({"_HOSTNAME": "a", "MESSAGE": [*MESSAGE.encode()]}),
        json.dumps({"log": f"{MESSAGE}\n", "stream": "stdout"}),
        json.dumps({"log": json.dumps({"level": 30, "msg": MESSAGE}) + "\n"}),
        json.dumps({"event": {"original": MESSAGE}}),
        f"2026-03-03T03:17:00.1Z stderr F {MESSAGE}",
        f"2026-03-03T03:17:00.1Z stderr F {json.dumps({'msg': MESSAGE})}",
        f"<134>Mar  3 03:17:00 a-1 app[12]: @cee: {json.dumps({'msg': MESSAGE})}",
        f"Mar  3 03:17:00 a-1 app: {json.dumps({'level': 'info', 'msg': MESSAGE})}",
        f"2026-03-03T03:17:00.1Z web {json.dumps({'log': json.dumps({'msg': MESSAGE})})}",
        f"<134>1 2026-03-03T03:17:00Z a-1 app 12 - - @cee:{json.dumps({'msg': MESSAGE})}",
        f'<134>1 - a-1 app - ID [a@1 b="{{\\"]"] {json.dumps({"msg": MESSAGE})}',
        f"<134>app: {json.dumps({'msg': MESSAGE})}",
        f"@cee: {json.dumps({'msg': MESSAGE})}",
    ],
)
def test_the_innermost_message_is_what_a_line_says(line: str) -> None:
    assert unwrapped(line) == MESSAGE
    assert message_of(line) == MESSAGE


@pytest.mark.parametrize("name", log_message_fields())
def test_a_message_is_in_each_field_that_the_native_part_knows(name: str, tmp_path: Path) -> None:
    outer, _, inner = name.partition(".")
    said = "from 192.0.2.7 port 53"
    line = json.dumps({"time": "2026-03-03", outer: {inner: said} if inner else said})
    assert unwrapped(line) == said
    [row] = parsed(tmp_path, [line])
    assert (row["source"], row["source_port"]) == ("192.0.2.7", 53)


def test_of_several_messages_the_one_counts_that_is_known_best() -> None:
    assert (first := log_message_fields()[0]) == "MESSAGE"
    assert unwrapped(json.dumps({"body": "worse", first: "better"})) == "better"


@pytest.mark.parametrize(
    "line",
    [
        '{"MESSAGE":"cut', "{" * 9_000, '{"a":1}', "{}", "Mar  3 a b: c",
        'Mar  3 03:17:00 a-1 app: @cee: {"msg":"cut', 'Mar  3 03:17:00 a-1 app: {"msg":"b"} c',
        'Mar  3 03:17:00 a-1 app: bad request {"msg":"b"}',
    ],
)  # fmt: skip
def test_what_has_no_message_inside_stays_as_it_is(line: str) -> None:
    assert unwrapped(line) == line


def test_a_change_is_told_from_json_as_from_plain_text() -> None:
    text = "   eve : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/systemctl restart app"
    entry = json.dumps({"SYSLOG_IDENTIFIER": "sudo", "MESSAGE": text})
    plain = f"Mar  3 03:17:00 a-1 sudo: {text}"
    assert said(entry, "sudo", None) == said(plain, "sudo", None) is not None
