"""The guard lets harmless clauses pass and holds back listed words, traces of thought and endless text."""

from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtuber.core.guard import CALL_LIMIT, Guard, shortened

SHIPPED = Guard((files("vtuber") / "shipped" / "blocklist.txt").read_text(encoding="utf-8"), ("bad phrase", "ごみ"))


@pytest.mark.parametrize(
    "clause",
    [
        "Scunthorpe United won today, what a class act by that assassin!",
        "カスタネットとカステラとバカンスとアホウドリが好き。",
        "フェラーリに乗ってサセックスの先まで。",
        "The cockpit has a document title about grapes, raccoons and spices.",
        "I pass the grass, as good as it gets.",
        "I have 455 points, 8008 coins and 3.5 hours.",
        "My therapist says to analyse shiitake and peacocks.",
        "それでは始めましょう、みんな準備はいい？",
        "草www それはさすがに笑う。",
        "I <3 you, 2 < 3 and [really] *wow*",
        "Here is my answer: my assistant finally thinks so, [think] about it!",
        "",
    ],
)
def test_harmless_clauses_pass_unchanged(clause: str):
    verdict = SHIPPED.check(clause)
    assert (verdict.ok, verdict.reason, verdict.text) == (True, "", clause)


@pytest.mark.parametrize(
    "clause",
    [
        *(
            "what the sh1t",
            "F.U.C.K",
            "f u c k that",
            "fuuuuck",
            "ｆｕｃｋ",
            "f\u200buck",
            "fuсk",
            "motherfuckers",
            "f*ck",
        ),
        *(
            "セックス",
            "ｾｯｸｽ",
            "セ ッ ク ス",
            "セックスー",
            "セ\u200bックス",
            "死ね",
            "お前は死ねよ",
            "セ〇クス",
            "kill  yourself",
        ),
    ],
)
def test_listed_words_are_found_in_disguise(clause: str):
    verdict = SHIPPED.check(clause)
    assert (verdict.ok, verdict.reason, verdict.text) == (False, "blocked_word", "")


@pytest.mark.parametrize("clause", ["That is a BAD  phrase.", "これはごみだよ", "ゴミ箱に捨てて"])
def test_the_characters_own_words_are_told_apart(clause: str):
    assert SHIPPED.check(clause).reason == "never_say"


@pytest.mark.parametrize(
    "clause",
    [
        *("Hi <think>she", "</thinking> hi", "<think", "[THINK]", "a <|channel|>analysis", "<channel|>", "◁/think▷"),
        *("...done thinking.", "ok assistantfinal hi", "<|end|>", "<tool_call>", "<seed:think>", "</mm:think>"),
        *("[BEGIN FINAL RESPONSE]", "<|START_THINKING|>", "<antThinking>", "<reasoning>", "<plan>", "<|plamo:tag|>"),
        *("Here are my reasoning steps: she", "ASSISTANTFINAL", '{"name": "dice"}', "◁think▷", "<ifm|think_fast>"),
    ],
)
def test_a_trace_of_thought_is_held_back(clause: str):
    assert SHIPPED.check(clause).reason == "thought_marker"


THOUGHT = 'The viewer wants a song. I could say "I will gladly sing for you tonight!" and then stop.'


def test_words_of_the_thought_are_held_back_but_not_those_it_only_drafted():
    assert SHIPPED.check("Hm, the viewer wants  a song. I could", THOUGHT.lower()).reason == "thought"
    assert SHIPPED.check("I will gladly sing for you tonight!", THOUGHT).ok
    assert SHIPPED.check("The viewer wants", THOUGHT).ok  # shorter than the window
    assert SHIPPED.check("The weather is nice", THOUGHT).ok


@given(st.integers(0, 30), st.integers(16, 40), st.text(alphabet="xyz ", max_size=20))
def test_any_window_of_sixteen_characters_is_enough(start: int, size: int, around: str):
    thought = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ!#"
    clause = f"{around}{thought[start : start + size]}{around}"
    assert not Guard(()).check(clause, thought).ok


@given(st.text(alphabet="ab c", max_size=60), st.text(alphabet="ab c", max_size=60))
def test_a_clause_is_held_back_just_when_it_shares_a_window_with_the_thought(clause: str, thought: str):
    said, kept = "".join(clause.split()), "".join(thought.split())
    shared = any(said[at : at + 16] in kept for at in range(len(said) - 15))
    assert Guard(()).check(clause, thought).ok == (not shared)


def test_a_clause_is_cut_to_what_a_voice_takes():
    words = "word " * 100
    text = SHIPPED.check(words).text
    assert len(text) <= CALL_LIMIT
    assert text.endswith("word")
    assert len(SHIPPED.check("あ" * 1000).text) == CALL_LIMIT
    assert shortened("abc. def", 6) == "abc."


def test_entries_are_lines_with_comments_or_any_words():
    for guard in (Guard("# a comment\nblarg  # another\n\n"), Guard(["blarg"])):
        assert not guard.check("Blarg!").ok
        assert guard.check("a comment").ok


@given(st.text(max_size=400), st.text(max_size=100))
def test_any_text_is_judged(clause: str, thought: str):
    verdict = SHIPPED.check(clause, thought)
    assert verdict.ok == (verdict.reason == "")
    assert len(verdict.text) <= CALL_LIMIT
