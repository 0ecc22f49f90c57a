"""An address is told to be this machine's, a neighbour's or the world's, and shown without its secrets."""

import pytest

from vtuber.core.hosts import address, place, same


@pytest.mark.parametrize(
    ("url", "where"),
    [
        ("http://127.0.0.1:11434", "here"),
        ("http://127.8.0.1", "here"),
        ("http://localhost:1234/v1", "here"),
        ("http://[::1]:1234", "here"),
        ("http://0.0.0.0:11434", "here"),
        ("http://192.168.1.20:11434", "near"),
        ("http://10.0.0.5", "near"),
        ("http://gaming-pc:11434", "near"),
        ("http://gaming-pc.local:11434", "near"),
        ("https://api.example.com/v1", "away"),
        ("http://8.8.8.8", "away"),
        ("wss://irc-ws.chat.twitch.tv:443", "away"),
        ("http://127.0.0.1.example.com", "away"),
    ],
)
def test_an_address_leads_here_nearby_or_away(url: str, where: str):
    assert place(url) == where


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://me:word@x.example/v1?key=1", "x.example:443"),
        ("http://127.0.0.1:11434", "127.0.0.1:11434"),
        ("ws://box/sub", "box:80"),
        ("http://[::1]:9", "[::1]:9"),
    ],
)
def test_an_address_is_shown_as_host_and_port_only(url: str, shown: str):
    assert address(url) == shown


def test_a_closing_slash_makes_no_other_server():
    assert same("http://Box:1/", "http://box:1")
    assert not same("http://box:1", "http://box:2")
