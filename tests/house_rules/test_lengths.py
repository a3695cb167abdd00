"""Lengths are counted from `def` to the end, without docstring and decorators."""

from tests.house_rules.lengths import measure, percentile
from tests.house_rules.sources import Source

DOCUMENTED = '''
@decorated(
    twice=True,
)
def documented() -> int:
    """Say what it is.

    At length.
    """
    return 1
'''


def source(text: str, path: str = "scheduler/core/example.py") -> Source:
    return Source(path, text)


def lines(count: int, name: str = "long") -> str:
    return f"def {name}():\n" + "    x = 1\n" * (count - 1)


def test_docstring_and_decorators_do_not_count() -> None:
    (function,) = measure([source(DOCUMENTED)]).functions
    assert (function.name, function.line, function.length) == ("documented", 5, 2)


def test_percentiles_are_values_that_occur() -> None:
    assert percentile([1, 2, 3, 4], 50) == 2
    assert percentile(list(range(1, 101)), 95) == 95
    assert percentile([7], 95) == 7


def test_too_many_long_functions_are_a_breach_that_names_the_longest() -> None:
    found = measure([source(lines(11) + lines(60, "longest"))])
    assert "longest has 60 lines" in str(next(found.breaches()))


def test_a_long_tail_is_a_breach_even_when_the_median_is_short() -> None:
    short, long = (lines(3) * 20), lines(46) * 2
    assert not list(measure([source(short + lines(46))]).breaches())
    assert list(measure([source(short + long)]).breaches())


def test_what_a_tool_wrote_is_left_out() -> None:
    written = source(lines(300), "scheduler/store/migrations/versions/0001_tables.py")
    assert [one.name for one in measure([written, source(lines(2, "ours"))]).functions] == ["ours"]


def test_the_report_says_what_is_and_what_may_be() -> None:
    report = str(measure([source(lines(4))]))
    assert report.startswith("1 functions: median 4 (at most 10), p95 4 (at most 45), longest 4")
