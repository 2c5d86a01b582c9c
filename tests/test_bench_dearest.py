"""What `bench.dearest` is made of, without a server: its table, and how a file is sent."""

from bench.dear import PREPARED
from bench.dearest import BEFORE, HEADER, Cost, table
from bench.uploads import _form


def test_every_request_stands_beside_what_it_was() -> None:
    assert list(PREPARED) == list(BEFORE) and len(BEFORE) == 11
    cost = Cost("QR codes of 2,900 letters × 20", 0.42, 0, 3.2, -1, 61.4, "a|b")
    last = table([cost]).splitlines()[-1]
    assert last == "| QR codes of 2,900 letters × 20 | 2.7 | 0.4 | 0.0 | 1 | 3 | -1 | 554 | 61 | a/b |"
    assert last.count(" | ") == len(HEADER) - 1


def test_a_file_is_sent_as_a_browser_sends_it() -> None:
    head, _, rest = _form('a"b\n.npz', b"\r\n--x").partition(b"\r\n\r\n")
    boundary = head.partition(b"\r\n")[0]
    assert b'name="file"; filename="a%22b%0A.npz"' in head
    assert rest == b"\r\n--x\r\n" + boundary + b"--\r\n"
