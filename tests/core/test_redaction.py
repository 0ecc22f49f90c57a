"""Secrets and personal data do not reach the record; other words and numbers do."""

import json
import os
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtuber.core.redaction import MARK, redact

SAMPLES = os.environ.get("VTUBER_SAMPLES", "")


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("メールは taro.yamada@mail.example です", "taro.yamada@mail.example"),
        ("電話は090-1234-5678だよ", "090-1234-5678"),
        ("call +81 90 1234 5678 now", "90 1234 5678"),
        ("call (555) 010-4477", "010-4477"),
        ("０９０－１２３４－５６７８", "１２３４"),
        ("card 4111 1111 1111 1111.", "4111 1111 1111 1111"),
        ("card 4111111111111111", "4111111111111111"),
        ("マイナンバーは1234 5678 9012", "1234 5678 9012"),
        ("番号 1234-5678-9012 です", "5678"),
        ("１２３４　５６７８　９０１２", "５６７８"),
        ("マイナンバー：２０１９１２３１１２３４", "２０１９"),  # it looks like a date
        ("マイナンバーは2019 1231 1234", "1231"),
        ("個人番号123456789012", "123456789012"),
        ("my number is 2019 1231 1234", "1231"),
        ("201912311231", "201912311231"),  # its last digit is the check digit of the others
        ("key ghp_" + "Ab1" * 12, "Ab1Ab1"),
        ("sk-proj-" + "Zz9" * 8, "Zz9Zz9"),
        ("Bearer abcdef1234567890xyz", "abcdef1234567890xyz"),
        ("https://user:hunter2@host.example/x", "hunter2"),
        ("password: hunter2, ok", "hunter2"),
        ("my password is hunter2", "hunter2"),
        ("パスワードはabc123だよ", "abc123"),
        ("api_key=abcdefgh", "abcdefgh"),
        ("stream key abcd-1234-efgh-5678-ijkl", "1234-efgh"),
        ("eyJhbGciOiJI.eyJzdWIiOiIx.SflKxwRJSM", "eyJzdWIiOiIx"),
        ("0123456789abcdef0123456789abcdef", "89abcdef"),
        ("0123456789ABCDEF0123456789ABCDEF", "89ABCDEF"),
        ("MTA1NzQ0MDk2NTQ4MTk2MzUyMA.GhJkLm.abcdefghijklmnopqrstuvwxyzABCDEF0123456", "abcdefghijkl"),
        ("123456789:AAAbbbCCCdddEEEfffGGGhhhIIIjjjKKKll", "CCCdddEEEfff"),
        ("the_AKIAIOSFODNN7EXAMPLE_key", "IOSFODNN7"),
        ("090・1234・5678", "1234"),
        ("電話は〇九〇の一二三四の五六七八だよ", "一二三四"),
        ("マイナンバーは一二三四五六七八九〇一八", "五六七八"),
        ("1234・5678・9018", "5678"),
    ],
)
def test_a_secret_is_marked_out(text: str, secret: str):
    assert secret in text
    assert secret not in redact(text)
    assert MARK in redact(text)


@pytest.mark.parametrize(
    "text",
    [
        "The viewer has 123456 points since 2026-11-22 12:30.",
        "It began at 201912311234.",
        "マイナンバーカードは持ってる？",
        "I count 1 2 3 4 5 6 7 8 9 10 11 and 10 20 30 40 50.",
        "pi is 3.14159265358979",
        "合計1500000円だよ",
        "The secret is that I like cats; the token count is low.",
        "HP 100/200, level 42",
        "合言葉は一つだけ。一、二、三、四、五、六、七、八、九と数える。",
        "二〇二六年一一月二八日の話。",
        "sixteen.letters.and_more_of_them-but-no-key",
        "",
    ],
)
def test_other_words_and_numbers_stay(text: str):
    assert redact(text) == text


SECRETS = [
    *("taro.yamada@mail.example", "090-1234-5678", "+81 90 1234 5678", "4111 1111 1111 1111", "1234-5678-9018"),
    *("ghp_" + "Ab1" * 12, "sk-proj-" + "Zz9" * 8, "AKIAIOSFODNN7EXAMPLE", "Bearer abcdef1234567890xyz"),
    *("eyJhbGciOiJI.eyJzdWIiOiIx.SflKxwRJSM", "0123456789abcdef" * 2, "abcd-1234-efgh-5678-ijkl"),
]
WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


@pytest.mark.parametrize("secret", SECRETS)
@given(st.data())
def test_nor_does_it_pass_in_full_width_or_with_characters_that_nobody_sees(secret: str, data: st.DataObject):
    text = secret.translate(WIDE) if data.draw(st.booleans()) else secret
    for place in data.draw(st.lists(st.integers(1, len(secret) - 1), max_size=4)):
        text = text[:place] + data.draw(st.sampled_from("\u200b\u00ad\u2060\ufeff\u200d")) + text[place:]
    assert redact(f"so 「{text}」 then") == f"so 「{MARK}」 then"


@given(st.text(max_size=200))
def test_redacting_takes_any_text_and_redacting_again_changes_nothing(text: str):
    once = redact(text)
    assert redact(once) == once


@pytest.mark.parametrize(
    ("text", "own", "clean"),
    [
        ("Ask Hanako Mori at noon.", ["hanako mori"], f"Ask {MARK} at noon."),
        ("HANAKO\n  MORI and ｈａｎａｋｏ　ｍｏｒｉ", ["Hanako Mori"], f"{MARK} and {MARK}"),
        ("森花\n子さんのﾊﾅｺ", ["森花子", "ハナコ"], f"{MARK}さんの{MARK}"),
        ("ガーデンとｶﾞｰﾃﾞﾝと\u30ab\u3099ーデン", ["ガーデン"], f"{MARK}と{MARK}と{MARK}"),
        ("mill, millstream", ["mill", "millstream"], f"{MARK}, {MARK}"),
        ("mi\u200bll", ["mill"], MARK),
        (f"a {MARK} act", ["act"], f"a {MARK} {MARK}"),
        ("Straße 5", ["STRASSE"], f"{MARK} 5"),
        ("nothing of it", ["", "  ", "mill"], "nothing of it"),
    ],
)
def test_the_operators_own_words_are_marked_out_wherever_they_stand(text: str, own: list[str], clean: str):
    assert redact(text, own) == clean


def squashed(text: str) -> str:
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return "".join(char for char in folded if not char.isspace() and unicodedata.category(char) != "Cf")


WORDS = st.lists(st.text(alphabet="abcABＣ はなハナﾊﾅがｶﾞß 花子\n", min_size=1, max_size=5), max_size=4)


@given(WORDS, st.lists(st.text(alphabet="abcABＣ はなハナﾊﾅがｶﾞß 花子\n.", max_size=12), max_size=5), st.data())
def test_nothing_listed_survives_and_marking_out_again_changes_nothing(
    own: list[str], parts: list[str], data: st.DataObject
):
    words = [*own, *(word.upper() for word in own), *(" ".join(word) for word in own), MARK]
    text = "".join(data.draw(st.permutations([*parts, *words])))
    once = redact(text, own)
    rest = [squashed(part) for part in once.split(MARK)]
    assert not [word for word in own if squashed(word) and any(squashed(word) in part for part in rest)]
    assert redact(once, own) == once


@given(st.text(max_size=60), st.lists(st.text(max_size=4), max_size=3))
def test_any_text_and_any_list_are_taken(text: str, own: list[str]):
    once = redact(text, own)
    assert redact(once, own) == once


@pytest.mark.skipif(not SAMPLES, reason="VTUBER_SAMPLES does not point to the sample data")
def test_recorded_personal_data_and_canaries_are_marked_out():
    path = Path(SAMPLES) / "attacks" / "attacks.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    private = [row["text"] for row in rows if row["cat"] in {"pii", "secret_canary"}]
    assert private
    assert all(MARK in redact(text) for text in private)


@pytest.mark.parametrize("piece", ["-", "a-", "A1-", "+", "a.b", "eyJ-", " "])
def test_hostile_text_costs_no_more_than_its_length(piece: str):
    """A quadratic reader would need minutes for these, and the test's time limit would end it."""
    redact("my number" + piece * (128 * 1024))


def test_a_long_secret_is_marked_out_from_its_beginning():
    mail, token = "a" * 300 + "@mail.example", f"eyJ{'a1' * 400}.{'b2' * 4000}.{'c3' * 400}"
    assert redact(f"so {mail} and {token} then") == f"so {MARK} and {MARK} then"
