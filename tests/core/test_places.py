"""Every place has a time zone that there is, and is found by its names in both languages."""

from zoneinfo import available_timezones

import pytest

from vtuber.core.places import _NAMED, place


def test_every_time_zone_is_one():
    assert {one.zone for one in _NAMED.values()} <= available_timezones()


@pytest.mark.parametrize(
    ("name", "en", "ja"),
    [
        *(("tokyo", "Tokyo", "東京"), ("東京", "Tokyo", "東京"), ("New  York", "New York", "ニューヨーク")),
        *(("LA", "Los Angeles", "ロサンゼルス"), ("ﾊﾜｲ", "Hawaii", "ハワイ"), ("uk", "the UK", "イギリス")),
        *(
            ("Asia/Tokyo", "Tokyo", "東京"),
            ("utc", "UTC", "協定世界時"),
            ("Adelaide, Australia", "Adelaide", "アデレード"),
            ("Kyiv", "Ukraine", "ウクライナ"),
        ),
    ],
)
def test_a_place_is_found_by_any_of_its_names(name: str, en: str, ja: str):
    found = place(name)
    assert found is not None
    assert (found.name("en"), found.name("ja")) == (en, ja)


@pytest.mark.parametrize("name", ["", "narnia", "america", "アメリカ", "russia", "../etc/passwd", "Asia", "moon"])
def test_a_place_without_one_time_of_its_own_is_unknown(name: str):
    assert place(name) is None
