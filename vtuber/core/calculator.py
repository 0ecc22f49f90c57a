"""Works out arithmetic as people write it, exactly, in bounded time, and without ever running it as code."""

from collections.abc import Callable
from decimal import Context, Decimal, DecimalException, DivisionByZero, InvalidOperation, Overflow
from fractions import Fraction
from math import floor, isqrt
from typing import Final, Literal, TypeAlias

import msgspec

from vtuber.core.arithmetic import Token, tokens

Fault: TypeAlias = Literal["", "unreadable", "zero", "too_big", "no_number"]

_BITS: Final = 1024  # of a numerator or denominator: about 300 digits
_DEEPEST: Final = 20  # brackets and signs within each other
_ROUND: Final = 20  # decimals of round() at most
_INEXACT: Final = Context(prec=40, Emax=300, Emin=-250, traps=[InvalidOperation, DivisionByZero, Overflow])
_CONSTANTS: Final = {
    "pi": Fraction("3.141592653589793238462643383279502884197"),
    "e": Fraction("2.718281828459045235360287471352662497757"),
}


class Result(msgspec.Struct, frozen=True):
    """What came out: a value, or why there is none."""

    value: Fraction = Fraction(0)
    exact: bool = True
    fault: Fault = ""


class _Stop(Exception):
    """No value can come out any more."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault: Fault = fault


class _Number(msgspec.Struct, frozen=True):
    value: Fraction
    exact: bool = True
    percent: bool = False


def calculate(expression: str) -> Result:
    """Work out an expression of at most 100 characters; never raises.

    Known are + - * / // % ** in every usual spelling and in English and Japanese words, brackets, percentages, sqrt,
    abs, round, min, max, pi and e. Added to or taken from a number, a percentage is of that number (200 + 10% is 220).
    """
    read = tokens(expression)
    if not read:
        return Result(fault="unreadable")
    try:
        parser = _Parser(read)
        number = parser.sum()
        if parser.peek.kind != "end":
            return Result(fault="unreadable")
    except _Stop as stop:
        return Result(fault=stop.fault)
    return Result(number.value, number.exact)


class _Parser:
    """Reads tokens by the usual precedence and works them out on the way: every token is read once."""

    def __init__(self, read: tuple[Token, ...]) -> None:
        self._tokens = (*read, Token("end"))
        self._at = 0
        self._depth = 0

    @property
    def peek(self) -> Token:
        return self._tokens[self._at]

    def _taken(self, *texts: str) -> str:
        token = self.peek
        if token.kind == "mark" and token.text in texts:
            self._at += 1
            return token.text
        return ""

    def sum(self) -> _Number:
        left = self._product()
        while mark := self._taken("+", "-"):
            right = self._product()
            share = left.value * right.value if right.percent and not left.percent else right.value
            value = left.value + share if mark == "+" else left.value - share
            left = _sized(value, exact=left.exact and right.exact, percent=left.percent and right.percent)
        return left

    def _product(self) -> _Number:
        left = self._signed()
        while mark := self._taken("*", "of", "/", "//", "mod", "off"):
            right = self._signed()
            if (mark == "of" and not left.percent and not right.percent) or (mark == "off" and not right.percent):
                raise _Stop("unreadable")  # 3 of 4 are no 12, and 5 off 20 has no percentage
            left = _combined(mark, left, right)
        return left

    def _signed(self) -> _Number:
        """Read signs before a power: -2**2 is -4."""
        if not (mark := self._taken("+", "-")):
            return self._power()
        if mark == "-" and "root" in {token.text for token in self._tokens[self._at + 1 : self._at + 2]}:
            raise _Stop("no_number")  # -4の平方根 is of -4
        with_sign = self._deeper(self._signed)
        return msgspec.structs.replace(with_sign, value=-with_sign.value) if mark == "-" else with_sign

    def _power(self) -> _Number:
        base = self._postfixed()
        return _power(base, self._deeper(self._signed)) if self._taken("**") else base

    def _postfixed(self) -> _Number:
        number = self._atom()
        while mark := self._taken("percent", "squared", "cubed", "root"):
            if mark == "percent":
                number = _sized(number.value / 100, exact=number.exact, percent=True)
            else:
                number = _root(number) if mark == "root" else _power(number, _Number(Fraction(2 + (mark == "cubed"))))
        return number

    def _atom(self) -> _Number:
        token = self.peek
        self._at += 1
        if token.kind == "number":
            return _sized(Fraction(token.text), exact=True)
        if token.text in _CONSTANTS:
            return _Number(_CONSTANTS[token.text], exact=False)
        if token.text == "(":
            inside = self._deeper(self.sum)
            self._closed()
            return msgspec.structs.replace(inside, percent=False)
        if token.text == "sqrt":
            return _root(self._deeper(self._atom))
        if token.kind == "name" and self._taken("("):
            return self._function(token.text)
        raise _Stop("unreadable")

    def _function(self, name: str) -> _Number:
        given = [self._deeper(self.sum)]
        while self._taken(","):
            given.append(self._deeper(self.sum))
        self._closed()
        values = [number.value for number in given]
        exact = all(number.exact for number in given)
        if name == "abs" and len(values) == 1:
            return _Number(abs(values[0]), exact)
        if name in {"min", "max"}:
            return _Number(min(values) if name == "min" else max(values), exact)
        if name == "round" and len(values) <= 2:  # noqa: PLR2004 - the number, and how many decimals
            return _rounded(values[0], values[1] if values[1:] else Fraction(0))
        raise _Stop("unreadable")

    def _closed(self) -> None:
        if not self._taken(")"):
            raise _Stop("unreadable")

    def _deeper(self, read: Callable[[], _Number]) -> _Number:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _Stop("too_big")
        number = read()
        self._depth -= 1
        return number


def _sized(value: Fraction, *, exact: bool, percent: bool = False) -> _Number:
    """Give a value that is not too long to go on with; one that is not exact anyway is kept to 40 digits."""
    if not exact:
        return _Number(Fraction(_decimal(value)), exact=False, percent=percent)
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > _BITS:
        raise _Stop("too_big")
    return _Number(value, percent=percent)


def _combined(mark: str, left: _Number, right: _Number) -> _Number:
    if mark in {"/", "//", "mod"} and not right.value:
        raise _Stop("zero")
    match mark:
        case "/":
            value = left.value / right.value
        case "//":
            value = Fraction(floor(left.value / right.value))
        case "mod":
            value = left.value % right.value
        case "off":
            value = left.value * (1 - right.value)
        case _:
            value = left.value * right.value
    return _sized(value, exact=left.exact and right.exact)


def _power(base: _Number, exponent: _Number) -> _Number:
    if not base.value and exponent.value < 0:
        raise _Stop("zero")
    if exponent.value == Fraction(1, 2):
        return _root(base)
    if base.exact and exponent.exact and exponent.value.denominator == 1:
        longest = max(base.value.numerator.bit_length(), base.value.denominator.bit_length())
        if (longest - 1) * abs(exponent.value) > _BITS:
            raise _Stop("too_big")
        return _sized(base.value**exponent.value.numerator, exact=True)
    try:
        value = _INEXACT.power(_decimal(base.value), _decimal(exponent.value))
    except Overflow:
        raise _Stop("too_big") from None
    except DecimalException:
        raise _Stop("no_number") from None  # a negative number to a power with decimals
    return _Number(Fraction(value), exact=False)


def _root(number: _Number) -> _Number:
    if number.value < 0:
        raise _Stop("no_number")
    above, below = isqrt(number.value.numerator), isqrt(number.value.denominator)
    if number.exact and Fraction(above, below) ** 2 == number.value:
        return _Number(Fraction(above, below))
    return _Number(Fraction(_INEXACT.sqrt(_decimal(number.value))), exact=False)


def _rounded(value: Fraction, places: Fraction) -> _Number:
    """Round half away from zero, as taught at school."""
    if places.denominator != 1 or abs(places) > _ROUND:
        raise _Stop("unreadable")
    scale = Fraction(10) ** places.numerator
    nearest = floor(abs(value) * scale + Fraction(1, 2)) / scale
    return _sized(-nearest if value < 0 else nearest, exact=True)


def _decimal(value: Fraction) -> Decimal:
    try:
        return _INEXACT.divide(Decimal(value.numerator), Decimal(value.denominator))
    except Overflow:
        raise _Stop("too_big") from None
