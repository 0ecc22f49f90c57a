"""What a program writes is read as UTF-8, however it comes, until a line is longer than any answer."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtuber.adapters.tools import mcp_lines
from vtuber.adapters.tools.mcp_lines import NAME


@given(st.lists(st.binary(max_size=20), max_size=8))
def test_bytes_are_read_as_utf_8_however_they_are_cut(pieces: list[bytes]):
    ours, usual = (codecs.getincrementaldecoder(name)("replace") for name in (NAME, "utf-8"))
    assert [ours.decode(piece) for piece in pieces] == [usual.decode(piece) for piece in pieces]
    assert "空\n".encode(NAME) == "空\n".encode()


def test_a_line_without_an_end_is_broken_off_and_many_lines_are_not(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(mcp_lines, "MOST", 10)
    decoder = codecs.getincrementaldecoder(NAME)("replace")
    for _ in range(100):
        assert decoder.decode(b"12345\n1234") == "12345\n1234"
        assert decoder.decode(b"567890") == "567890"
    with pytest.raises(ConnectionAbortedError, match="more than 10 characters"):
        decoder.decode(b"1")
