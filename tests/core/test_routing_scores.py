"""The area under the ROC curve and the recall at a share of false escalations, ties included."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from vtuber.core.routing_scores import auroc, recall, threshold

scored = st.lists(st.tuples(st.booleans(), st.integers(0, 9)), min_size=2, max_size=60)


@given(scored)
def test_it_is_the_share_of_pairs_in_order_a_tie_counting_half(pairs: list[tuple[bool, int]]):
    hard = [value for is_hard, value in pairs if is_hard]
    simple = [value for is_hard, value in pairs if not is_hard]
    assume(hard and simple)
    in_order = sum((h > s) + 0.5 * (h == s) for h in hard for s in simple) / (len(hard) * len(simple))
    found = auroc([is_hard for is_hard, _ in pairs], [value for _, value in pairs])
    assert found == pytest.approx(in_order)


def test_with_one_class_alone_there_is_nothing_to_say():
    assert auroc([True, True], [0.1, 0.2]) is None
    assert recall([False], [0.1], 0.1) is None
    assert auroc([], []) is None


def test_recall_counts_what_lies_above_all_but_so_many_simple_messages():
    hard = [False] * 10 + [True] * 4
    scores = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.05, 0.86, 0.9, 0.95]
    assert recall(hard, scores, 0.0) == 0.25
    assert recall(hard, scores, 0.1) == 0.75
    assert recall(hard, scores, 1.0) == 1.0


@given(scored, st.floats(0, 1))
def test_from_the_threshold_on_no_more_simple_messages_than_allowed(pairs: list[tuple[bool, int]], share: float):
    simple = [float(value) for is_hard, value in pairs if not is_hard]
    assume(simple)
    found = threshold([is_hard for is_hard, _ in pairs], [float(value) for _, value in pairs], share)
    assert sum(value >= found for value in simple) <= share * len(simple) + 1e-6
