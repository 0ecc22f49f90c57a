"""What is shown keeps faces and emoji; what is spoken is words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtuber.core.speakable import displayable, expression, speakable


@pytest.mark.parametrize(
    ("text", "shown", "spoken"),
    [
        ("**Wow**, _that_ is `great`!", "Wow, _that_ is great!", "Wow, _that_ is great!"),
        ("# A title", "A title", "A title"),
        ("- an item", "an item", "an item"),
        ("See [my page](https://a.example/b) now", "See my page now", "See my page now"),
        ("See https://a.example/b?c=d now.", "See https://a.example/b?c=d now.", "See link now."),
        ("Go to example.com/neko today", "Go to example.com/neko today", "Go to link today"),
        ("*waves happily* Hi!", "Hi!", "Hi!"),
        ("Hi! *waves happily*", "Hi!", "Hi!"),
        ("I *really* mean it", "I really mean it", "I really mean it"),
        ("2 * 3 * 4 is 24", "2 * 3 * 4 is 24", "2 * 3 * 4 is 24"),
        ("(laughs) You got me (giggles)", "(laughs) You got me (giggles)", "You got me"),
        ("It is (a bit) late", "It is (a bit) late", "It is (a bit) late"),
        ("[happy] Hello [wave]", "Hello", "Hello"),
        ("Thank you 😊👍🏽!", "Thank you 😊👍🏽!", "Thank you!"),
        ("I <3 you :D", "I <3 you :D", "I you"),
        ("Neko: Hello!", "Hello!", "Hello!"),
        ("Note: be kind", "Note: be kind", "Note: be kind"),
        ("It is 12:30 now", "It is 12:30 now", "It is 12:30 now"),
        ("! So, next", "So, next", "So, next"),
        ("```py\nprint(1)\n```", "", ""),
        ("<b>Hi</b> there", "Hi there", "Hi there"),
        ("!", "", ""),
        ("(^_^)", "(^_^)", ""),
    ],
)
def test_english_is_cleaned_for_the_subtitle_and_for_the_voice(text: str, shown: str, spoken: str):
    assert displayable(text) == shown
    assert speakable(text, "en", {}) == spoken
    assert speakable(displayable(text), "en", {}) == spoken


@pytest.mark.parametrize(
    ("text", "shown", "spoken"),
    [
        ("ミケ：こんにちは！", "こんにちは！", "こんにちは！"),
        ("答え：四十二だよ", "答え：四十二だよ", "答え：四十二だよ"),
        ("*手を振って* やあ！", "やあ！", "やあ！"),
        ("やったー(≧▽≦)！", "やったー(≧▽≦)！", "やったー！"),
        ("ごめんね(´・ω・`)", "ごめんね(´・ω・`)", "ごめんね"),
        ("ヽ(´ー｀)ノわーい", "ヽ(´ー｀)ノわーい", "わーい"),
        ("おもしろい（笑）", "おもしろい（笑）", "おもしろい"),
        ("それは草www", "それは草www", "それは草"),
        ("歌うよ♪", "歌うよ♪", "歌うよ"),
        ("https://a.example/b を見てね", "https://a.example/b を見てね", "リンク を見てね"),
        ("！次は何かな", "次は何かな", "次は何かな"),
        ("ねえ（小声で）聞いて", "ねえ（小声で）聞いて", "ねえ（小声で）聞いて"),
        ("（ため息）もう一回", "（ため息）もう一回", "もう一回"),
        ("楽しい😊ね", "楽しい😊ね", "楽しい ね"),
        ("！！", "", ""),
    ],
)
def test_japanese_is_cleaned_for_the_subtitle_and_for_the_voice(text: str, shown: str, spoken: str):
    assert displayable(text) == shown
    assert speakable(text, "ja", {}) == spoken


def test_written_forms_are_read_as_the_character_says_them():
    reading = {"VTuber": "ブイチューバー", "V": "ブイ", "AI": "エーアイ", "魅": "み"}
    assert speakable("VTuberのAIだよ", "ja", reading) == "ブイチューバーのエーアイだよ"
    assert speakable("AIM high", "en", reading) == "AIM high"
    assert speakable("魅音", "ja", reading) == "み音"


def test_only_known_names_are_taken_off_when_they_are_given():
    assert displayable("Neko: Hello!", names=("Neko",)) == "Hello!"
    assert displayable("Tomorrow: rain", names=("Neko",)) == "Tomorrow: rain"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[happy] Hi!", ("happy", "Hi!")),
        ("[HAPPY][sad] Hi!", ("happy", "Hi!")),
        ("【表情：sad】やあ", ("sad", "やあ")),
        ("[wave] Hi!", ("", "[wave] Hi!")),
        ("Hi [happy]!", ("", "Hi [happy]!")),
        ("", ("", "")),
    ],
)
def test_a_known_tag_at_the_beginning_is_an_expression(text: str, found: tuple[str, str]):
    assert expression(text, ("happy", "sad")) == found


@given(st.text(max_size=120))
def test_any_text_is_taken_and_what_is_spoken_holds_words_or_is_empty(text: str):
    displayable(text)
    spoken = speakable(text, "en", {})
    assert spoken == "" or any(char.isalnum() for char in spoken)


@given(st.text(alphabet="*_`[]()（）<>:：a \n\"'~#-w笑", max_size=2000))
def test_marks_in_any_number_are_taken_in_time(text: str):
    assert len(displayable(text)) <= len(text)
