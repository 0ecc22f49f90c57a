"""A viewer is found by id or by name, the one who wrote last first."""

from tests.playing import chat
from vtuber.core.who import viewer_meant

HEARD = (
    chat(1, "hi", viewer="1", name="Mika"),
    chat(2, "yo", viewer="2", name="Bo"),
    chat(3, "hey", viewer="3", name="mika"),
)


def test_an_id_is_taken_as_it_is():
    assert viewer_meant("twitch:9", HEARD) == "twitch:9"


def test_a_name_means_who_bears_it_and_wrote_last():
    assert viewer_meant("@MIKA", HEARD) == "twitch:3"
    assert viewer_meant("bo", HEARD) == "twitch:2"


def test_an_unknown_name_means_nobody():
    assert viewer_meant("nobody", HEARD) == ""
