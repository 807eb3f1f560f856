from tests.analysis.world import name, tables
from whence.analysis.naming import names_of


def test_what_a_machine_calls_itself_goes_before_what_others_call_it() -> None:
    said = [
        name("192.0.2.9", "nine.example.org"),
        name("192.0.2.9", "NINE", "is-called"),
        name("203.0.113.62", "old.example.org"),
        *(name("203.0.113.62", "update.example.org"),) * 2,
    ]
    assert names_of(tables(names=said)) == {
        "192.0.2.9": "NINE",
        "203.0.113.62": "update.example.org",
    }


def test_what_was_noted_in_the_file_is_used_where_nothing_was_said() -> None:
    said = [
        name("192.0.2.9", "desk", "noted-as", source="nrb"),
        name("192.0.2.9", "www.example.org", "served-as"),
        name("192.0.2.8", "printer", "noted-as", source="nrb"),
    ]
    assert names_of(tables(names=said)) == {"192.0.2.9": "www.example.org", "192.0.2.8": "printer"}


def test_software_is_no_name() -> None:
    said = name("192.0.2.9", "curl/8", "runs-software")
    assert not names_of(tables(names=[said]))
