"""The markers by which language models set their thoughts, answers and tool calls apart: data only."""

from typing import Final, Literal, TypeAlias

import msgspec

Kind: TypeAlias = Literal[
    "open",  # a thought begins; `name` is its family
    "close",  # a thought ends
    "begin",  # the visible answer begins, which ends a thought of the family `name`
    "tool",  # a tool call begins; `name` tells which end belongs to it ("" for none)
    "tool_end",
    "wrap",  # the answer is wrapped in a tag
    "wrap_end",
    "drop",  # means nothing to a reader
    "broken",  # an opener that ran into the words after it: dropped too
    "stub",  # an opener that never ended: dropped where nothing visible stands before it
    "start",  # harmony: a message header begins
    "channel",
    "constrain",
    "message",  # harmony: the header is over
    "end",  # harmony: the message is over
    "glue",  # harmony without its tokens: assistantfinal, assistantanalysis, assistantcommentary
    "to",  # a message header that begins with its recipient
    "section",  # <|open|>NAME<|sep|>
    "section_end",  # <|close|>NAME<|sep|>
    "part",  # <|content_NAME|>
    "speaker",  # <|message_NAME|>: a header up to a part
    "turn",  # <|im_start|>ROLE
]


class Mark(msgspec.Struct, frozen=True):
    """A marker of `length` characters. `tag` is the name as written, for families with several names."""

    kind: Kind
    name: str = ""
    length: int = 0
    tag: str = ""


MORE: Final = Mark("drop", "more", -1)

THINK_TAGS: Final = {  # tag: family
    **{f"{space}{word}": "think" for space in ("", "antml:") for word in ("think", "thinking", "thought")},
    **dict.fromkeys(("ifm|think", "ifm|think_fast", "ifm|think_faster"), "ifm"),
    # What a prompt may have asked a model to wrap its thoughts in.
    **{
        word: word
        for word in (
            *("antthinking", "reason", "reasoning", "reflection", "scratchpad", "inner_monologue"),
            *("justification", "brainstorm", "plan"),
        )
    },
    **dict.fromkeys(
        (
            *("thoughts", "inner_thought", "inner_thoughts", "internal_thought", "internal_thoughts", "monologue"),
            *("internal_monologue", "analysis", "deliberation", "chain_of_thought", "cot"),
            *("thought_process", "thinking_process", "reasoning_process"),
        ),
        "thoughts",
    ),
}
TOOL_TAGS: Final = (
    "tool_call",
    "tool_calls",
    "toolcall",
    "function_call",
    "function_calls",
    "function",  # only as <function=NAME>
    "arg_key",
    "arg_value",
    "minimax:tool_call",
    "seed:tool_call",
    "antml:function_calls",
    "atem:function_calls",
    "ifm|tool_call",
    "ifm|tool_calls",
)
WRAP_TAGS: Final = ("answer", "response")
EMPTY_TAGS: Final = ("co", "final")  # dropped wherever they stand
SUFFIX: Final = ":opensource"  # that a tokenizer may hang on its tags
TAGS: Final = (*THINK_TAGS, *TOOL_TAGS, *WRAP_TAGS, *EMPTY_TAGS)

_PAIRS: Final = {  # family: (opener, closer, what begins the answer, what may be thrown away)
    "cohere": (
        "<|START_THINKING|>",
        "<|END_THINKING|>",
        ("<|START_RESPONSE|>", "<|START_TEXT|>"),
        ("<|END_RESPONSE|>", "<|END_TEXT|>", "<|END_OF_TURN_TOKEN|>", "<|CHATBOT_TOKEN|>"),
    ),
    "mistral": ("[THINK]", "[/THINK]", (), ()),
    "kimi": ("◁think▷", "◁/think▷", (), ()),
    "apertus": ("<|inner_prefix|>", "<|inner_suffix|>", (), ("<|assistant_end|>",)),
    "pangu": ("[unused16]", "[unused17]", (), ("[unused10]",)),
    "sky": ("<|begin_of_thought|>", "<|end_of_thought|>", ("<|begin_of_solution|>",), ("<|end_of_solution|>",)),
    "apriel": ("", "[BEGIN FINAL RESPONSE]", (), ("[END FINAL RESPONSE]",)),
    "gemma4": ("<|channel>", "<channel|>", (), ("<turn|>", "<|turn>", "<end_of_turn>")),
    "inkling": ("", "<|end_message|>", (), ()),
    # What LM Studio's newer engine puts where a thought ends; now and then it is seen in the content.
    "lmstudio": ("", "__LM_STUDIO_INTERNAL_LSEP_SYNTHETIC_REASONING_END_f4e9a8d2c6b14d0c9e5f3a7b8c1d2e6a__", (), ()),
}
BARE_CALL: Final = ")]"  # what ends a tool call that no tag is around
_TOOLS: Final = {  # opener: closer, "" where the call goes on to the end of the stream
    "<|tool_calls_section_begin|>": "<|tool_calls_section_end|>",
    "<|tool_call_begin|>": "<|tool_call_end|>",
    "<|tool_call_start|>": "<|tool_call_end|>",
    "<｜tool▁calls▁begin｜>": "<｜tool▁calls▁end｜>",
    "<｜tool▁call▁begin｜>": "<｜tool▁call▁end｜>",
    "<｜tool▁outputs▁begin｜>": "<｜tool▁outputs▁end｜>",
    "<｜DSML｜function_calls>": "</｜DSML｜function_calls>",
    "<｜DSML｜tool_calls>": "</｜DSML｜tool_calls>",
    "<｜GCML｜tool_calls>": "</｜GCML｜tool_calls>",
    "<|tool_call:start|>": "<|tool_call:end|>",
    "[unused11]": "[unused12]",
    "<|START_ACTION|>": "<|END_ACTION|>",
    "<|tools_prefix|>": "<|tools_suffix|>",
    "<|plamo:begin_tool_requests:plamo|>": "<|plamo:end_tool_requests:plamo|>",
    "<|plamo:begin_tool_request:plamo|>": "<|plamo:end_tool_request:plamo|>",
    "<start_function_call>": "<end_function_call>",
    "<|tool_call>": "<tool_call|>",
    "<|tool_response>response:": "<tool_response|>",
    "<|function_call|>": "",
    "<|message_sep|>": "",
    "<|plamo:tag|>": "",
    "<|tool_call|>": "",
    "<|python_tag|>": "",
    "[TOOL_CALLS]": "",
    '{"name":': "",  # a call without the tags around it
    '[{"name":': "",
}
_MEANINGLESS: Final = (
    "<|sep|>",
    "<|tool_response>",
    "<｜tool▁output▁begin｜>",
    "<｜tool▁output▁end｜>",
    "<|im_end|>",
    "<|endoftext|>",
    "<|end_of_text|>",
    "<|eot_id|>",
    "<｜end▁of▁sentence｜>",
    "<|content_model_end_sampling|>",
    "<SPECIAL_12>",
)
HARMONY: Final = {
    "<|start|>": Mark("start"),
    "<|channel|>": Mark("channel"),
    "<|constrain|>": Mark("constrain"),
    "<|message|>": Mark("message"),
    "<|end|>": Mark("end"),
    "<|return|>": Mark("end"),
    "<|call|>": Mark("end", "call"),
    "<|eom|>": Mark("end", "glimmer"),
    "<|eot|>": Mark("end", "glimmer"),
}
_CHANNELS: Final = {
    "final": Mark("glue", "final"),
    "analysis": Mark("glue", "analysis"),
    "commentary": Mark("glue", "commentary"),
    "commentary to=": Mark("glue", "tool"),
}
GLUE: Final = {  # as a stream has them whose tokens were taken out
    **{f"assistant{word}": mark for word, mark in _CHANNELS.items()},
    **{f"ASSISTANT{word.upper()}": mark for word, mark in _CHANNELS.items()},
}
CLOSING_WORDS: Final = {
    "...done thinking.": Mark("close", "ollama_cli"),
    "Here is my response:": Mark("close", "granite"),
    "Here's my response:": Mark("close", "granite"),
    "Here’s my response:": Mark("close", "granite"),
}
OPENING_WORDS: Final = {
    "Here is my thought process:": Mark("open", "granite"),
    "Here's my thought process:": Mark("open", "granite"),
    "Here’s my thought process:": Mark("open", "granite"),
    "Here are my reasoning steps:": Mark("open", "apriel"),
    "Thinking...\n": Mark("open", "ollama_cli"),
    "Thinking...\r\n": Mark("open", "ollama_cli"),
    "/think\n": Mark("open", "hyperclovax"),
    **{word: mark for word, mark in _CHANNELS.items() if word != "final"},
    "ANALYSIS": Mark("glue", "analysis"),
    "COMMENTARY": Mark("glue", "commentary"),
    "thought\n": Mark("open", "gemma4"),
    "to=": Mark("to"),
}


def literals() -> dict[str, Mark]:
    """Give every special token with its mark."""
    marks: dict[str, Mark] = HARMONY | GLUE
    for family, (opener, closer, begins, drops) in _PAIRS.items():
        marks |= {opener: Mark("open", family)} if opener else {}
        marks[closer] = Mark("close", family)
        marks |= {begin: Mark("begin", family) for begin in begins}
        marks |= {drop: Mark("drop") for drop in drops}
    for opener, closer in _TOOLS.items():
        marks[opener] = Mark("tool", closer)
        marks |= {closer: Mark("tool_end", closer)} if closer else {}
    return marks | {token: Mark("drop") for token in _MEANINGLESS}
