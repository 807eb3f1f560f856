"""What is kept of log lines for longer than the lines: sums, and who was loudest.

A row of ``SUMS`` stands for all lines of five minutes that have its host, peer, code, template
and severity. A row of ``LOUDEST`` stands for lines of an hour between two addresses; only the
largest of each hour are kept, so what is missing there may still have been sent.
"""

SUMS = {
    "begin": "TIMESTAMP",  # UTC, of the five minutes, by when lines were received; NULL: unknown
    "host": "VARCHAR",
    "peer": "VARCHAR",
    "vendor": "VARCHAR",
    "code": "VARCHAR",
    "template": "VARCHAR",
    "severity": "UTINYINT",
    "lines": "UBIGINT",
    "weight": "UBIGINT",  # events: a line may stand for several
    "bytes": "UBIGINT",  # of the lines, as received
}

LOUDEST = {
    "begin": "TIMESTAMP",  # UTC, of the hour
    "host": "VARCHAR",
    "source": "VARCHAR",
    "destination": "VARCHAR",
    "destination_port": "UINTEGER",
    "lines": "UBIGINT",
    "weight": "UBIGINT",
}
