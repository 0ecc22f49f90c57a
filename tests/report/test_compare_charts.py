"""The pictures of a comparison stay in their frames."""

import re

from vtuber.core.comparison import Compared, Side, Total
from vtuber.report.compare_charts import audio, lanes, reason_bars


def message(number: int, before: int | None, after: int | None, name: str = "hana") -> Compared:
    sides = [None if ms is None else Side(fate="answered", route="simple", first_audio_ms=ms) for ms in (before, after)]
    return Compared(
        id=f"m{number}", name=name, text="こんばんは、今日はいい天気ですね、散歩に行きましたか", deleted=False, at_ms=0,
        before=sides[0], after=sides[1], changes=(),
    )  # fmt: skip


def test_times_that_are_the_same_are_not_drawn():
    assert "The times are the same." in audio([message(1, 400, 400), message(2, 400, 430), message(3, None, 400)])


def test_those_that_differ_most_come_first_and_lie_within_the_frame():
    picture = audio([message(1, 400, 600, "little"), message(2, 400, 9000, "much")])
    assert picture.index("much") < picture.index("little")
    places = [float(x) for x in re.findall(r'cx="([\d.]+)"', picture)]
    assert len(places) == 4
    assert all(300 <= x <= 1024 for x in places)
    assert ">10.0 s</text>" in picture


def test_a_japanese_line_is_shortened_to_the_room_there_is():
    found = re.search(r">(hana: [^<]*)</text>", audio([message(1, 0, 1000)]))
    assert found is not None
    assert found[1].endswith("…")
    assert len(found[1]) <= 26


def test_a_message_that_is_the_same_has_no_bridge():
    assert "bridge" not in lanes([message(1, 1, 2)])


def test_no_reason_has_a_bar_longer_than_the_frame():
    picture = reason_bars([Total("stale", 0, 7), Total("bot", 3, 3)])
    assert max(float(x) for x in re.findall(r' width="([\d.]+)"', picture)) <= 1024 - 360
