"""Amounts, stamps and ids mean the same in every log, and what a log holds is counted rightly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtuber.core.chatlog import Entry, Inspection, event_id, hashed_id, inspect, money, stamp, whole
from vtuber.events import Chat, Money, Notice, Retract, Skipped, System


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("CZK 20.00", "20.00", "CZK"),
        ("¥5,000", "5000", "JPY"),
        ("￥500", "500", "JPY"),
        ("$10.00", "10.00", "USD"),
        ("CA$5.00", "5.00", "CAD"),
        ("NT$1,075.00", "1075.00", "TWD"),
        ("R$ 1.234,50", "1234.50", "BRL"),
        ("5,00 €", "5.00", "EUR"),
        ("₫20.000", "20000", "VND"),
        ("1 000,00 RUB", "1000.00", "RUB"),
        ("CHF 1'000.00", "1000.00", "CHF"),
        ("INR 1,00,000.00", "100000.00", "INR"),
        ("1,234円", "1234", "JPY"),
        ("20 kr", "20", "kr"),
    ],
)
def test_amounts_are_read_as_people_write_them(text: str, amount: str, currency: str):
    assert money(text) == Money(amount, currency)


def test_text_without_a_number_is_no_amount():
    assert money("thank you") is None


@given(st.integers(0, 10**12), st.integers(0, 99), st.sampled_from([",.", ".,"]))
def test_an_amount_keeps_its_value_in_either_way_of_writing(units: int, cents: int, marks: str):
    thousands, decimal = marks
    written = f"{units:,}".replace(",", thousands) + f"{decimal}{cents:02}"
    assert money(f"EUR {written}") == Money(f"{units}.{cents:02}", "EUR")


@given(st.text())
def test_no_text_breaks_the_reading_of_an_amount(text: str):
    found = money(text)
    assert found is None or float(found.amount) >= 0


@given(st.integers(0, 10**18 - 1))
def test_a_whole_number_is_read_from_text_and_from_a_number(number: int):
    assert whole(str(number)) == whole(number) == number


@pytest.mark.parametrize("value", ["", "-1", "1.5", "²", "٣", "9" * 5000, 10**18, -1, True, None, [], 1.0])
def test_anything_else_is_no_whole_number(value: object):
    assert whole(value) is None


def test_a_stamp_beyond_the_calendar_is_none():
    assert [stamp(value) for value in (None, 0, -5, 1, 253_402_300_800_000)] == [None, None, None, 1, None]


def test_an_id_names_the_platform_the_channel_and_the_platforms_own_id():
    assert event_id("twitch", "mika", "m1") == "twitch:mika:m1"


def test_a_hashed_id_tells_apart_what_differs_in_anything():
    ways = [
        ("a:b", 1, "x", "y"),
        ("a:c", 1, "x", "y"),
        ("a:b", 2, "x", "y"),
        ("a:b", 1, "xy", ""),
        ("a:b", 1, "x", "z"),
    ]
    assert len({hashed_id(*way) for way in ways}) == len(ways)
    assert hashed_id("a:b", 1, "x", "y").startswith("a:b:~")


def test_what_a_log_holds_is_counted_by_kind_with_the_first_lines_of_what_was_skipped():
    heard = (
        Chat(id="1", at_ms=0, platform="t"),
        Chat(id="2", at_ms=0, platform="t", money=Money("5", "bits")),
        Chat(id="3", at_ms=0, platform="t", form="paid", money=Money("5", "USD")),
        Notice(id="4", at_ms=0, platform="t", notice="raid"),
        System(id="5", at_ms=0, platform="t"),
        Retract(id="6", at_ms=0, everything=True),
    )
    skipped = [Entry(line, None, (Skipped(id=str(line), at_ms=0, reason="ticker", line=line),)) for line in (4, 5, 6)]
    entries = [Entry(1, 5000, heard[:2]), Entry(2, 3000, heard[2:4]), Entry(3, 6400, heard[4:]), *skipped]
    assert inspect("twitch-irc", entries, lines_shown=2) == Inspection(
        format="twitch-irc",
        span_s=3,
        events={"chat": 2, "paid": 1, "notice": 1, "system": 1},
        retractions=1,
        skipped={"ticker": 3},
        skipped_lines={"ticker": (4, 5)},
    )


def test_a_log_without_stamps_has_no_length():
    assert inspect("journal", [Entry(1, None, ())]).span_s == 0
