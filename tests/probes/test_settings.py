"""From an address to where it is configured, whose file that is, and who changed it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.probes.telling import FLOW, pid, ran, record, saw, sighting, status, story, values
from whence.model import CannotAsk, Confidence, Reading, Setting
from whence.model.address_forms import Wanted
from whence.model.ecs import encode, from_sighting
from whence.model.mentions import Mention, NotRead, encode_mentions
from whence.probes.configured_elsewhere import configured_elsewhere
from whence.probes.configured_in import configured_in
from whence.probes.configured_in_database import configured_in_database
from whence.probes.configured_in_own_database import configured_in_own_database
from whence.probes.dpkg_package_of_setting import dpkg_package_of_setting
from whence.probes.held_in_memory import held_in_memory
from whence.probes.last_changed import last_changed
from whence.probes.rpm_package_of_setting import rpm_package_of_setting
from whence.world import EPOCH, RecordedHost
from whence.world.search_sources import (
    everywhere_source,
    files_source,
    names_source,
    process_source,
    rows_source,
)

ADDRESS = "203.0.113.7"
WANTED = Wanted(ADDRESS)
CONF = Mention("/etc/acme/agent.conf", "dotted", ADDRESS, 3, "[remote] host", f"host={ADDRESS}")
SETTING = Setting("here", "/etc/acme/agent.conf", 3)


def told(*mentions: Mention, not_read: NotRead | None = None) -> str:
    return encode_mentions(mentions, not_read or NotRead())


def search(
    places: Sequence[str] = (), texts: dict[str, str] | None = None, **files: str
) -> RecordedHost:
    general = ("/etc", "/usr/local/etc", "/var/spool/cron", "/usr/local/lib/systemd/system",
               "/run/systemd/system")  # fmt: skip
    return RecordedHost(
        {
            names_source(ADDRESS): "",
            files_source(WANTED, (*general, *places)): files.get("files", told()),
        }
        | (texts or {})
    )


def test_it_is_in_a_file_of_etc() -> None:
    facts = [*configured_in(FLOW, RecordedHost(), RecordedHost(), search(files=told(CONF)))]
    assert values(facts) == [
        "/etc/acme/agent.conf:3 ([remote] host)", f"host={ADDRESS}", f"dotted, {ADDRESS}",
    ]  # fmt: skip
    assert facts[0].confidence is Confidence.POSSIBLE  # nothing connects it with a process


def test_what_was_not_looked_into_is_said() -> None:
    not_read = NotRead()
    not_read.add("may not be read", "/etc/shadow", 2)
    facts = [
        *configured_in(FLOW, RecordedHost(), RecordedHost(), search(files=told(not_read=not_read)))
    ]
    assert values(facts) == ["2× may not be read, such as /etc/shadow"]


def test_the_command_line_of_the_maker_comes_before_other_files() -> None:
    maker = record(7, ran("/usr/bin/x", "x", "--config", "/etc/acme/agent.conf"))
    words = Mention("the command line of pid 7", "dotted", ADDRESS, 0, "word 2", f"x {ADDRESS}")
    other = replace(CONF, place="/etc/other.conf")
    texts = {
        process_source(WANTED, 7, "traces"): told(words),
        "named in /usr/bin/x": "/var/lib/xstate\n",
    }
    places = ("/opt/x", "/var/lib/xstate")
    found = search(places, texts, files=told(other, CONF))
    found = RecordedSearch(found, told(other, CONF))
    facts = [*configured_in(FLOW, RecordedHost(), saw(sighting(maker)), found)]
    settings = [fact.value for fact in facts if isinstance(fact.value, Setting)]
    assert [setting.place for setting in settings] == [words.place, CONF.place, other.place]
    assert [setting.why for setting in settings] == [
        "of the process itself", "on the command line", "",
    ]  # fmt: skip


def test_what_another_witness_knows_of_the_maker_leads_to_its_settings() -> None:
    """A sensor that comes too late sees that a process called, and not what it runs."""
    known = record(7, ran("/usr/bin/x", "x", "--config", "/etc/acme/agent.conf"))
    texts = {process_source(WANTED, 7, "traces"): told(), "named in /usr/bin/x": ""}
    found = RecordedSearch(search(texts=texts), told(CONF))
    for seen in (record(7), record(7, ran("/usr/bin/x"))):
        line = encode(from_sighting(sighting(seen))) + "\n"
        witness = RecordedHost({f"connections {FLOW}": line} | story(known))
        facts = [*configured_in(FLOW, RecordedHost(), witness, found)]
        whys = [fact.value.why for fact in facts if isinstance(fact.value, Setting)]
        assert whys == ["on the command line"]


def test_a_database_that_the_settings_name_is_told_and_not_asked() -> None:
    maker = record(7, ran("/usr/bin/x", "x", "--config", "/etc/acme/agent.conf"))
    url = "postgresql://scan@/acme?host=/run/postgresql"
    places = ("/etc/acme/agent.conf", "/opt/x/", "/proc/7/environ")
    texts = {"named in /usr/bin/x": "/opt/x/\n"}

    class Named(RecordedHost):
        def databases(self, asked: Sequence[str]) -> Reading:
            assert {*places} <= {*asked}
            return Reading("databases", f"{url}\t/etc/acme/agent.conf\n", EPOCH, "here")

    named = Named({names_source(ADDRESS): ""} | texts)
    with pytest.raises(CannotAsk) as refused:
        [*configured_in_own_database(FLOW, RecordedHost(), saw(sighting(maker)), named)]
    assert refused.value.try_ == f"whence find {ADDRESS} --database '{url}'"
    assert "/etc/acme/agent.conf" in refused.value.because


def test_without_a_maker_no_settings_are_read_for_databases() -> None:
    found = search()
    assert not [*configured_in_own_database(FLOW, RecordedHost(), RecordedHost(), found)]


class RecordedSearch(RecordedHost):
    """Whatever places are asked for, this is what is there."""

    def __init__(self, others: RecordedHost, found: str) -> None:
        super().__init__({"found": found})
        self.traces = others.traces  # type: ignore[method-assign]
        self.names = others.names  # type: ignore[method-assign]
        self.named_files = others.named_files  # type: ignore[method-assign]

    def mentions(self, wanted: Wanted, places: Sequence[str]):  # type: ignore[no-untyped-def]
        assert "/etc" in places
        return self.read("found")


def test_names_of_the_host_file_are_looked_for() -> None:
    host = RecordedHost({"/etc/hosts": f"{ADDRESS} db.example.org db # the old one\n"})
    wanted = Wanted(ADDRESS, ("db.example.org",))
    source = everywhere_source(wanted)
    found = RecordedHost({names_source(ADDRESS): "", source: told(CONF)})
    facts = [*configured_elsewhere(FLOW, host, RecordedHost(), found, found)]
    assert isinstance(facts[0].value, Setting)


def test_memory_and_databases() -> None:
    memory = Mention("the memory of pid 7", "dotted", ADDRESS, 0, "[heap]", "x")
    row = Mention("postgresql://db:5432/x", "dotted", ADDRESS, 0, "table a, column b", "x")
    found = RecordedHost(
        {
            names_source(ADDRESS): "",
            process_source(WANTED, 7, "memory"): told(memory),
            rows_source(WANTED): told(row),
        }
    )
    witness = saw(sighting(record(7, ran("/usr/bin/x"))))
    assert values(held_in_memory(FLOW, RecordedHost(), witness, found, found))[0].startswith(
        "the memory of pid 7"
    )
    assert "table a" in values(configured_in_database(FLOW, RecordedHost(), found, found))[0]
    assert pid(7) == record(7).process


def test_what_the_user_did_not_allow_is_not_asked() -> None:
    nothing = RecordedHost({names_source(ADDRESS): ""})
    with pytest.raises(CannotAsk):
        [*configured_in_database(FLOW, RecordedHost(), nothing, nothing)]


def test_whose_file_it_is() -> None:
    from whence.probes._dpkg import FORMAT

    listed = "/var/lib/dpkg/info/acme.list:/etc/acme/agent.conf"
    host = RecordedHost(
        {
            "/var/lib/dpkg/status": "x",
            "grep -rxFH --include=*.list -e /etc/acme/agent.conf /var/lib/dpkg/info": listed,
            f"dpkg-query -W {FORMAT} acme": "Name: acme\nVersion: 2\n",
        }
    )
    assert values(dpkg_package_of_setting(SETTING, host)) == ["acme 2 (dpkg)"]
    assert not [*rpm_package_of_setting(SETTING, host)]


def test_who_changed_it() -> None:
    host = RecordedHost(
        {
            "status /etc/acme/agent.conf": status().replace('"changed":0', '"changed":86400'),
            "status /etc/.git": status("directory"),
            "/etc/passwd": "root:x:0:0::/root:/bin/sh\n",
            "git -C /etc log -1 --no-show-signature --format=%h %an, %aI: %s -- acme/agent.conf":
                "abc123 Alice, 2026-01-01T10:00:00Z: new server\n",
        },
        taken=EPOCH,
    )  # fmt: skip
    when, commit = last_changed(SETTING, host)
    assert str(when.value) == (
        "1970-01-01 00:00:00 UTC, the file is root's; put there or its owner or rights changed "
        "1970-01-02 00:00:00 UTC"
    )
    assert (str(commit.value), commit.confidence) == (
        "abc123 Alice, 2026-01-01T10:00:00Z: new server", Confidence.REPORTED,
    )  # fmt: skip
