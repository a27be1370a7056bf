"""What belongs together in two sequences."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from newsroom.lib import alignment

ROW = st.lists(st.integers(0, 3), max_size=12)


def length_of_longest(before: list[int], after: list[int]) -> int:
    table = [[0] * (len(after) + 1) for _ in range(len(before) + 1)]
    for i, left in enumerate(before):
        for j, right in enumerate(after):
            table[i + 1][j + 1] = table[i][j] + 1 if left == right else max(table[i][j + 1], table[i + 1][j])
    return table[-1][-1]


def rises(pairs: alignment.Pairs) -> bool:
    return all(left[0] < right[0] and left[1] < right[1] for left, right in pairwise(pairs))


@given(ROW, ROW)
def test_equal_parts_are_a_longest_common_subsequence(before: list[int], after: list[int]) -> None:
    pairs = alignment.equal(before, after)
    assert rises(pairs)
    assert all(before[i] == after[j] for i, j in pairs)
    assert len(pairs) == length_of_longest(before, after)


@given(ROW, ROW)
def test_like_parts_have_the_greatest_sum_and_none_below_the_least(before: list[int], after: list[int]) -> None:
    pairs = alignment.like(before, after, lambda left, right: float(left == right), 0.5)
    assert rises(pairs)
    assert all(before[i] == after[j] for i, j in pairs)
    assert len(pairs) == length_of_longest(before, after)


def test_what_is_too_long_to_compare_keeps_what_is_equal_at_both_ends() -> None:
    before = [0, *range(10_000, 20_000), 1]
    after = [0, *range(20_000, 30_000), 1]
    assert alignment.equal(before, after) == [(0, 0), (10_001, 10_001)]


def test_gaps_are_what_lies_between() -> None:
    assert alignment.gaps([(1, 0), (2, 3)], 3, 5) == [(0, 1, 0, 0), (2, 2, 1, 3), (3, 3, 4, 5)]
