"""Command lines to copy, shown under the help of their commands; names are those of `postroad demo`.

Marked are those that have words to translate.
"""

from scheduler.cli.wording import _
from scheduler.core.wording import N_

EXAMPLES = (
    'postroad members add "Chen Yu" --role reviewer',
    "postroad doctor",
    "postroad doctor --json",
    "postroad channels import channels.csv",
    N_("postroad channels connect bsky-en-gb  # asks for its secret"),
    N_("postroad channels space bsky-en-gb 600  # ten minutes between two posts"),
    N_("postroad import posts.csv --dry-run  # check every row, store nothing"),
    'postroad import posts.xlsx --as "Lin Wei"',
    N_("postroad posts list --status submitted  # what waits for approval"),
    "postroad posts submit museum-night",
    'postroad posts approve museum-night --as "Chen Yu"',
    "postroad forecast --days 7",
    "postroad queue --channel bsky-en-gb --all",
    "postroad queue --state held --json",
    "postroad show 354",
    N_("postroad show 354 --full  # all that the platform answered"),
    "postroad attention",
    "postroad attention --days 30",
    N_('postroad resolve 354 --published https://t.me/museum/18 --reason "seen there"'),
    N_('postroad resolve 354 --absent --reason "not on the channel"'),
    "postroad release 354 355",
    "postroad release --channel bsky-en-gb",
    N_('postroad pause --all --reason "wrong map in a post"'),
    N_('postroad pause --channel bsky-en-gb --reason "account under attack"'),
    N_('postroad resume --all --reason "map corrected" --as "Chen Yu"'),
    "postroad pauses --all",
    N_('postroad recall museum-night --reason "wrong date"'),
    N_('postroad recall --campaign "Museum stories" --reason "no licence"'),
    "postroad report weekly",
    "postroad report weekly --week 2026-W47 --lang zh-CN --format pdf,xlsx",
    "postroad report monthly --month 2026-11 --out reports",
    "postroad report yearly --year 2026",
    'postroad report campaign "Museum stories" --from 2026-11-01',
    N_('postroad report comment 2026-W47 --section output --text "A holiday week."'),
    "postroad report send --week 2026-W47",
    "postroad report recipients add director@example.org --lang zh-CN",
    "postroad goals set 2026 followers 1200000",
    "postroad goals set 2026 publications 900 --slice language=ar",
    "postroad goals list --year 2026",
    "postroad goals freeze 2026 mid-year",
    "postroad insight hours --channel bsky-en-gb",
    "postroad insight languages museum-night",
    N_("postroad readings template  # save it as readings.csv and fill it in"),
    "postroad readings import readings.csv",
    "postroad harvest",
    "postroad harvest --backfill --since 2026-11-01",
    N_('postroad clock accept --reason "the clock was an hour slow"'),
    "postroad backup postroad-2026-11-23.db",
    "postroad restore postroad-2026-11-23.db",
    N_("postroad recover --json  # what is lost; changes nothing"),
    'postroad recover --as "Lin Wei"',
)


def examples_of(command: str) -> list[str]:
    """The examples of a command by its full name, of a group those of all its commands."""
    return [_(line) for line in EXAMPLES if f"{line} ".startswith(f"{command} ")]
