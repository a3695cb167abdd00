"""Print every breach with its reason, then how long our functions are; exit status 1 on any breach."""

import sys
from collections.abc import Iterator

from tests.house_rules.lengths import measure
from tests.house_rules.places import says_no_machine, says_no_registry
from tests.house_rules.rules import RULES
from tests.house_rules.sources import Breach, committed_sources, product_sources


def find_breaches() -> Iterator[Breach]:
    """Every rule on every file it is about."""
    product = product_sources()
    for source in product:
        for rule in RULES:
            yield from rule(source)
    for source in committed_sources():
        yield from says_no_registry(source)
        yield from says_no_machine(source)
    yield from measure(product).breaches()


def main() -> int:
    """The exit status."""
    breaches = list(find_breaches())
    sys.stdout.writelines(f"{breach}\n" for breach in breaches)
    sys.stdout.write(f"{measure(product_sources())}\n")
    sys.stdout.write(f"house rules: {len(breaches)} broken\n")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
