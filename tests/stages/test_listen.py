from tests.playing import Script, adds_up, chat, play, reasons
from vtuber.events import Recalled, Remembered, Retract


def test_a_deleted_message_is_not_answered_nor_recalled():
    heard = [
        (0, chat(0, "how are you?")),
        (20, chat(1, "my password is hunter2, ok?", viewer="taro")),
        (30, Retract(id="r", at_ms=0, target_event="twitch:ada:1")),
        (9000, chat(2, "what is my password?", viewer="taro")),
    ]
    played = play(Script(heard=heard))
    assert reasons(played)["twitch:ada:1"] == "retracted"
    assert all("hunter2" not in item.text for event in played.of(Recalled) for item in event.items)
    adds_up(played)


def test_what_is_never_answered_is_still_remembered():
    played = play(Script(heard=[(0, chat(1, "!uptime")), (10, chat(2, ":wave: :wave:", emotes=2))]))
    assert reasons(played) == {"twitch:ada:1": "command", "twitch:ada:2": "emotes"}
    assert {"twitch:ada:1", "twitch:ada:2"} <= {event.cause for event in played.of(Remembered)}
