"""The tree that is drawn in the docstring is the tree that there is."""

import re

from vtuber import errors
from vtuber.errors import VtuberError


def drawn() -> dict[str, tuple[str, bool]]:
    """Read the drawing: class -> (its parent, whether it is marked transient)."""
    tree: dict[str, tuple[str, bool]] = {}
    above: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        if named := re.match(r"([│ ]*)(?:[├└]── )?([A-Z]\w+Error|[A-Z][a-z]+[A-Z]\w+)( *\(transient\))?( |$)", line):
            branch = line[: named.start(2)]
            depth = len(branch) // 4
            if depth == 0 and named[2] != "VtuberError":
                continue
            above[depth:] = [named[2]]
            tree[named[2]] = (above[depth - 1] if depth else "Exception", bool(named[3]))
    return tree


def there() -> dict[str, tuple[str, bool]]:
    """Walk the classes: class -> (its parent, whether it is transient)."""
    tree = {"VtuberError": ("Exception", VtuberError.transient)}
    waiting = [VtuberError]
    while waiting:
        parent = waiting.pop()
        for child in parent.__subclasses__():
            if child.__module__ == errors.__name__:
                tree[child.__name__] = (parent.__name__, child.transient)
                waiting.append(child)
    return tree


def test_the_drawing_shows_every_class_in_its_place():
    assert drawn() == there()
    assert len(drawn()) > 15


def test_every_error_says_in_its_docstring_what_went_wrong():
    for name in there():
        words = getattr(errors, name).__doc__
        assert words
        assert words.strip().endswith(".")


def test_the_file_holds_nothing_that_is_outside_the_tree():
    classes = {name for name, value in vars(errors).items() if isinstance(value, type)}
    assert classes == set(there())


def test_one_except_clause_catches_all_of_them():
    for name in there():
        assert issubclass(getattr(errors, name), VtuberError)
