"""Names and amounts from strangers are said and shown harmlessly."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtuber.core.names import shown_name, spoken_money, spoken_name
from vtuber.events import Money


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("みか", "みかさん"),
        ("みかさん", "みかさん"),
        ("ミケちゃん", "ミケちゃん"),
        ("タロウ先輩", "タロウ先輩"),
        ("ｼﾞｮﾝ君", "ジョン君"),
        ("@bob", "bobさん"),
        ("neko_maru_1998", "neko maruさん"),
        ("z\u200bo\u200de🔥", "zoeさん"),
        ("\x1b[31mRed\x1b[0m", "Redさん"),
        ("𝓜𝓲𝓴𝓪", "Mikaさん"),
        ("🔥🔥", "ニックネームさん"),
        ("12345", "ニックネームさん"),
        ("https://evil.example/x", "ニックネームさん"),
        ("", "ニックネームさん"),
    ],
)
def test_a_name_is_said_plainly_with_one_honorific(name: str, said: str):
    assert spoken_name(name, "ja", honorific="さん") == said


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("みか", "Mika"),
        ("しょっぱいラーメン", "Shoppairamen"),
        ("桜井", "friend"),
        ("quietfox", "quietfox"),
        ("❤", "friend"),
    ],
)
def test_in_english_a_japanese_name_is_romanized_or_a_friend(name: str, said: str):
    assert spoken_name(name, "en") == said


def test_a_reading_of_the_whole_name_is_used():
    assert spoken_name("桜井", "ja", honorific="さん", reading={"桜井": "さくらい"}) == "さくらいさん"
    assert spoken_name("桜井", "en", reading={"桜井": "さくらい"}) == "Sakurai"


def test_a_refused_name_becomes_the_fallback():
    assert spoken_name("rude one", "en", refuse=lambda name: "rude" in name) == "friend"


def test_a_long_name_is_cut_at_a_space_within_one_breath():
    assert spoken_name("the very long name of a viewer", "en") == "the very long name"
    assert spoken_name("じゃがいも侍チャンネル公式サブ", "ja") == "じゃがいも侍チャンネル公"


@given(st.text(max_size=120))
def test_no_name_is_long_or_holds_control_characters_or_links(name: str):
    for language in ("ja", "en"):
        said = spoken_name(name, language, honorific="さん" if language == "ja" else "")
        assert 0 < len(said) <= 24
        assert not any(unicodedata.category(char) in {"Cc", "Cf", "So", "Cs"} for char in said)
        assert "http" not in said or "://" not in said
        assert not said.endswith("さんさん") or "さんさん" in name
    shown = shown_name(name)
    assert 0 < len(shown) <= 24
    assert not any(unicodedata.category(char) == "Cc" or char in '<>"“”' for char in shown)


@pytest.mark.parametrize(
    ("amount", "currency", "ja", "en"),
    [
        ("500", "JPY", "500円", "500 yen"),
        ("5.00", "USD", "5ドル", "5 dollars"),
        ("4.99", "USD", "4.99ドル", "4 dollars 99"),
        ("1", "USD", "1ドル", "1 dollar"),
        ("1.00", "EUR", "1ユーロ", "1 euro"),
        ("100", "bits", "100ビッツ", "100 bits"),
        ("20.00", "CZK", "20チェココルナ", "20 Czech korunas"),
        ("7", "XYZ", "7XYZ", "7 XYZ"),
        ("many", "USD", "お気持ち", "your gift"),
        ("1e30", "JPY", "お気持ち", "your gift"),
        ("-5", "JPY", "お気持ち", "your gift"),
    ],
)
def test_an_amount_is_said_in_words(amount: str, currency: str, ja: str, en: str):
    assert spoken_money(Money(amount, currency), "ja") == ja
    assert spoken_money(Money(amount, currency), "en") == en


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_amount_can_be_said_in_one_short_line(amount: str, currency: str):
    for language in ("ja", "en"):
        said = spoken_money(Money(amount, currency), language)
        assert 0 < len(said) <= 60
        assert said.isprintable()
