from hypothesis import given
from hypothesis import strategies as st

from vtuber.core import prompt
from vtuber.core.prompt import Exchanged
from vtuber.events import Recollection
from vtuber.persona import Exchange, Languages, Persona, Stock

LINES = {"en": ("x",)}
PERSONA = Persona(
    schema=1,
    name={"en": "Ada"},
    about={"en": "You are Ada.", "ja": "あなたはエイダ。"},
    languages=Languages(primary="en"),
    lines=Stock(
        opening=LINES, closing=LINES, holding=LINES, answer_intro=LINES, too_hard=LINES, fallback=LINES, decline=LINES,
        thanks=LINES, raid=LINES,
    ),
    examples={"en": (Exchange(viewer="hi", she="Hello!"),), "ja": (Exchange(viewer="やあ", she="やっほー"),)},
)  # fmt: skip
MEMORY = Recollection(id="m1", text='mika: "my cat is Miso"', viewer_id="twitch:1", at_ms=0, score=1.0)


def asked(**more: object) -> prompt.Prompt:
    fields = {"language": "en", "name": "mika", "text": "what does my cat hate?", "talk": (), "recalled": ()} | more
    return prompt.answer(PERSONA, **fields)  # type: ignore[arg-type]


def test_every_prompt_in_a_language_begins_with_the_same_prefix():
    fixed = prompt.prefix(PERSONA, "en")
    plain, rich = asked(), asked(recalled=(MEMORY,), talk=(Exchanged("taro", "hi", "Hi Taro!", "en"),))
    assert plain.messages[: len(fixed)] == rich.messages[: len(fixed)] == fixed


def test_memories_stand_with_the_message_at_the_end_so_that_the_prefix_stays():
    built = asked(recalled=(MEMORY,))
    assert "Miso" in built.messages[-1].content
    assert all("Miso" not in message.content for message in built.messages[:-1])
    assert built.parts["memory"] > 0


def test_what_is_still_to_be_said_is_marked_as_not_said():
    assert "not said yet" in asked(pending="I love soup.").messages[-1].content


def test_the_talk_is_what_was_really_performed():
    built = asked(talk=(Exchanged("taro", "hi", "Hi Taro!", "en"),))
    assert [message.role for message in built.messages[-3:]] == ["user", "assistant", "user"]
    assert built.messages[-2].content == "Hi Taro!"


def test_a_prompt_holds_one_language_only():
    assert "You are Ada" not in "".join(message.content for message in prompt.prefix(PERSONA, "ja"))


@given(st.text(max_size=600), st.text(max_size=80))
def test_a_viewer_s_words_stay_one_line_of_data(text: str, name: str):
    line = prompt.quoted(name, text)
    assert len(line.splitlines()) == 1
    assert not set("<>|") & set(line)
    assert len(line) <= 442


@given(st.lists(st.text(min_size=1, max_size=80), max_size=30), st.integers(10, 400))
def test_trimming_drops_whole_blocks_from_the_beginning(texts: list[str], limit: int):
    talk = tuple(Exchanged("v", text, text, "en") for text in texts)
    kept = prompt.trim(talk, limit)
    assert talk[len(talk) - len(kept) :] == kept
    assert not kept or (len(talk) - len(kept)) % 4 == 0
    assert sum(prompt.tokens(one.text) + prompt.tokens(one.said) + 8 for one in kept) <= limit


def test_the_deep_model_is_told_what_was_said_already():
    built = prompt.deep(PERSONA, language="en", name="mika", text="why?", recalled=(), already_said="Let me think.")
    assert "Let me think." in built.messages[-1].content
