"""Viewers' names and amounts of money as she says and shows them: both come from strangers."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation

from vtuber.core.romaji import romanized
from vtuber.core.wording import one_line
from vtuber.events import Language, Money

_MORAE = 12.0  # about what one breath can carry before the sentence goes on
_LETTER = 0.6  # a Latin letter in morae: 20 letters fill the breath
_SHOWN = 24  # characters of a name on a screen
_TITLED = re.compile(
    r"(さん|ちゃん|くん|君|さま|様|先輩|先生|たん|殿|氏|サン|チャン|クン|[\s_-](san|chan|kun|sama|senpai|sensei))$",
    re.IGNORECASE,
)
_LINK = re.compile(r"(https?://|www\.)\S*|\S+\.(com|net|org|jp|gg|tv|io|xyz|me)\b\S*", re.IGNORECASE)
_ENDING_NUMBER = re.compile(r"(?<=[^\W\d])[\W_]*\d{3,}$")  # neko_1998: the year is no part of the name
_SMALL = frozenset("ぁぃぅぇぉゃゅょゎァィゥェォャュョヮ")
_KANA = re.compile(r"[ぁ-ゖァ-ヺー]")
_WIDE = re.compile(r"[㐀-鿿々가-힣]")
_NOT_SAID = re.compile(r"[^\w・ー'’.\- ]|_")
_RUN = re.compile(r"(.)\1{2,}")
_QUOTES = re.compile('[<>{}\\[\\]"“”「」『』`]')
_LONGEST_AMOUNT = Decimal(10) ** 9

# code: what a Japanese and an English speaker say; English singular and plural.
_CURRENCIES: tuple[tuple[str, str, str, str], ...] = (
    ("JPY", "円", "yen", "yen"),
    ("USD", "ドル", "dollar", "dollars"),
    ("EUR", "ユーロ", "euro", "euros"),
    ("GBP", "ポンド", "pound", "pounds"),
    ("CNY", "人民元", "yuan", "yuan"),
    ("KRW", "ウォン", "won", "won"),
    ("TWD", "台湾ドル", "Taiwan dollar", "Taiwan dollars"),
    ("HKD", "香港ドル", "Hong Kong dollar", "Hong Kong dollars"),
    ("CAD", "カナダドル", "Canadian dollar", "Canadian dollars"),
    ("AUD", "オーストラリアドル", "Australian dollar", "Australian dollars"),
    ("NZD", "ニュージーランドドル", "New Zealand dollar", "New Zealand dollars"),
    ("SGD", "シンガポールドル", "Singapore dollar", "Singapore dollars"),
    ("MXN", "メキシコペソ", "Mexican peso", "Mexican pesos"),
    ("PHP", "フィリピンペソ", "Philippine peso", "Philippine pesos"),
    ("INR", "ルピー", "rupee", "rupees"),
    ("IDR", "ルピア", "rupiah", "rupiah"),
    ("THB", "バーツ", "baht", "baht"),
    ("VND", "ドン", "dong", "dong"),
    ("BRL", "レアル", "real", "reais"),
    ("CHF", "スイスフラン", "Swiss franc", "Swiss francs"),
    ("SEK", "スウェーデンクローナ", "Swedish krona", "Swedish kronor"),
    ("NOK", "ノルウェークローネ", "Norwegian krone", "Norwegian kroner"),
    ("DKK", "デンマーククローネ", "Danish krone", "Danish kroner"),
    ("CZK", "チェココルナ", "Czech koruna", "Czech korunas"),
    ("PLN", "ズウォティ", "zloty", "zlotys"),
    ("RUB", "ルーブル", "ruble", "rubles"),
    ("TRY", "トルコリラ", "Turkish lira", "Turkish lira"),
    ("ILS", "シェケル", "shekel", "shekels"),
    ("UAH", "フリヴニャ", "hryvnia", "hryvnias"),
    ("BITS", "ビッツ", "bit", "bits"),
)


def spoken_name(
    name: str,
    language: Language,
    *,
    honorific: str = "",
    reading: Mapping[str, str] | None = None,
    refuse: Callable[[str], bool] = lambda _name: False,
) -> str:
    """Give a name as she says it: no links, pictures or tricks, about 12 morae at most, never two honorifics.

    `reading` maps a whole written name to how it is read; `refuse` says whether a name may not be said at all.
    In English a name in kana is romanized. What cannot be said becomes ニックネームさん or "friend".
    """
    plain = unicodedata.normalize("NFKC", one_line(name, 100)).lstrip("@")
    said = (reading or {}).get(plain) or _sayable(plain)
    if language == "en":
        said = romanized(said)
    said = _one_breath(said)
    if not any(char.isalpha() for char in said) or refuse(said) or refuse(name):
        return "ニックネームさん" if language == "ja" else "friend"
    return said if _TITLED.search(said) else said + honorific


def shown_name(name: str, otherwise: str = "viewer") -> str:
    """Give a name as a screen or a prompt may hold it: one short line, no control characters, quotes or brackets."""
    return one_line(_QUOTES.sub("", unicodedata.normalize("NFC", one_line(name, 100))), _SHOWN) or otherwise


def spoken_money(money: Money, language: Language) -> str:
    """Give an amount as it is said: 500円, 5 dollars, 4.99ドル, 4 dollars 99, 100 bits."""
    amount = _decimal(money.amount)
    if amount is None:
        return "お気持ち" if language == "ja" else "your gift"
    code = money.currency.upper()
    known = next((row for row in _CURRENCIES if row[0] == code), None)
    foreign = one_line(re.sub(r"[^\w ]", "", money.currency), 12)
    if language == "ja":
        return f"{_figures(amount)}{known[1] if known else foreign}"
    unit = (known[2] if amount == 1 else known[3]) if known else foreign
    whole, cents = divmod(amount, 1)
    if cents and known and cents * 100 % 1 == 0:
        return f"{whole:f} {known[2] if whole == 1 else known[3]} {int(cents * 100):02d}"
    return f"{_figures(amount)} {unit}".rstrip()


def _sayable(name: str) -> str:
    text = _NOT_SAID.sub(" ", _LINK.sub(" ", name))
    text = "".join(char for char in text if unicodedata.category(char)[0] in "LNPZM")
    text = _RUN.sub(r"\1\1", " ".join(text.split()).strip(" .'’-・"))
    return _ENDING_NUMBER.sub("", text)


def _one_breath(name: str) -> str:
    """Cut a name to about 12 morae, at a space where there is one."""
    length = 0.0
    for index, char in enumerate(name):
        length += _morae(char)
        if length > _MORAE:
            cut = name[:index]
            shorter = cut.rsplit(" ", 1)[0]
            return (shorter if " " in cut and char != " " else cut).strip(" .'’-・")
    return name


def _morae(char: str) -> float:
    if char in _SMALL or unicodedata.category(char)[0] == "M":
        return 0.0
    if _KANA.match(char):
        return 1.0
    return 2.0 if _WIDE.match(char) else _LETTER


def _decimal(text: str) -> Decimal | None:
    try:
        amount = Decimal(text[:24])
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and 0 < amount < _LONGEST_AMOUNT else None


def _figures(amount: Decimal) -> str:
    """Write 5, 4.99 or 4.5: no trailing noughts, no exponent."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
