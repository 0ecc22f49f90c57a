"""Arithmetic is exact, never raises, and takes no longer for a wicked expression than for a plain one."""

import operator
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtuber.core.arithmetic import LONGEST
from vtuber.core.calculator import calculate


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("17*23", "391"),
        ("0.1+0.2", "0.3"),
        ("1/3", "1/3"),
        ("2+3*4", "14"),
        ("(2+3)*4", "20"),
        ("-2**2", "-4"),
        ("2**-1", "1/2"),
        ("2**3**2", "512"),
        ("7//2", "3"),
        ("-7//2", "-4"),
        ("7%3", "1"),
        ("--5", "5"),
        ("15% of 80", "12"),
        ("80の15%", "12"),
        ("1200円の8%引き", "1104"),
        ("2980円の3割引", "2086"),
        ("200+10%", "220"),
        ("200-10%", "180"),
        ("10%+5%", "0.15"),
        ("(10%)+5", "5.1"),
        ("20% off $50", "40"),
        ("144の平方根", "12"),
        ("√144", "12"),
        ("√0.25", "0.5"),
        ("4**0.5", "2"),
        ("sqrt(4)**3", "8"),
        ("sqrt 4 * 3", "6"),
        ("3²", "9"),
        ("2 cubed", "8"),
        ("abs(-3)", "3"),
        ("max(1, 200, 3)", "200"),
        ("min(1, 2)", "1"),
        ("round(2.5)", "3"),
        ("round(-2.5)", "-3"),
        ("round(3.14159, 2)", "3.14"),
        ("round(1234, -2)", "1200"),
        ("1,234,567 + 1", "1234568"),
        ("十七かける二十三", "391"),
        ("0**0", "1"),
        ("1**999999999", "1"),
    ],
)
def test_it_is_worked_out_exactly(expression: str, value: str):
    result = calculate(expression)
    assert (result.fault, result.exact, result.value) == ("", True, Fraction(value))


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("sqrt(2)", 2**0.5),
        ("2*pi", 6.283185307179586),
        ("e", 2.718281828459045),
        ("2**1.5", 2**1.5),
        ("9**-0.5", 1 / 3),
    ],
)
def test_what_has_no_exact_value_is_close_and_says_so(expression: str, value: float):
    result = calculate(expression)
    assert float(result.value) == pytest.approx(value, rel=1e-15)
    assert result.exact == (expression == "9**-0.5" and result.value == Fraction(1, 3))


@pytest.mark.parametrize(
    ("expression", "fault"),
    [
        *((text, "zero") for text in ("1/0", "5%0", "5//0", "0**-1", "1/(2-2)", "10÷0", "0割る0")),
        *((text, "no_number") for text in ("sqrt(-1)", "(-8)**(1/3)", "√(2-4)", "(0-1)の平方根")),
        *((text, "too_big") for text in ("10**400", "9**9**9", "10**10**10", "1e999", "9**999999", "e**9**9")),
        *((text, "too_big") for text in ("(" * 30 + "1" + ")" * 30, "-" * 60 + "1", "2**-9999", "1.5**99999")),
        *(
            (text, "unreadable")
            for text in ("", "1+", "(", ")", "1 2", "3 of 4", "*2", "max()", "abs(1,2)", "round(1,.5)")
        ),
        *(
            (text, "unreadable")
            for text in ("hello", "x+1", "open('a')", "1,2", "sqrt", "2(3)", "1 = 1", "2 off", "5 off 20")
        ),
    ],
)
def test_what_gives_no_number_says_why(expression: str, fault: str):
    assert calculate(expression).fault == fault


LEAVES = st.one_of(st.integers(0, 10**6).map(str), st.decimals(0, 1000, places=3).map(str))
OPERATIONS = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}


@st.composite
def sums(draw: st.DrawFn, depth: int = 3) -> tuple[str, Fraction | None]:
    """Make a bracketed expression and its value, None where it divides by zero."""
    if depth == 0 or draw(st.integers(0, 3)) == 0:
        leaf = draw(LEAVES)
        return leaf, Fraction(leaf)
    (left, a), (right, b) = draw(sums(depth - 1)), draw(sums(depth - 1))
    mark = draw(st.sampled_from("+-*/"))
    text = f"({left}{mark}{right})"
    if a is None or b is None or (mark == "/" and not b):
        return text, None
    return text, OPERATIONS[mark](a, b)


@given(sums().filter(lambda made: len(made[0]) <= LONGEST))
def test_it_agrees_with_fractions(made: tuple[str, Fraction | None]):
    text, value = made
    result = calculate(text)
    assert result.value == value if value is not None else result.fault == "zero"


@given(st.lists(st.tuples(st.sampled_from("+-*"), st.integers(0, 999)), max_size=8), st.integers(0, 999))
def test_it_keeps_to_the_usual_precedence(rest: list[tuple[str, int]], first: int):
    text = str(first) + "".join(f"{mark}{number}" for mark, number in rest)
    assert calculate(text).value == eval(text)  # noqa: S307 - digits and three marks, made here


WRITTEN = st.lists(
    st.sampled_from(
        [
            *"0123456789+-*/%^().,eE",
            "**",
            "//",
            "sqrt",
            "max(",
            "round(",
            "pi",
            " of ",
            "%",
            "割",
            "の",
            "引き",
            "乗",
            "万",
        ]
    ),
    max_size=60,
).map("".join)


@given(st.one_of(WRITTEN, st.text(max_size=120)))
def test_it_never_raises_and_no_number_grows_beyond_bounds(expression: str):
    result = calculate(expression)
    assert max(result.value.numerator.bit_length(), result.value.denominator.bit_length()) <= 1200


@pytest.mark.parametrize(
    "expression",
    [
        *(
            "9**9**9**9**9**9**9",
            "9" * 100,
            "9" * 49 + "*" + "9" * 49,
            "1e999*1e999",
            "(" * 100,
            "sqrt" * 25,
            "-" * 100,
        ),
        *("99999**200" + "**1" * 29, "1.0000001**" + "9" * 80, "e**e**e**e**e", "7**355%" * 12 + "3", "万" * 100),
        *("2**1023*" * 12 + "2", "0.1**300" + "+0.1**300" * 9, "1**" + "9" * 90, "pi**" * 24 + "pi"),
    ],
)
def test_a_wicked_expression_ends_with_no_number_beyond_bounds(expression: str):
    result = calculate(expression)
    assert max(result.value.numerator.bit_length(), result.value.denominator.bit_length()) <= 1200


def test_a_root_is_of_the_number_with_its_sign():
    assert calculate("-4の平方根").fault == "no_number"
    assert calculate("10 - 4の平方根").value == 8


@pytest.mark.parametrize("expression", ["$5 + ¥100", "100円+5ドル", "5 euros + 3 pounds"])
def test_there_is_no_sum_of_two_kinds_of_money(expression: str):
    assert calculate(expression).fault == "unreadable"
