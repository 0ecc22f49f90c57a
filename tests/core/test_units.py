"""Units convert exactly and back again, by any of their names in both languages; money is no unit."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtuber.core.units import Unit, convert, named, names

UNITS = sorted({unit for name in names() for unit in named(name)}, key=lambda unit: (unit.kind, unit.one))


@pytest.mark.parametrize(
    ("amount", "unit", "to", "value"),
    [
        ("5", "miles", "km", "8.04672"),
        ("1", "inch", "cm", "2.54"),
        ("12", "in", "ft", "1"),
        ("180", "cm", "フィート", "5.905511811"),
        ("1", "nautical mile", "m", "1852"),
        ("1", "lb", "g", "453.59237"),
        ("70", "キロ", "ポンド", "154.3235835"),
        ("1", "stone", "pounds", "14"),
        ("100", "°F", "℃", "37.77777778"),
        ("-40", "f", "c", "-40"),
        ("0", "摂氏", "華氏", "32"),
        ("25", "celsius", "kelvin", "298.15"),
        ("1", "gallon", "litres", "3.785411784"),
        ("1", "US gallon", "cups", "16"),
        ("3", "tsp", "tbsp", "1"),
        ("1", "acre", "m²", "4046.8564224"),
        ("1", "km2", "ヘクタール", "100"),
        ("100", "時速キロ", "秒速メートル", "27.77777778"),
        ("60", "mph", "km/h", "96.56064"),
        ("1", "week", "hours", "168"),
        ("1", "GiB", "MiB", "1024"),
        ("1", "GB", "メガバイト", "1000"),
        ("100", "mbit", "MB", "12.5"),
        ("1", "尺", "cm", "30.3030303"),
        ("1", "尺", "寸", "10"),
        ("1", "間", "尺", "6"),
        ("1", "里", "km", "3.927272727"),
        ("1", "貫", "kg", "3.75"),
        ("1", "斤", "匁", "160"),
        ("1", "升", "合", "10"),
        ("1", "合", "ミリ", "180.3907"),
        ("1", "坪", "平米", "3.305785124"),
        ("6", "畳", "m2", "9.72"),
        ("1", "反", "坪", "300"),
        ("2", "大さじ", "小さじ", "6"),
    ],
)
def test_known_conversions_are_right(amount: str, unit: str, to: str, value: str):
    found = convert(Fraction(amount), unit, to)
    assert found is not None
    assert float(found.value) == pytest.approx(float(value), rel=1e-7)


@given(st.sampled_from(UNITS), st.sampled_from(UNITS), st.fractions(0, 10**9))
def test_there_and_back_is_the_same_amount(unit: Unit, to: Unit, amount: Fraction):
    there = convert(amount, unit.one, to.one)
    if there is None:
        assert unit.kind != to.kind or unit == to
        return
    assert there.unit == unit
    assert there.to == to
    back = convert(there.value, to.one, unit.one)
    assert back is not None
    assert back.value == amount


@pytest.mark.parametrize(
    ("unit", "to"),
    [
        *(("usd", "jpy"), ("dollars", "yen"), ("円", "ドル"), ("miles", "kg"), ("km", "km"), ("meter", "metre")),
        *(("bananas", "km"), ("", ""), ("年", "日"), ("month", "days"), ("ポンド", "円"), ("litres", "m")),
    ],
)
def test_what_cannot_be_converted_gives_nothing(unit: str, to: str):
    assert convert(Fraction(1), unit, to) is None


def test_nothing_is_colder_than_can_be():
    assert convert(Fraction(-274), "c", "f") is None
    assert convert(Fraction("-273.15"), "c", "kelvin") is not None


@pytest.mark.parametrize(
    ("name", "amount", "en", "ja"),
    [
        ("mile", "1", "1 mile", "1マイル"),
        ("mile", "0.5", "0.5 miles", "0.5マイル"),
        ("foot", "5.9055118", "about 5.91 feet", "約5.91フィート"),
        ("c", "-5", "minus 5 degrees Celsius", "摂氏マイナス5度"),
        ("c", "37.77777", "about 37.78 degrees Celsius", "摂氏約37.78度"),
        ("大さじ", "2", "2 Japanese tablespoons", "大さじ2杯"),
        ("km/h", "100", "100 kilometres per hour", "時速100キロ"),
    ],
)
def test_an_amount_is_said_in_both_languages(name: str, amount: str, en: str, ja: str):
    unit = named(name)[0]
    assert unit.amount(Fraction(amount), "en") == en
    assert unit.amount(Fraction(amount), "ja") == ja


def test_a_mat_is_only_about_so_large():
    found = convert(Fraction(6), "畳", "平米")
    assert found is not None
    assert not found.exact
    assert found.to.amount(found.value, "ja", exact=found.exact) == "約9.72平方メートル"
