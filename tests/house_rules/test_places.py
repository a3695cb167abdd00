"""Addresses of registries and paths of one machine are found; examples written in pieces, as they must be."""

import pytest

from tests.house_rules.places import says_no_machine, says_no_registry
from tests.house_rules.sources import Source


@pytest.mark.parametrize(
    "host", ["pypi|org", "files.pythonhosted|org", "registry.npmjs|org", "deb.debian|org"]
)
def test_a_registry_is_found(host: str) -> None:
    source = Source(
        "Dockerfile", "FROM python\nRUN pip install -i https://" + host.replace("|", ".") + "/simple"
    )
    assert [breach.line for breach in says_no_registry(source)] == [2]


@pytest.mark.parametrize("text", ["apt-get install debian-goodies", "the npm registry", "www.debian.example"])
def test_a_package_may_be_named(text: str) -> None:
    assert not list(says_no_registry(Source("README.md", text)))


@pytest.mark.parametrize(
    "path", ["|work/main/x.py", "|root/.ssh", "|home/lin/posts.csv", "|Users/lin/posts.csv"]
)
def test_a_path_of_one_machine_is_found(path: str) -> None:
    source = Source("docs/tutorial.md", "cd " + path.replace("|", "/"))
    assert [breach.line for breach in says_no_machine(source)] == [1]


def test_the_folder_of_this_checkout_is_found_wherever_it_is() -> None:
    source = Source("notes.txt", "see ../elsewhere/checkout/x")
    assert list(says_no_machine(source, checkout="elsewhere/checkout"))
    assert not list(says_no_machine(source))


@pytest.mark.parametrize("path", ["docs/work/x", "/var/lib/postroad/keys", "$HOME/root/x", "/work"])
def test_paths_that_hold_anywhere_are_left_alone(path: str) -> None:
    assert not list(says_no_machine(Source("README.md", path)))
