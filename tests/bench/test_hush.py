from typing import Any

from vtuber.bench import hush


def test_what_was_begun_before_a_press_is_silenced_and_its_stream_is_closed():
    pressed = []
    found: Any = hush.measure(4, 3, lambda: pressed.append(1))
    assert found["presses"] == len(pressed) == 4
    assert found["heard_after"] == 0
    assert found["while_speaking"] + found["while_streaming"] > 0, "some presses come in the midst of something"
    assert bool(found["silent_ms"]) == bool(found["while_speaking"])
    assert bool(found["stream_closed_ms"]) == bool(found["while_streaming"])
