"""Thoughts never come out as content, whatever the model's format and however its stream is cut."""

import re
from collections.abc import Iterable

import pytest

from vtuber.core.thinking import ThinkingFilter
from vtuber.ports import StartState

ASIDE = "she owes me a cake and must not know"
FINAL = "<|start|>assistant<|channel|>final<|message|>Hi!"


def split(
    chunks: Iterable[str], start: StartState = "auto", markers: tuple[tuple[str, str], ...] = ()
) -> tuple[str, str]:
    flt = ThinkingFilter(start=start, markers=markers)
    out = [*(flt.feed(chunk) for chunk in chunks), flt.close()]
    return "".join(thinking for thinking, _ in out), "".join(content for _, content in out)


def bare(text: str) -> str:
    return re.sub(r"\s+", "", text)


FORMATS = [
    ("auto", f"<think>{ASIDE}</think>Hi!"),
    ("auto", f"<THINK>{ASIDE}</THINK>Hi!"),
    ("auto", f"< think >{ASIDE}< / think >Hi!"),
    ("auto", f"<think:opensource>{ASIDE}</think:opensource>Hi!"),
    ("auto", f'<think signature="x1">{ASIDE}</think>Hi!'),
    ("in_thinking", f"{ASIDE}</think>Hi!"),
    ("in_thinking", f"<think>{ASIDE}</think>Hi!"),
    ("in_thinking", f"{ASIDE}</think:opensource>Hi!"),
    ("in_content", f"<think>{ASIDE}</think>Hi!"),
    *(
        ("auto", f"<{tag}>{ASIDE}</{tag}>Hi!")
        for tag in (
            *("thinking", "thought", "Thought", "reason", "reasoning", "antThinking", "reflection", "scratchpad"),
            *("inner_monologue", "justification", "brainstorm", "plan", "seed:think", "mm:think", "antml:thinking"),
            *("mm:thinking", "mm:thought", "seed:thought", "antml:thought"),
            *("ifm|think", "ifm|think_fast", "ifm|think_faster"),
        )
    ),
    *(("in_thinking", f"{ASIDE}</{tag}>Hi!") for tag in ("seed:think", "mm:think", "ifm|think_fast", "thinking")),
    ("auto", f"<|channel|>analysis<|message|>{ASIDE}<|end|>{FINAL}<|return|>"),
    ("auto", f"<|start|>assistant<|channel|>analysis<|message|>{ASIDE}<|end|>{FINAL}"),
    ("harmony_implicit_start", f"<|channel|>analysis<|message|>{ASIDE}<|end|>{FINAL}"),
    ("harmony_implicit_start", f"<|channel|>analysis {ASIDE}<|end|>{FINAL}"),
    ("in_thinking", f"{ASIDE}<|end|>{FINAL}<|return|>"),
    ("auto", f"<|channel|>analysis<|message|>{ASIDE}<|channel|>final<|message|>Hi!"),
    ("auto", f"<|channel|>reflection<|message|>{ASIDE}<|end|><|channel|>final<|message|>Hi!"),
    ("auto", f"ANALYSIS {ASIDE} ASSISTANTFINAL Hi!"),
    ("auto", f"analysis{ASIDE}assistantfinalHi!"),
    ("auto", f"analysis {ASIDE} assistantfinal Hi!"),
    ("harmony_implicit_start", f"analysis{ASIDE}assistantfinalHi!"),
    ("auto", f"[THINK]{ASIDE}[/THINK]Hi!"),
    ("in_thinking", f"{ASIDE}[/THINK]Hi!"),
    ("auto", f"<|channel>thought\n{ASIDE}\n<channel|>Hi!"),
    ("auto", f"<|channel>{ASIDE}<channel|>Hi!"),
    ("auto", f"thought\n{ASIDE}\n<channel|>Hi!"),
    ("in_thinking", f"thought\n{ASIDE}<channel|>Hi!"),
    ("auto", f"<|START_THINKING|>{ASIDE}<|END_THINKING|><|START_RESPONSE|>Hi!<|END_RESPONSE|>"),
    ("auto", f"<|START_THINKING|>{ASIDE}<|START_TEXT|>Hi!<|END_TEXT|>"),
    ("in_thinking", f"{ASIDE}<|END_THINKING|><|START_TEXT|>Hi!"),
    ("auto", f"◁think▷{ASIDE}◁/think▷Hi!"),
    ("in_thinking", f"{ASIDE}<|close|>think<|sep|><|open|>response<|sep|>Hi!<|close|>response<|sep|>"),
    ("auto", f"<|open|>think<|sep|>{ASIDE}<|close|>think<|sep|>Hi!"),
    ("auto", f"<think>\n{ASIDE}\n</think>\n<answer>\nHi!\n</answer>"),
    ("auto", f"<think>{ASIDE}</think>\n<response>\nHi!\n</response>\n"),
    ("auto", f"Here is my thought process: {ASIDE} Here is my response: Hi!"),
    ("auto", f"Here's my thought process:\n{ASIDE}\nHere's my response:\nHi!"),
    ("in_content", f"Here is my thought process: {ASIDE} Here is my response: Hi!"),
    ("in_content", f"Thinking...\n{ASIDE}\n...done thinking.\n\nHi!"),
    ("in_content", f"/think\n{ASIDE}<|im_end|>\n<|im_start|>assistant\nHi!"),
    ("in_thinking", f"{ASIDE}[BEGIN FINAL RESPONSE]Hi![END FINAL RESPONSE]"),
    ("auto", f"Here are my reasoning steps:\n{ASIDE}\n[BEGIN FINAL RESPONSE]Hi!"),
    ("auto", f"<|inner_prefix|>{ASIDE}<|inner_suffix|>Hi!"),
    ("auto", f"<|plamo:begin_think:plamo|>{ASIDE}<|plamo:end_think:plamo|>Hi!"),
    ("auto", f"/think\n{ASIDE}<|im_end|>\n<|im_start|>assistant\nHi!"),
    ("in_thinking", f"{ASIDE}<|im_end|>\n<|im_start|>assistant\nHi!<|im_end|>"),
    (
        "auto",
        (
            "<|message_model|><|content_thinking|>"
            f"{ASIDE}<|end_message|><|message_model|><|content_text|>Hi!<|end_message|>"
        ),
    ),
    ("in_thinking", f"{ASIDE}<|end_message|><|message_model|><|content_text|>Hi!"),
    ("auto", f" to=self<|message|>{ASIDE}<|eom|> to=user<|message|>Hi!<|eot|>"),
    ("auto", f" to=self<|message|>{ASIDE}<|eom|>Hi!"),
    ("in_thinking", f"{ASIDE}<|eom|><|start|>assistant to=user<|message|>Hi!"),
    ("auto", f"<|begin_of_thought|>{ASIDE}<|end_of_thought|><|begin_of_solution|>Hi!<|end_of_solution|>"),
    ("auto", f"Thinking...\n{ASIDE}\n...done thinking.\n\nHi!"),
    ("auto", f"\x1b[38;5;245m\x1b[1mThinking...\n\x1b[0m{ASIDE}\n\x1b[1m...done thinking.\n\n\x1b[0mHi!"),
]


@pytest.mark.parametrize(("start", "text"), FORMATS)
def test_every_format_is_split_in_thought_and_answer(start: StartState, text: str):
    for chunks in ([text], list(text), re.findall(r".{1,3}", text, re.DOTALL)):
        thinking, content = split(chunks, start)
        assert (bare(thinking), bare(content)) == (bare(ASIDE), "Hi!")


@pytest.mark.parametrize(("start", "text"), [case for case in FORMATS if "Hi!" in case[1]])
def test_a_thought_that_never_ends_is_never_content(start: StartState, text: str):
    cut = text.index(ASIDE) + len(ASIDE)
    for end in range(cut - 20, cut + 4):
        assert bare(ASIDE)[:8] not in bare(split([text[:end]], start)[1])


@pytest.mark.parametrize(
    ("start", "text"),
    [
        ("thinking_disabled", f"<think>{ASIDE}</think>Hi!"),
        ("thinking_disabled", f" to=self<|message|>{ASIDE}<|eom|><|start|>assistant to=user<|message|>Hi!"),
        ("auto", f"<|channel|>musing<|message|>{ASIDE}<|end|><|channel|>final<|message|>Hi!"),
        ("auto", f"<|start|>browser to=assistant<|message|>{ASIDE}<|end|><|start|>assistant<|message|>Hi!"),
        ("auto", f"<|channel|>commentary to=assistant<|message|>{ASIDE}<|end|><|channel|>final<|message|>Hi!"),
        ("auto", f"<|message_model|>{ASIDE}<|content_invoke_tool_json|>{{}}<|end_message|><|content_text|>Hi!"),
        ("in_content", f"Hi!<|plamo:tag|>{ASIDE}"),
        ("in_content", f"Hi!<|tool_response>response:{ASIDE}<tool_response|>"),
        ("in_content", f"Hi!<｜tool▁outputs▁begin｜>{ASIDE}<｜tool▁outputs▁end｜>"),
        ("in_content", f'Hi! {{"name": "dice", "arguments": "{ASIDE}"}}'),
    ],
)
def test_what_is_neither_thought_nor_answer_is_thrown_away(start: StartState, text: str):
    for chunks in ([text], list(text)):
        thinking, content = split(chunks, start)
        assert (bare(thinking), bare(content)) == ("", "Hi!")


def test_a_declared_pair_of_markers_is_a_thought():
    for start, text in (("auto", f"%%in%%{ASIDE}%%out%%Hi!"), ("in_thinking", f"{ASIDE}%%out%%Hi!")):
        for chunks in ([text], list(text)):
            assert split(chunks, start, (("%%in%%", "%%out%%"),)) == (ASIDE, "Hi!")
    assert split([f"[[{ASIDE}]]Hi!"], "auto", (("[[", "]]"),)) == (ASIDE, "Hi!"), (
        "a bracket ends no class of characters"
    )


def test_what_nobody_sees_makes_no_other_marker_and_joins_pictures_only():
    for chunks in ([text := f"<th\u200bi\u2060nk>{ASIDE}</th\u200d\u200dink>Hi 👨\u200d👩\u200d👧!"], list(text)):
        assert split(chunks, "in_content") == (ASIDE, "Hi 👨\u200d👩\u200d👧!")


def test_full_width_letters_that_are_no_marker_stay_as_they_are():
    text = "ＡＢＣ＜ｏｋ＞［笑］｛花｝：＜３"
    for chunks in ([text], list(text)):
        assert split(chunks, "in_content") == ("", text)


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("Use `<think>` for that, then `</think>`.", "Use `<think>` for that, then `</think>`."),
        ("```\n<think>x</think>\n```\nok", "```\n<think>x</think>\n```\nok"),
        ("~~~xml\n[THINK]x[/THINK]\n~~~", "~~~xml\n[THINK]x[/THINK]\n~~~"),
        ("``a ` <think> b`` c", "``a ` <think> b`` c"),
        ("````\n```\n<think>\n````\n<think>no</think>yes", "````\n```\n<think>\n````\nyes"),
        ("```\ncode\n```<think>no</think>yes", "```\ncode\n```yes"),
        ("an open ` tick\n<think>no</think>yes", "an open ` tick\nyes"),
        ("an open ` tick <think>no</think>yes", "an open ` tick yes"),
        ("うーん(´・ω・`)<think>no (´・ω・`)</think>yes", "うーん(´・ω・`)yes"),
        ("Like so: ```\n<think>x</think>\n``` and <think>no</think>yes", "Like so: ```\n<think>x</think>\n``` and yes"),
        ("<think>```\ncode</think>yes", "yes"),
        ("<think>the tag `</think>` ends it</think>yes", "yes"),
        (" to=self<|message|>`<|start|>` begins it<|eom|> to=user<|message|>yes", " yes"),
        ("<think>(´・ω・`)</think>yes", "yes"),
    ],
)
def test_markers_are_only_words_in_code_that_opened_in_content(text: str, content: str):
    for chunks in ([text], list(text)):
        assert split(chunks)[1] == content


@pytest.mark.parametrize(
    "call",
    [
        '<tool_call>{"name": "dice"}</tool_call>',
        "<tool_call>\n<function=dice>\n</function>\n</tool_call>",
        (
            "<|tool_calls_section_begin|><|tool_call_begin|>f:0<|tool_call_argument_begin|>{}<|tool_call_end|>"
            "<|tool_calls_section_end|>"
        ),
        "[TOOL_CALLS]dice[ARGS]{}",
        "<|tool_call_start|>[dice()]<|tool_call_end|>",
        '<|START_ACTION|>[{"tool_name": "dice"}]<|END_ACTION|>',
        "<｜DSML｜function_calls><｜DSML｜invoke></｜DSML｜invoke></｜DSML｜function_calls>",
        "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>f<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
        "<|tool_call>call:dice{}<tool_call|>",
        '<minimax:tool_call><invoke name="dice"></invoke></minimax:tool_call>',
        "<function=dice></function>",
        "<|open|>tools<|sep|>dice<|close|>tools<|sep|>",
        "<|channel|>commentary to=functions.dice <|constrain|>json<|message|>{}<|call|>",
        "<|start|>assistant to=functions.dice<|channel|>commentary<|message|>{}<|call|>",
        "<|start|>functions.dice to=assistant<|channel|>commentary<|message|>6<|end|>",
        "assistantcommentary to=functions.dice json{}",
        "<|python_tag|>dice()",
        "<|function_call|>dice()",
        '<atem:function_calls><atem:invoke name="dice"></atem:invoke></atem:function_calls>',
        '{"name": "dice", "arguments": {}}',
        '[{"name": "dice", "parameters": {}}]',
        "[dice(sides=6)]",
        "[dice(), coin(n=1)]",
        "<｜GCML｜tool_calls><｜GCML｜invoke></｜GCML｜invoke></｜GCML｜tool_calls>",
        "<|tool_call:start|>dice<|tool_call:end|>",
        "[unused11]dice[unused12]",
        "<arg_key>sides</arg_key><arg_value>6</arg_value>",
    ],
)
def test_tool_calls_are_neither_thought_nor_content(call: str):
    for text in (call, f"<think>I roll</think>{call}", f"Wait.{call}"):
        for chunks in ([text], list(text)):
            thinking, content = split(chunks)
            assert content.strip() in ("", "Wait.")
            assert thinking in ("", "I roll")


def test_a_tool_call_ends_an_unclosed_thought_but_words_about_one_do_not():
    assert split(["<think>roll it<tool_call>dice</tool_call>"]) == ("roll it", "")
    words = "<think>I could use <tool_call> now, no.</think>Hi!"
    assert split([words]) == ("I could use <tool_call> now, no.", "Hi!")
    assert split(list('<think>the "<tool_call>" tag')) == ('the "<tool_call>" tag', "")


def test_a_lone_closer_says_how_much_content_was_thought():
    for chunks in ([f"{ASIDE}</think>Hi!"], list(f"{ASIDE}</think>Hi!")):
        flt = ThinkingFilter()
        content = "".join(flt.feed(chunk)[1] for chunk in chunks) + flt.close()[1]
        assert flt.lone_closer
        assert flt.reopened
        assert content[flt.reopened_at :] == "Hi!"


@pytest.mark.parametrize(
    ("text", "thinking", "content"),
    [
        ("<think>a <think>b</think> c</think>yes", "a <think>b c", "yes"),
        ("<think>a <think>b <think>c</think> d</think> e</think>yes", "a <think>b <think>c d e", "yes"),
        ("<think>a <think>b</think> yes", "a <think>b", " yes"),
        ('<think>the word "<think>" is odd</think>yes', 'the word "<think>" is odd', "yes"),
        ("[THINK]a [THINK]b[/THINK] c[/THINK]yes", "a [THINK]b c", "yes"),
    ],
)
def test_a_thought_with_another_one_inside_ends_at_its_own_closer(text: str, thinking: str, content: str):
    for chunks in ([text], list(text)):
        assert split(chunks) == (thinking, content)


def test_what_follows_a_nested_thought_is_kept_back_for_so_long_only():
    flt = ThinkingFilter()
    assert flt.feed("<think>a <think>b</think>")[1] == ""
    assert flt.feed("x" * 200)[1] == ""
    assert flt.feed("y")[1] == "x" * 200 + "y"
    assert flt.feed("z")[1] == "z"


def test_the_end_of_a_part_of_a_message_reopens_nothing():
    flt = ThinkingFilter()
    flt.feed("<|message_model|><|content_text|>Hi!<|end_message|>")
    assert not flt.lone_closer


@pytest.mark.parametrize(
    ("text", "began"),
    [
        (f"\n<think>{ASIDE}", "thought"),
        (f"Hi! <think>{ASIDE}</think>", "content"),
        ("<think>\n</think>Hi!", "content"),
        ("</think>Hi!", "thought"),
        ("Hi!</think>", "content"),
        (f"<|channel|>analysis<|message|>{ASIDE}", "thought"),
        (f"/think\n{ASIDE}", "words"),
        ("[dice()]Hi!", "content"),
        ("\n", ""),
    ],
)
def test_it_tells_what_a_stream_began_with(text: str, began: str):
    for chunks in ([text], list(text)):
        flt = ThinkingFilter()
        for chunk in chunks:
            flt.feed(chunk)
        flt.close()
        assert flt.began == began


def test_a_leading_closer_reopens_nothing():
    flt = ThinkingFilter()
    assert flt.feed("\n</think>\n\nHi!")[1].strip() == "Hi!"
    assert (flt.lone_closer, flt.reopened, flt.reopened_at) == (True, False, 0)


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("I <3 you, 2 < 3 and 5 > 4", "I <3 you, 2 < 3 and 5 > 4"),
        ("my assistant", "my assistant"),
        ("the assistants finally came", "the assistants finally came"),
        ("Thinking... hm, no idea", "Thinking... hm, no idea"),
        ("Here is my cat", "Here is my cat"),
        ("<b>bold</b> and <planet> and <thinker>", "<b>bold</b> and <planet> and <thinker>"),
        ("[THIS] is [TOO] much", "[THIS] is [TOO] much"),
        ("[f(x)] and [g](y) are (a)] and [h()", "[f(x)] and [g](y) are (a)] and "),
        ("I like <cat", "I like <cat"),
        ("Use <acme:part>this</acme:part>", "Use <acme:part>this</acme:part>"),
        ("to=be or not", "to=be or not"),
        ("<think広場は今日も賑やか", "広場は今日も賑やか"),
        ("<think The square is busy", " The square is busy"),
        (
            "Type <think tags like this, will you, my dear and patient friends?",
            "Type <think tags like this, will you, my dear and patient friends?",
        ),
        ("Type <think tags", "Type <think tags"),
        ("Type <think tags\nor <b>bold</b>", "Type <think tags\nor <b>bold</b>"),
        ("</think tags", "</think tags"),
        ("Type <tool_call like this", "Type <tool_call like this"),
        ('A <think note="a long one, longer than forty characters are, by far">b</think>C', "A C"),
        ("A <think id='x", "A "),
        ("A <final note='x'>B</final> C", "A B C"),
        ("A <final / word>B <final-cut>C", "A <final / word>B <final-cut>C"),
        ("A </answer> B </answer", "A </answer> B </answer"),
        (
            "<think-tank>A</think-tank> <think:tank>B</think:tank>",
            "<think-tank>A</think-tank> <think:tank>B</think:tank>",
        ),
        ("It was <｜tool▁output▁begin｜>22°C<｜tool▁output▁end｜> today", "It was 22°C today"),
        (
            "<|message_model|><|content_text|>The token <|message_model|> begins it<|end_message|>",
            "The token <|message_model|> begins it",
        ),
        ("<|channel|>answer", "answer"),
        ("Hello<|channel|>fin", "Hello"),
        (
            "A <|channel|>analysis<|message|>no<|end|> B <|start|>assistant<|channel|>final<|message|>C<|return|> D",
            "A  B C D",
        ),
        ("<|channel|>analysis<|message|>no<|end|>analysis and more<|start|>assistant<|channel|>final<|message|>C", "C"),
        ("<|channel|>commentary to=f<|message|>{}<|call|>commentary<|channel|>final<|message|>C", "C"),
        ("<|channel|>広場は今日も賑やか", "広場は今日も賑やか"),
        ("Hi! <thin", "Hi! "),
        ("Hi! <t", "Hi! <t"),
        ("Hi!<|im_end|>", "Hi!"),
        ("A<thinking/>B<think />C", "ABC"),
        ("It is <co>warm</co: 0:[1]> today", "It is warm today"),
        ("<|channel|>commentary<|message|>One moment.<|end|><|channel|>final<|message|>Hi!", "One moment.Hi!"),
        ("<|start|>user<|message|>say it<|end|><|start|>assistant<|channel|>final<|message|>no", "no"),
        ("<think>a<thinking>b</thinking>c</think>Hi!", "Hi!"),
        ("<think>a</thinking>Hi!", "Hi!"),
    ],
)
def test_what_only_looks_like_a_marker_is_text_and_what_is_cut_off_is_dropped(text: str, content: str):
    for chunks in ([text], list(text)):
        assert split(chunks)[1] == content


def test_where_an_answer_is_known_to_begin_it_may_begin_with_any_words_of_an_answer():
    for text in (
        "analysis of the tides",
        "Thinking... hm",
        "to=be or not",
        "thoughts",
        "commentary\non it",
        "Here is my cat",
    ):
        for chunks in ([text], list(text)):
            assert split(chunks, "in_content") == ("", text)


def test_text_is_held_back_only_while_it_may_become_a_marker():
    flt = ThinkingFilter()
    assert flt.feed("Hello <")[1] == "Hello "
    assert flt.feed("3")[1] == "<3"
    assert flt.feed(" [TH")[1] == " "
    assert flt.feed("E]")[1] == "[THE]"
    assert flt.feed(" as")[1] == " "
    assert flt.feed("k")[1] == "ask"
