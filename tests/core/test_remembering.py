from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtuber.core.lexical import normalized
from vtuber.core.remembering import importance, memorable, said
from vtuber.events import Chat, Money


def chat(text: str, **more: Any):
    return Chat(**{"id": "a", "at_ms": 1, "platform": "t", "viewer_id": "t:1", "text": text, **more})


@pytest.mark.parametrize(
    "text",
    [
        "my cat is called Biscuit",
        "うちの猫はモチっていうんだ",
        "実は左利きです",
        "@Mio I have a chemistry final tomorrow :sadge:",
        "I'm actually left handed",
        "明日は英語の試験があるんだ wwww",
        "what do you think about owls?",
        "just moved to Portland last month lol",
    ],
)
def test_a_sentence_is_remembered(text: str):
    assert memorable(chat(text))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "lol",
        "hi",
        "LUL LUL LUL",
        ":kappa: :kappa: :kappa:",
        "wwwwwwww",
        "草草草草",
        "8888888888",
        "!discord please now ok",
        "/me dances around the room",
        "look at https://example.com it is great",
        "see www.example.com for free stuff",
        "かわいい",
        "yes yes yes yes yes yes",
        "spam spam spam spam eggs",
        "ああああああああああああああああ",
        "I am the\u202e evil one here",
        "x" * 501,
        "@someone_else_here",
        "?!?!?!?!",
        "buy my follows now\u200bfriends",
        "1 2 3 4 5 6",
        "is it or is it not",
    ],
)
def test_noise_is_not(text: str):
    assert not memorable(chat(text))


@pytest.mark.parametrize("more", [{"viewer_id": ""}, {"viewer_id": "t:login:anna"}, {"roles": ("moderator", "bot")}])
def test_nor_what_nobody_with_an_id_of_their_own_said(more: Any):
    assert not memorable(chat("my cat is called Biscuit", **more))


def test_nor_her_own_words_said_back_to_her():
    own = {normalized("My favourite food is MISO ramen")}
    assert not memorable(chat("my favourite food is miso ramen"), own)
    assert memorable(chat("your favourite food is miso ramen"), own)


def test_what_was_said_has_no_emotes_and_no_address():
    assert said(chat("@Mio, @you :wave: I like  owls :owl: a lot")) == "I like owls a lot"
    assert said(chat("mail me @ noon")) == "mail me @ noon"


@pytest.mark.parametrize(
    ("text", "more", "weight"),
    [
        ("what is your favourite food?", {}, 0.3),
        ("好きな食べ物は何ですか", {}, 0.3),
        ("do you like cats", {}, 0.3),
        ("I have a cat. do you like cats?", {}, 0.5),
        ("my cat is called Biscuit", {}, 0.5),
        ("what is your favourite food?", {"money": Money("500", "JPY"), "form": "paid"}, 0.8),
    ],
)
def test_a_question_matters_less_and_what_was_paid_for_more(text: str, more: Any, weight: Any):
    assert importance(chat(text, **more)) == weight


@given(st.text(), st.booleans())
def test_any_text_can_be_judged(text: str, weak: Any):
    event = chat(text, viewer_id="t:login:x" if weak else "t:1")
    assert not (memorable(event) and weak)
    assert 0 <= importance(event) <= 1
    if memorable(event):
        assert said(event)
