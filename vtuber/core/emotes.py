"""Emotes inside a text as :name:, where a platform tells only the places at which they stand."""

from collections.abc import Iterable


def marked(text: str, spans: Iterable[tuple[int, int]]) -> tuple[str, int]:
    """Give the text with its emotes as :name:, and how many there are.

    `spans` are the places of their first and last character, in any order; one outside the text, or within another,
    is ignored. An emote whose name holds more than letters and digits stays as it is written.
    """
    pieces, done, count = [], 0, 0
    for begin, last in sorted(set(spans)):
        if done <= begin <= last < len(text):
            name = text[begin : last + 1]
            pieces += [text[done:begin], f":{name}:" if name.isalnum() else name]
            done, count = last + 1, count + 1
    return "".join((*pieces, text[done:])), count
