"""Each guard of the table still stands in the code, and one that is taken out turns its test red."""

import pytest

from tests.guards.removing import HOME, copied_tree, run_tests, try_without
from tests.guards.table import count_fragments, read_guards

TRIED = ("the bytes in hand are the approved ones", "a lapsed sending becomes unconfirmed, never ready")


def test_every_guard_is_found_and_has_a_test() -> None:
    guards = read_guards()
    assert [guard.name for guard in guards if count_fragments(guard, HOME) != guard.times] == []
    assert [guard.name for guard in guards if guard.fragment == guard.without] == []
    shown = {guard.name: guard.shown_by.split("::") for guard in guards}
    assert [
        name for name, (file, test) in shown.items() if f"def {test}(" not in (HOME / file).read_text("utf-8")
    ] == []
    assert len(shown) == len(guards)


@pytest.mark.slow
def test_without_a_guard_a_test_turns_red_and_with_it_green() -> None:
    tried = [guard for guard in read_guards() if guard.name in TRIED]
    assert len(tried) == len(TRIED)
    with copied_tree() as tree:
        assert [try_without(tree, guard).red for guard in tried] == [True] * len(TRIED)
        whole = run_tests(tree, [guard.shown_by for guard in tried])
        assert (whole.ran, whole.red) == (True, False)
