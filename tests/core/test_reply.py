import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtuber.core.guard import Guard
from vtuber.core.language import detect
from vtuber.core.reply import Reply, Verbatim

FACES = {"happy": ("lovely",), "sad": ("sorry",)}
GUARD = Guard(("slurword",), ())


def folded(
    pieces: list[str] | str,
    *,
    start: str = "in_content",
    sentences: int = 3,
    cut: bool = False,
    known: tuple[str, ...] = (),
) -> tuple[list[str], Reply]:
    language = detect("".join(pieces), "en")
    reply = Reply(start=start, guard=GUARD, sentences=sentences, language=language, expressions=FACES, known=known)  # type: ignore[arg-type]
    said = [one for piece in pieces if not reply.full for one in reply.feed(piece)]
    said += reply.close(cut=cut)
    return [one.text for one in said], reply


def test_a_thought_is_kept_apart():
    said, reply = folded(["<think>The answer is forty two, I guess.</think>It is forty-two my friend."])
    assert said == ["It is forty-two my friend."]
    assert "forty two" in reply.thought


THOUGHT = "I should be careful with this one. She slurword asks me. I will say no to it. Maybe a joke. Then I stop. "


@pytest.mark.parametrize("thought", ["I should be careful with this one. ", THOUGHT, THOUGHT * 20])
def test_with_an_unknown_start_the_clauses_wait_and_a_lone_closer_drops_them(thought: str):
    said, reply = folded([*thought, "</think>Good evening to you all. Come in. Sit down. Eat."], start="auto")
    assert said == ["Good evening to you all.", "Come in. Sit down."]
    assert (reply.thought, reply.refused, reply.showed) == (thought, "", "inside")


def test_with_an_unknown_start_the_words_of_a_thought_are_not_said_behind_it_either():
    said = folded([THOUGHT * 3, "</think>Maybe a joke. Then I stop. And tea."], start="auto")[0]
    assert said == ["And tea."]


@pytest.mark.parametrize("started", ["<think>Hm.</think>", "</think>"])
def test_a_stream_that_begins_with_a_thought_keeps_nobody_waiting(started: str):
    reply = Reply(start="auto", guard=GUARD, sentences=3, language="en")
    assert reply.feed(started) == []
    assert [one.text for one in reply.feed("Good evening to you! And")] == ["Good evening to you!"]


def test_nor_does_one_whose_thought_has_a_field_of_its_own():
    reply = Reply(start="auto", guard=GUARD, sentences=3, language="en")
    assert reply.feed("", "Hm.") == []
    assert [one.text for one in reply.feed("Good evening to you! And")] == ["Good evening to you!"]


def test_a_thought_that_speaks_of_an_opener_is_held_all_the_same():
    text = "She writes a <think> tag. I wonder why. </think> Hm. It may be a joke."
    for step in (1, 7, 100):
        pieces = [text[at : at + step] for at in range(0, len(text), step)]
        said, reply = folded(pieces, start="auto", cut=True)
        assert said == []
        assert "She writes" in reply.thought
        assert folded([*pieces, "</think>Good evening."], start="auto")[0] == ["Good evening."]


@pytest.mark.parametrize(
    ("text", "cut", "showed"),
    [
        ("Good evening to you all.", False, "outside"),
        ("Good evening to you all.", True, ""),
        ("<think>Hm.</think>Good evening", True, "outside"),
        ("</think>Good evening.", False, "inside"),
        ("Hm.</think>Good evening.", True, "inside"),
        ("[deep]", False, ""),
        ("", False, ""),
        ("Here is my thought process: Hm. Here is my response: Good evening.", False, ""),
    ],
)
def test_a_reply_tells_how_its_stream_began(text: str, cut: bool, showed: str):
    assert folded([text], start="auto", cut=cut)[1].showed == showed
    assert folded([text], start="in_content", cut=cut)[1].showed == ("inside" if showed == "inside" else "")


def test_a_wrong_guess_drops_what_was_not_said_yet():
    plan = "One of them is said. And the other one is"
    said, reply = folded([*plan, "</think>Good evening to you all."])
    assert said == ["One of them is said.", "Good evening to you all."]
    assert (reply.thought, reply.showed) == (plan, "inside")


@given(st.data())
def test_a_lone_closer_drops_what_came_before_it_however_the_stream_is_split(data: st.DataObject):
    thought = data.draw(st.sampled_from(["plan: blue, not red", "Say a colour now.\n", "I should be careful, "]))
    text = f"{thought}</think>\nGood evening to you all. Come in."
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=12)))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    said, reply = folded(pieces, start="auto")
    assert said == ["Good evening to you all.", "Come in."]
    assert reply.thought.strip()


def test_a_clause_in_the_making_is_dropped_by_a_lone_closer_even_if_the_start_was_known():
    assert folded(["plan: blue", "</think>Good evening to you all."])[0] == ["Good evening to you all."]


def test_with_an_unknown_start_nothing_is_lost_when_there_was_no_thought():
    said, _ = folded(["Good evening to you all. ", "Come in and sit down."], start="auto")
    assert said == ["Good evening to you all.", "Come in and sit down."]


def test_a_clause_that_repeats_the_thought_is_left_out():
    said, reply = folded(
        ["<think>The viewer seems to be very sad today.</think>The viewer seems to be very sad today. Hello."]
    )
    assert said == ["Hello."]
    assert reply.refused == "thought"


def test_a_refused_clause_ends_the_reply_and_says_why():
    said, reply = folded(["This one is fine I think. You slurword you. And more of it."])
    assert said == ["This one is fine I think."]
    assert reply.refused == "blocked_word"


def test_a_thought_is_not_told_across_two_clauses_either():
    said, reply = folded(
        ["<think>the red lantern, the old well by the sea</think>There was the red lantern, the old well by the sea."]
    )
    assert "the old well" not in " ".join(said)
    assert reply.refused == "thought"


def test_what_the_viewer_or_she_herself_just_said_is_not_said_again():
    def reply(known: str) -> list[str]:
        fold = Reply(start="in_content", guard=GUARD, sentences=9, language="en", known=(known,))
        return [one.text for one in fold.feed("I will have another cup of tea. Then I sleep.") + fold.close()]

    assert reply("I will have another cup of tea") == ["Then I sleep."]
    assert len(reply("What do you drink?")) == 2


def test_an_interjection_of_hers_does_not_begin_the_next_reply_too():
    assert folded("はい、雨だよ。", known=("はい、",))[0] == ["雨だよ。"]
    assert folded("はい、雨だよ。", known=("雪だよ。",))[0] == ["はい、", "雨だよ。"]


def test_a_sentence_is_not_said_without_its_beginning():
    said = folded("I keep your umbrella safe, like your slippers. And tea.", known=("I keep your umbrella safe,",))[0]
    assert said == ["And tea."]


def test_an_interjection_is_not_said_twice_in_a_row():
    assert folded("はい、はい。それは夜に鳴る時計だよ。")[0] == ["はい、", "それは夜に鳴る時計だよ。"]
    assert folded("Yes, yes, it rings at night.")[0] == ["Yes,", "It rings at night."]


def test_a_reply_that_runs_in_circles_ends_at_its_second_round():
    said, reply = folded(["いつでも、いつでも、いつでも、いつでも、いつでも。そしてまた。"])
    assert said == ["いつでも、"]
    assert reply.full


def test_sentences_are_counted_even_where_a_clause_holds_two():
    said, reply = folded(["Yes. No. This third one is said. This fourth one is not."])
    assert "".join(said).count(".") == 3
    assert reply.full


def test_a_half_sentence_at_a_cut_is_not_spoken_but_a_lone_one_is_better_than_nothing():
    assert folded(["This is a whole sentence. And this is only"], cut=True)[0] == ["This is a whole sentence."]
    assert folded(["And this is only"], cut=True)[0] == ["And this is only"]


def test_an_expression_tag_is_taken_off_and_kept():
    reply = Reply(start="in_content", guard=GUARD, sentences=2, language="en", expressions=FACES)
    said = reply.feed("[happy] What a lovely evening this is!") + reply.close()
    assert [(one.text, one.expression) for one in said] == [("What a lovely evening this is!", "happy")]


def test_without_a_tag_its_words_choose_the_expression():
    reply = Reply(start="in_content", guard=GUARD, sentences=2, language="en", expressions=FACES)
    assert [
        one.expression for one in reply.feed("I am so sorry to hear that. Good night then, my friend.") + reply.close()
    ] == ["sad", "neutral"]


def test_pictures_alone_are_nothing_to_say():
    said, reply = folded(["🎉🎉🎉 ✨✨✨ 🎉🎉🎉 ✨✨✨!"])
    assert said == []
    assert reply.said == 0


def test_a_verdict_ends_the_reply_at_once_and_nothing_is_said():
    said, reply = folded(["[de", "ep]", " Let me think about that for a while, my friend."])
    assert said == []
    assert (reply.verdict, reply.full, reply.substance, reply.refused) == ("deep", True, 0, "")


def test_a_verdict_stands_behind_a_thought():
    for start, text in (
        ("in_content", "<think>Too much for me.</think>[deep] Let me see."),
        ("in_thinking", "Too much for me.</think>\n\n[deep]"),
        ("auto", "Too much for me, I say.</think>[deep]"),
    ):
        said, reply = folded([text], start=start)
        assert (said, reply.verdict) == ([], "deep")
        assert "Too much" in reply.thought


def test_a_mark_in_a_thought_is_none():
    said, reply = folded(["<think>[deep] or not?</think>Good evening to you all."])
    assert said == ["Good evening to you all."]
    assert not reply.verdict


def test_a_mark_further_on_is_not_heard():
    said, reply = folded(["Good evening [deep] to you all. 【tool】Come in."])
    assert said == ["Good evening to you all.", "Come in."]
    assert not reply.verdict


def test_the_first_clause_of_an_answer_comes_as_soon_as_without_marks():
    reply = Reply(start="in_content", guard=GUARD, sentences=3, language="en")
    told = [char for char in "Good evening to you! And" if reply.feed(char)]
    assert told == ["!"]


@given(st.data())
def test_any_split_of_the_stream_gives_the_same_clauses(data: st.DataObject):
    text = data.draw(
        st.sampled_from(
            [
                "<think>Some long reasoning about tea.</think>Hello there, my friend! It was 3.5 hours. Ask Dr. Neko about it.",
                "わあ、質問ありがとう！昨日はずっと雨だったよ。<think>ひみつの考え</think>また来てね。",
                "No closer here <think>and this is never shown to anyone",
                "<think>Hm, the sea.</think>\n **[deep]** Let me think about that for a while.",
                "Well [deep] then. 【DEEP】It was [de a long day, they say. [deep",
                "A plan for the evening. <think>more of it</think> And tea?</think>Good evening to you all.",
            ]
        )
    )
    start = data.draw(st.sampled_from(["auto"] if "tea?</think>" in text else ["auto", "in_content"]))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=12)))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    whole, split = folded([text], sentences=9, start=start), folded(pieces, sentences=9, start=start)
    assert whole[0] == split[0]
    assert whole[1].verdict == split[1].verdict
    assert whole[1].thought == split[1].thought


@given(st.data())
def test_a_verbatim_reply_is_its_whole_text_without_thoughts_however_it_is_split(data: st.DataObject):
    text = data.draw(
        st.sampled_from(['<think>Hm.</think> {"a": [1, 2]}\n', 'Plan it.</think>{"a": [1, 2]}', '{"a": [1, 2]}'])
    )
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    reply = Verbatim(start="auto", guard=GUARD, sentences=1, language="en")
    for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True):
        assert reply.feed(text[a:b]) == []
    assert [one.text for one in reply.close()] == ['{"a": [1, 2]}']


def test_a_verbatim_reply_that_broke_off_is_nothing():
    reply = Verbatim(start="in_content", guard=GUARD, sentences=1, language="en")
    reply.feed('{"a": [1')
    assert reply.close(cut=True) == []


def test_where_the_start_is_open_what_broke_off_is_not_said_for_it_may_have_been_a_thought():
    for text in ("First the sea, then the moon", "First the sea. ", "First the sea. Then it is the moon. " * 9):
        said, reply = folded([text], start="auto", cut=True)
        assert (said, reply.said, reply.substance) == ([], 0, 0)
        assert reply.thought.startswith("First the sea")
    assert folded(["<think>plan</think>It is the sea in the end. And"], start="auto", cut=True)[0] == [
        "It is the sea in the end."
    ]
    assert folded(["It is the sea"], start="auto")[0] == ["It is the sea"], "it was not cut off"


@pytest.mark.parametrize(
    "data",
    [
        '{"tool": "search", "arguments": {"query": "the weather in Oslo tonight", "places": ["Oslo", "Bergen", "Troms"]}}',
        '[{"tool": "search"}]',
        '{ tool: search, query: "oslo" }',
        "{'answer': 'It is cold in Oslo.'}",
        '「{"tool": "search"}」',
        '{"answer":"今日は寒いよ。","sure":true}',
        'get_weather\n{"city": "Oslo"}',
        "<user>get_weather\n<arg_key>city</arg_key>\n<arg_value>Oslo</arg_value>\n</user>",
    ],
)
def test_keys_and_values_are_for_programs_and_not_said(data: str):
    for step in (1, 3, 200):
        said, reply = folded([data[at : at + step] for at in range(0, len(data), step)])
        assert (said, reply.refused) == ([], "language")


def test_what_stands_before_data_is_said():
    assert folded(['Let me look at this for you. {"tool": "search"}'])[0] == ["Let me look at this for you."]


def test_quotes_colons_and_braces_in_plain_words_are_said():
    for text in (
        "The function is called get_weather.",
        'She said: "no", and left it at that.',
        "The set {1, 2} has two members.",
        'Say "hi": it is polite.',
    ):
        assert folded([text])[0]
    assert folded(["「朝」：おはよう。「夜」：おやすみ。"])[0]


def test_what_was_given_out_and_turned_out_to_be_thought_counts_no_more():
    reply = Reply(start="in_content", guard=GUARD, sentences=2, language="en")
    given = reply.feed("First I look at the sky. Then I look at the sea. ")
    assert [one.text for one in given] == ["First I look at the sky.", "Then I look at the sea."]
    assert reply.full
    assert reply.feed("</think>") == []
    assert (reply.turned, reply.full, reply.substance) == (1, False, 0)
    answer = [*reply.feed("It is blue tonight. And calm."), *reply.close()]
    assert [one.text for one in answer] == ["It is blue tonight.", "And calm."]
    assert "First I look at the sky" in reply.thought


def test_a_stray_closer_at_the_very_start_takes_nothing_back():
    reply = Reply(start="in_content", guard=GUARD, sentences=3, language="en")
    assert [one.text for one in reply.feed("</think>It is blue tonight. ")] == ["It is blue tonight."]
    more = [*reply.feed("<think>And now I think of more.</think>The harbour is calm. "), *reply.close()]
    assert [one.text for one in more] == ["The harbour is calm."]
    assert (reply.turned, reply.said) == (0, 2)
