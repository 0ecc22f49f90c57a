"""Converts between units of everyday life, Western and Japanese, with exact factors.

Sources: the SI Brochure and NIST SP 811 (appendix B) for international and US customary units (yard 0.9144 m, pound
453.59237 g, US gallon 231 cubic inches, nautical mile 1852 m, light-year 365.25 days of light); IEC 80000-13 for KiB
and its kin; Japan's weights and measures law of 1891 for 尺 (10/33 m), 里 (12,960 尺), 坪 (36 square 尺), 升 (64,827
cubic 分) and 貫 (3.75 kg); the fair competition code for advertising real estate for 畳 (1.62 m² at least, so "about").

There is no money among them: its rates change by the minute. Months and years have no fixed length.
"""

import re
import unicodedata
from fractions import Fraction
from typing import Final

import msgspec

from vtuber.core.figures import said
from vtuber.events import Language


class Unit(msgspec.Struct, frozen=True):
    """A unit: so many of its kind's base unit (m, g, K, l, m², m/s, s, byte), and what it is called.

    The Japanese name holds {} where the number stands, if it is not in front.
    """

    kind: str
    factor: Fraction
    one: str
    many: str
    ja: str
    zero: Fraction = Fraction(0)  # base units at its own zero: for temperatures
    exact: bool = True

    def amount(self, value: Fraction, language: Language, *, exact: bool = True) -> str:
        """Say so many of it."""
        number = said(value, language, exact=exact)
        if language == "en":
            return f"{number} {self.one if number == '1' else self.many}"
        return self.ja.format(number) if "{}" in self.ja else f"{number}{self.ja}"


class Conversion(msgspec.Struct, frozen=True):
    """So much of one unit in another."""

    value: Fraction
    unit: Unit
    to: Unit

    @property
    def exact(self) -> bool:
        """Whether the value is right to its last digit."""
        return self.unit.exact and self.to.exact


_ROWS: Final[tuple[tuple[str, str, str], ...]] = (
    # kind and factor; one, many, Japanese; other names
    ("length 1/1000", "millimetre millimetres ミリメートル", "mm ミリ"),
    ("length 1/100", "centimetre centimetres センチメートル", "cm センチ"),
    ("length 1", "metre metres メートル", "m メーター"),
    ("length 1000", "kilometre kilometres キロメートル", "km kms キロ k"),
    ("length 0.0254", "inch inches インチ", 'in in. " ″'),
    ("length 0.3048", "foot feet フィート", "ft ft. ' ′ foots フット"),
    ("length 0.9144", "yard yards ヤード", "yd yds"),
    ("length 1609.344", "mile miles マイル", "mi"),
    ("length 1852", "nautical_mile nautical_miles 海里", "nmi nm"),
    ("length 9460730472580800", "light-year light-years 光年", "ly lightyear lightyears light_year light_years"),
    ("length 1/33", "sun sun 寸", ""),
    ("length 10/33", "shaku shaku 尺", ""),
    ("length 20/11", "ken ken 間", ""),
    ("length 43200/11", "ri ri 里", ""),
    ("mass 1/1000", "milligram milligrams ミリグラム", "mg ミリ"),
    ("mass 1", "gram grams グラム", "g"),
    ("mass 1000", "kilogram kilograms キログラム", "kg kgs kilo kilos キロ"),
    ("mass 1000000", "tonne tonnes トン", "t metric_ton metric_tons"),
    ("mass 28.349523125", "ounce ounces オンス", "oz"),
    ("mass 453.59237", "pound pounds ポンド", "lb lbs"),
    ("mass 6350.29318", "stone stone ストーン", "stones st"),
    ("mass 3.75", "momme momme 匁", "もんめ"),
    ("mass 600", "kin kin 斤", ""),
    ("mass 3750", "kan kan 貫", ""),
    ("temperature 1 273.15", "degree_Celsius degrees_Celsius 摂氏{}度", "c °c celsius degrees_c deg_c centigrade 摂氏"),
    (
        "temperature 5/9 45967/180",
        "degree_Fahrenheit degrees_Fahrenheit 華氏{}度",
        "f °f fahrenheit degrees_f deg_f 華氏",
    ),
    ("temperature 1", "kelvin kelvin ケルビン", "kelvins k"),
    ("volume 1/1000", "millilitre millilitres ミリリットル", "ml cc ミリ シーシー"),
    ("volume 1/10", "decilitre decilitres デシリットル", "dl"),
    ("volume 1", "litre litres リットル", "l ℓ"),
    ("volume 1000", "cubic_metre cubic_metres 立方メートル", "m3 立米"),
    ("volume 0.00492892159375", "US_teaspoon US_teaspoons 米国ティースプーン", "tsp teaspoon teaspoons"),
    ("volume 0.01478676478125", "US_tablespoon US_tablespoons 米国テーブルスプーン", "tbsp tablespoon tablespoons"),
    ("volume 0.0295735295625", "US_fluid_ounce US_fluid_ounces 米国液量オンス", "fl_oz floz fluid_ounce fluid_ounces"),
    ("volume 0.2365882365", "US_cup US_cups 米国カップ", "cup cups"),
    ("volume 0.473176473", "US_pint US_pints 米国パイント", "pint pints パイント"),
    ("volume 0.946352946", "US_quart US_quarts 米国クォート", "quart quarts qt クォート"),
    ("volume 3.785411784", "US_gallon US_gallons 米国ガロン", "gallon gallons gal gals ガロン"),
    ("volume 0.005", "Japanese_teaspoon Japanese_teaspoons 小さじ{}杯", "小さじ 小匙"),
    ("volume 0.015", "Japanese_tablespoon Japanese_tablespoons 大さじ{}杯", "大さじ 大匙"),
    ("volume 2401/13310", "go go 合", ""),
    ("volume 2401/1331", "sho sho 升", ""),
    ("volume 24010/1331", "to to 斗", ""),
    ("area 1/10000", "square_centimetre square_centimetres 平方センチメートル", "cm2 sq_cm 平方センチ"),
    ("area 1", "square_metre square_metres 平方メートル", "m2 sqm sq_m 平米 へいべい"),
    ("area 100", "are ares アール", ""),
    ("area 10000", "hectare hectares ヘクタール", "ha"),
    ("area 1000000", "square_kilometre square_kilometres 平方キロメートル", "km2 sq_km 平方キロ"),
    ("area 0.09290304", "square_foot square_feet 平方フィート", "sqft sq_ft ft2"),
    ("area 4046.8564224", "acre acres エーカー", ""),
    ("area 2589988.110336", "square_mile square_miles 平方マイル", "sq_mi"),
    ("area 400/121", "tsubo tsubo 坪", ""),
    ("area 1.62 about", "tatami_mat tatami_mats 畳", "tatami tatamis jo 帖 じょう"),
    ("area 120000/121", "tan tan 反", ""),
    ("speed 1", "metre_per_second metres_per_second 秒速{}メートル", "m/s mps"),
    ("speed 5/18", "kilometre_per_hour kilometres_per_hour 時速{}キロ", "km/h kmh kph kmph 時速キロメートル 時速km"),
    ("speed 0.44704", "mile_per_hour miles_per_hour 時速{}マイル", "mph"),
    ("speed 463/900", "knot knots ノット", "kn kt kts"),
    ("time 1/1000", "millisecond milliseconds ミリ秒", "ms"),
    ("time 1", "second seconds 秒", "s sec secs"),
    ("time 60", "minute minutes 分", "min mins"),
    ("time 3600", "hour hours 時間", "h hr hrs"),
    ("time 86400", "day days 日", "日間"),
    ("time 604800", "week weeks 週間", "wk wks"),
    ("data 1/8", "bit bits ビット", ""),
    ("data 1", "byte bytes バイト", ""),
    ("data 1000", "kilobyte kilobytes キロバイト", "kb"),
    ("data 1000000", "megabyte megabytes メガバイト", "mb メガ"),
    ("data 1000000000", "gigabyte gigabytes ギガバイト", "gb gigs ギガ"),
    ("data 1000000000000", "terabyte terabytes テラバイト", "tb テラ"),
    ("data 125000", "megabit megabits メガビット", "mbit mbits"),
    ("data 125000000", "gigabit gigabits ギガビット", "gbit gbits"),
    ("data 1024", "kibibyte kibibytes キビバイト", "kib"),
    ("data 1048576", "mebibyte mebibytes メビバイト", "mib"),
    ("data 1073741824", "gibibyte gibibytes ギビバイト", "gib"),
    ("data 1099511627776", "tebibyte tebibytes テビバイト", "tib"),
)


def convert(amount: Fraction, unit: str, to: str) -> Conversion | None:
    """Convert between two units by any of their names; None if one is unknown or they are of different kinds.

    A name may mean several units (キロ is a length and a mass): those that belong together are taken.
    """
    for first in named(unit):
        for second in named(to):
            if first.kind == second.kind and first != second:
                base = amount * first.factor + first.zero
                if first.kind == "temperature" and base < 0:
                    return None  # colder than cold can be
                return Conversion((base - second.zero) / second.factor, first, second)
    return None


def named(name: str) -> tuple[Unit, ...]:
    """Give the units that have this name, the usual one first."""
    return _NAMED.get(_folded(name), ())


def names() -> frozenset[str]:
    """Give every name in lower case, without blanks."""
    return frozenset(_NAMED)


def _folded(name: str) -> str:
    return re.sub(r"[\s_]", "", unicodedata.normalize("NFKC", name).casefold())


def _read() -> dict[str, tuple[Unit, ...]]:
    found: dict[str, tuple[Unit, ...]] = {}
    for quantity, spoken, others in _ROWS:
        kind, factor, *more = quantity.split()
        one, many, ja = (name.replace("_", " ") for name in spoken.split())
        zero = Fraction(more[0]) if more and more != ["about"] else Fraction(0)
        unit = Unit(kind, Fraction(factor), one, many, ja, zero, exact=more != ["about"])
        american = [name.replace("metre", "meter").replace("litre", "liter") for name in (one, many)]
        for name in {_folded(each) for each in (one, many, ja.replace("{}", ""), *american, *others.split())}:
            found[name] = (*found.get(name, ()), unit)
    return found


_NAMED: Final = _read()
