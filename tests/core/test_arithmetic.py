"""Every usual way to write arithmetic is read the same, and a short one is said as people say it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtuber.core.arithmetic import LONGEST, aloud, currency, tokens


def read(expression: str) -> str:
    return " ".join(token.text for token in tokens(expression))


@pytest.mark.parametrize(
    "expression",
    [
        *("17*23", "17 × 23", "１７×２３", "１７＊２３", "17x23", "17 x 23", "17 times 23", "17 multiplied by 23"),
        *("17かける23", "17掛ける23", "十七かける二十三", "seventeen times twenty-three", "17✖23", "17 TIMES 23"),
    ],
)
def test_a_product_is_read_in_every_spelling(expression: str):
    assert read(expression) == "17 * 23"


@pytest.mark.parametrize(
    ("expression", "marks"),
    [
        ("100÷7", "100 / 7"),
        ("100割る7", "100 / 7"),
        ("100 divided by 7", "100 / 7"),
        ("5−3", "5 - 3"),
        ("5－3", "5 - 3"),
        ("5ひく3", "5 - 3"),
        ("5 minus 3", "5 - 3"),
        ("5 plus 3", "5 + 3"),
        ("５＋３", "5 + 3"),
        ("5たす3", "5 + 3"),
        ("（5＋3）×2", "( 5 + 3 ) * 2"),
        ("2^10", "2 ** 10"),
        ("2の10乗", "2 ** 10"),
        ("2の二乗", "2 squared"),
        ("5²", "5 ** 2"),
        ("2¹⁰+1", "2 ** 10 + 1"),
        ("5 squared", "5 squared"),
        ("√2", "sqrt 2"),
        ("the square root of 2", "sqrt 2"),
        ("2の平方根", "2 root"),
        ("1,234,567+1", "1234567 + 1"),
        ("max(1,200)", "max ( 1 , 200 )"),
        ("7%3", "7 mod 3"),
        ("7 mod 3", "7 mod 3"),
        ("15% of 80", "15 percent of 80"),
        ("15 per cent of 80", "15 percent of 80"),
        ("80の15%", "80 of 15 percent"),
        ("８０の１５％", "80 of 15 percent"),
        ("80の15パーセント", "80 of 15 percent"),
        ("1200円の8%引き", "1200 off 8 percent"),
        ("1,200円の8%オフ", "1200 off 8 percent"),
        ("2980円の3割引", "2980 off 30 percent"),
        ("500の3割", "500 of 30 percent"),
        ("20% off $50", "50 off 20 percent"),
        ("80の半分", "80 / 2"),
        ("half of 80", "50 percent of 80"),
        ("120の1.5倍", "120 * 1.5"),
        ("3万×2", "30000 * 2"),
        ("1e5 + 1", "1e5 + 1"),
    ],
)
def test_other_forms_are_read(expression: str, marks: str):
    assert read(expression) == marks


@pytest.mark.parametrize(
    "expression",
    [
        *(
            "",
            " ",
            "hello",
            "x+1",
            "1_000",
            "0x10",
            "5!",
            "1.5.2",
            "__import__('os')",
            "a=1",
            "lambda: 1",
            "1;2",
            "[1]",
        ),
        *("log₂8", "5₂", "½", "1½"),
        *("print(1)", "2e", "1j", "0b1 + a", "1 if 1 else 2", "💥", "1" * (LONGEST + 1), "㍿" * 40, "\x00", "1\n;2"),
    ],
)
def test_what_is_no_arithmetic_gives_no_tokens(expression: str):
    assert tokens(expression) == ()


@given(st.text(max_size=150))
def test_whatever_is_written_is_read_without_an_error_and_never_longer_than_it_may_be(expression: str):
    assert len(tokens(expression)) <= 3 * LONGEST


@pytest.mark.parametrize(
    ("expression", "en", "ja"),
    [
        ("17*23", "17 times 23", "17かける23"),
        ("1+2-3", "1 plus 2 minus 3", "1足す2引く3"),
        ("-5 + 3", "minus 5 plus 3", "マイナス5足す3"),
        ("15% of 80", "15 percent of 80", "80の15パーセント"),
        ("80の15%", "15 percent of 80", "80の15パーセント"),
        ("1200円の8%引き", "8 percent off 1200", "1200の8パーセント引き"),
        ("√144", "the square root of 144", "ルート144"),
        ("144の平方根", "the square root of 144", "144の平方根"),
        ("2^10", "2 to the power of 10", "2の10乗"),
        ("5 squared", "5 squared", "5の2乗"),
        ("(1+2)*3", "", ""),
        ("max(1, 2)", "", ""),
        ("1+2+3+4+5", "", ""),
        ("1234567890123+1", "", ""),
        ("1e5+1", "", ""),
    ],
)
def test_what_can_be_followed_by_ear_is_said(expression: str, en: str, ja: str):
    assert aloud(tokens(expression), "en") == en
    assert aloud(tokens(expression), "ja") == ja


@pytest.mark.parametrize(
    ("expression", "money"),
    [
        ("1200円の8%引き", "円"),
        ("300円+500円", "円"),
        ("￥300×3", "円"),
        ("$5 + $3", "ドル"),
        ("1000円÷200円", ""),
        ("$5 + 3円", ""),
        ("300*3", ""),
    ],
)
def test_the_money_of_a_result_is_known_where_it_is_certain(expression: str, money: str):
    assert currency(expression, "ja") == money
