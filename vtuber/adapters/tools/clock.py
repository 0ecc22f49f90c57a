"""The time and the date, here and at places that she knows."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from vtuber.core.places import place
from vtuber.errors import ToolError, ToolRefused
from vtuber.events import Language
from vtuber.ports import Found

_DAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "ja": ("月曜日", "火曜日", "水曜日", "木曜日", "金曜日", "土曜日", "日曜日"),
}
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_NOON = 12


class Clock:
    """`now_ms` gives unix milliseconds; `timezone` is hers ("Asia/Tokyo"), "" for this machine's."""

    name = "clock"
    about = "The time or the date of today, here or at a place (a city, a country, a time zone)."
    schema: dict[str, Any]

    def __init__(self, now_ms: Callable[[], int], timezone: str = "") -> None:
        self._now_ms = now_ms
        self._timezone = timezone
        self.schema = {
            "type": "object",
            "properties": {
                "show": {"type": "string", "enum": ["time", "date"]},
                "place": {"type": "string", "maxLength": 40},
            },
            "required": ["show"],
            "additionalProperties": False,
        }

    async def call(self, arguments: dict[str, Any]) -> Found:
        """Tell the time. Raises ToolError for a place that it does not know."""
        asked = str(arguments.get("place", ""))
        there = place(asked)
        if asked and there is None:
            raise ToolRefused("no such place is known")
        moment = self._at(there.zone if there else self._timezone)
        where = {language: there.name(language) if there else "" for language in ("en", "ja")}
        tell = _time if arguments["show"] == "time" else _date
        return Found(
            text=f"{moment:%Y-%m-%d %H:%M} {_DAYS['en'][moment.weekday()]} {where['en'] or 'here'}",
            spoken={"en": tell(moment, "en", where["en"]), "ja": tell(moment, "ja", where["ja"])},
        )

    def _at(self, zone: str) -> datetime:
        moment = datetime.fromtimestamp(self._now_ms() / 1000, UTC)
        try:
            return moment.astimezone(ZoneInfo(zone) if zone else None)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ToolError("this machine has no time zones: install the package tzdata") from error

    async def close(self) -> None:
        """There is nothing to let go of."""


def _time(moment: datetime, language: Language, where: str) -> str:
    morning, hour = moment.hour < _NOON, moment.hour % _NOON
    if language == "en":
        return f"It's {hour or _NOON}:{moment:%M} {'AM' if morning else 'PM'}{f' in {where}' if where else ''}."
    minutes = f"{moment.minute}分" if moment.minute else "ちょうど"
    return f"{where + 'は' if where else ''}今、{'午前' if morning else '午後'}{hour}時{minutes}。"


def _date(moment: datetime, language: Language, where: str) -> str:
    day = _DAYS[language][moment.weekday()]
    if language == "en":
        there = f"In {where} it's" if where else "It's"
        return f"{there} {day}, {_MONTHS[moment.month - 1]} {moment.day}, {moment.year}."
    return f"{f'{where}は今' if where else '今日は'}{moment.year}年{moment.month}月{moment.day}日、{day}。"
