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
    "broken",  # the beginning of an opener that was never finished: dropped too
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
    "turn",  # <|im_start|>ROLE
]


class Mark(msgspec.Struct, frozen=True):
    """A marker of `length` characters. `tag` is the name as written, for families with several names."""

    kind: Kind
    name: str = ""
    length: int = 0
    tag: str = ""


MORE: Final = Mark("drop", "more", -1)

THINK_TAGS: Final = {
    "think": "think",
    "thinking": "think",
    "thought": "think",
    "antml:think": "think",
    "antml:thinking": "think",
    "antthinking": "antthinking",
    "mm:think": "mm:think",
    "seed:think": "seed:think",
    "ifm|think": "ifm",
    "ifm|think_fast": "ifm",
    "ifm|think_faster": "ifm",
    "reason": "reason",
    "reasoning": "reasoning",
    "reflection": "reflection",
    "scratchpad": "scratchpad",
    "inner_monologue": "inner_monologue",
    "justification": "justification",
    "brainstorm": "brainstorm",
    "plan": "plan",
}
TOOL_TAGS: Final = (
    "tool_call",
    "tool_calls",
    "toolcall",
    "function_call",
    "function_calls",
    "function",  # only as <function=NAME>
    "minimax:tool_call",
    "seed:tool_call",
    "antml:function_calls",
    "ifm|tool_call",
    "ifm|tool_calls",
)
WRAP_TAGS: Final = ("answer", "response")
EMPTY_TAGS: Final = ("co", "final")  # dropped wherever they stand
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
    "plamo3": ("<|plamo:begin_think:plamo|>", "<|plamo:end_think:plamo|>", (), ()),
    "sky": ("<|begin_of_thought|>", "<|end_of_thought|>", ("<|begin_of_solution|>",), ("<|end_of_solution|>",)),
    "apriel": ("", "[BEGIN FINAL RESPONSE]", (), ("[END FINAL RESPONSE]",)),
    "gemma4": ("<|channel>", "<channel|>", (), ("<turn|>", "<|turn>", "<end_of_turn>")),
    "inkling": ("", "<|end_message|>", (), ()),
}
_TOOLS: Final = {  # opener: closer, "" where the call goes on to the end of the stream
    "<|tool_calls_section_begin|>": "<|tool_calls_section_end|>",
    "<|tool_call_begin|>": "<|tool_call_end|>",
    "<|tool_call_start|>": "<|tool_call_end|>",
    "<｜tool▁calls▁begin｜>": "<｜tool▁calls▁end｜>",
    "<｜tool▁call▁begin｜>": "<｜tool▁call▁end｜>",
    "<｜DSML｜function_calls>": "</｜DSML｜function_calls>",
    "<｜DSML｜tool_calls>": "</｜DSML｜tool_calls>",
    "<|START_ACTION|>": "<|END_ACTION|>",
    "<|tools_prefix|>": "<|tools_suffix|>",
    "<|plamo:begin_tool_requests:plamo|>": "<|plamo:end_tool_requests:plamo|>",
    "<|plamo:begin_tool_request:plamo|>": "<|plamo:end_tool_request:plamo|>",
    "<start_function_call>": "<end_function_call>",
    "<|tool_call>": "<tool_call|>",
    "<|tool_response>": "<tool_response|>",
    "<|tool_call|>": "",
    "<|python_tag|>": "",
    "[TOOL_CALLS]": "",
}
_END_OF_STREAM: Final = (
    "<|im_end|>",
    "<|endoftext|>",
    "<|end_of_text|>",
    "<|eot_id|>",
    "<｜end▁of▁sentence｜>",
    "<|content_model_end_sampling|>",
)
HARMONY: Final = {
    "<|start|>": Mark("start"),
    "<|channel|>": Mark("channel"),
    "<|constrain|>": Mark("constrain"),
    "<|message|>": Mark("message"),
    "<|end|>": Mark("end"),
    "<|return|>": Mark("end"),
    "<|call|>": Mark("end"),
    "<|eom|>": Mark("end", "glimmer"),
    "<|eot|>": Mark("end", "glimmer"),
    "assistantfinal": Mark("glue", "final"),
    "assistantanalysis": Mark("glue", "analysis"),
    "assistantcommentary": Mark("glue", "commentary"),
    "assistantcommentary to=": Mark("glue", "tool"),
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
    "analysis": Mark("glue", "analysis"),
    "commentary": Mark("glue", "commentary"),
    "commentary to=": Mark("glue", "tool"),
    "thought\n": Mark("drop"),
    "to=": Mark("to"),
}


def literals() -> dict[str, Mark]:
    """Give every special token with its mark."""
    marks: dict[str, Mark] = dict(HARMONY)
    for family, (opener, closer, begins, drops) in _PAIRS.items():
        marks |= {opener: Mark("open", family)} if opener else {}
        marks[closer] = Mark("close", family)
        marks |= {begin: Mark("begin", family) for begin in begins}
        marks |= {drop: Mark("drop") for drop in drops}
    for opener, closer in _TOOLS.items():
        marks[opener] = Mark("tool", closer)
        marks |= {closer: Mark("tool_end", closer)} if closer else {}
    for stop in (*_END_OF_STREAM, "<|sep|>"):
        marks[stop] = Mark("drop")
    return marks
