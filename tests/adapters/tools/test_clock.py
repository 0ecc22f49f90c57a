"""The clock tells the time and the date here and elsewhere, summer time included."""

from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest

from tests.contracts.tool import ToolContract
from vtuber.adapters.tools import clock
from vtuber.adapters.tools.clock import Clock
from vtuber.clock import run_virtual
from vtuber.errors import ToolError
from vtuber.ports import Found, Tool


def at(written: str) -> int:
    return round(datetime.fromisoformat(written).replace(tzinfo=UTC).timestamp() * 1000)


def told(now: str, timezone: str = "Asia/Tokyo", **arguments: Any) -> Found:
    return run_virtual(Clock(lambda: at(now), timezone).call(arguments))


class TestClock(ToolContract):
    run = staticmethod(run_virtual)
    good: ClassVar = {"show": "time", "place": "new york"}
    impossible = ({"show": "time", "place": "narnia"}, {"show": "date", "place": "../../etc"})

    def make(self) -> Tool:
        return Clock(lambda: at("2025-07-01T12:00:00"), "Asia/Tokyo")


@pytest.mark.parametrize(
    ("now", "arguments", "en", "ja"),
    [
        ("2025-11-22T13:05:00", {"show": "time"}, "It's 10:05 PM.", "今、午後10時5分。"),
        ("2025-11-22T15:00:00", {"show": "time"}, "It's 12:00 AM.", "今、午前0時ちょうど。"),
        ("2025-11-22T03:00:30", {"show": "time"}, "It's 12:00 PM.", "今、午後0時ちょうど。"),
        (
            "2025-11-22T13:05:00",
            {"show": "date"},
            "It's Saturday, November 22, 2025.",
            "今日は2025年11月22日、土曜日。",
        ),
        (
            "2025-01-10T13:05:00",
            {"show": "time", "place": "New York"},
            "It's 8:05 AM in New York.",
            "ニューヨークは今、午前8時5分。",
        ),
        (
            "2025-07-10T13:05:00",
            {"show": "time", "place": "ニューヨーク"},
            "It's 9:05 AM in New York.",
            "ニューヨークは今、午前9時5分。",
        ),
        (
            "2025-11-22T20:00:00",
            {"show": "date", "place": "hawaii"},
            "In Hawaii it's Saturday, November 22, 2025.",
            "ハワイは今2025年11月22日、土曜日。",
        ),
        (
            "2025-11-22T13:05:00",
            {"show": "time", "place": "india"},
            "It's 6:35 PM in India.",
            "インドは今、午後6時35分。",
        ),
    ],
)
def test_the_time_is_told_as_people_say_it(now: str, arguments: dict[str, Any], en: str, ja: str):
    assert told(now, **arguments).spoken == {"en": en, "ja": ja}


def test_a_model_reads_the_whole_date():
    assert told("2025-11-22T13:05:00", show="time").text == "2025-11-22 22:05 Saturday here"
    assert told("2025-11-22T13:05:00", show="time", place="LA").text == "2025-11-22 05:05 Saturday Los Angeles"


def test_without_a_zone_it_is_this_machines_time():
    here = datetime.fromtimestamp(at("2025-11-22T13:05:00") / 1000).astimezone()
    assert told("2025-11-22T13:05:00", "", show="time").text.startswith(f"{here:%Y-%m-%d %H:%M}")


def test_a_machine_without_time_zones_is_a_tool_error(monkeypatch: pytest.MonkeyPatch):
    def none(key: str) -> None:
        raise clock.ZoneInfoNotFoundError(key)

    monkeypatch.setattr(clock, "ZoneInfo", none)
    with pytest.raises(ToolError):
        told("2025-11-22T13:05:00", show="time", place="LA")
