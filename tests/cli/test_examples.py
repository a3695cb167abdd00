"""Help says what everything is, and what it gives to copy can be typed as it stands, in both languages."""

import shlex

import pytest
from rich.cells import cell_len
from typer.core import TyperArgument, TyperOption

from docs.generating.commands import commands
from scheduler.cli.examples import EXAMPLES
from scheduler.cli.usage import PROGRAM
from scheduler.i18n import LANGUAGES, translator

WIDEST = 78
MAIN = {
    *("import", "posts approve", "pause", "resume", "recall", "attention", "resolve", "recover", "doctor"),
    *("harvest", "report weekly", "goals set", "readings import", "channels import", "queue", "show"),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_example_is_read_as_a_command_and_fits_a_terminal(language: str) -> None:
    tree, translate = dict(commands()), translator(language)
    shown = set()
    for line in map(translate, EXAMPLES):
        words = shlex.split(line, comments=True)
        name = next(name for end in (4, 3, 2) if (name := " ".join(words[:end])) in tree)
        tree[name].make_context(name, words[len(name.split()) :]).close()
        assert cell_len(line) <= WIDEST, line
        shown.add(name.removeprefix(f"{PROGRAM} "))
    assert shown >= MAIN


def test_nothing_that_may_be_typed_goes_without_a_word() -> None:
    bare = {
        (name, *one.opts)
        for name, command in commands()
        for one in command.params
        if isinstance(one, TyperArgument | TyperOption) and not one.help
    }
    assert not bare
