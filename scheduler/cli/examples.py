"""Command lines to copy, shown under the help of their commands; names are those of `postroad demo`."""

from scheduler.cli.wording import _
from scheduler.core.wording import N_

EXAMPLES = (
    N_('postroad members add "Chen Yu" --role reviewer'),
    N_("postroad doctor"),
    N_("postroad doctor --json"),
    N_("postroad channels import channels.csv"),
    N_("postroad channels connect bsky-en-gb  # asks for its secret"),
    N_("postroad channels space bsky-en-gb 600  # ten minutes between two posts"),
    N_("postroad import posts.csv --dry-run  # check every row, store nothing"),
    N_('postroad import posts.xlsx --as "Lin Wei"'),
    N_("postroad posts list --status submitted  # what waits for approval"),
    N_("postroad posts submit museum-night"),
    N_('postroad posts approve museum-night --as "Chen Yu"'),
    N_("postroad forecast --days 7"),
    N_("postroad queue --channel bsky-en-gb --all"),
    N_("postroad queue --state held --json"),
    N_("postroad show 354"),
    N_("postroad show 354 --full  # all that the platform answered"),
    N_("postroad attention"),
    N_("postroad attention --days 30"),
    N_('postroad resolve 354 --published https://t.me/museum/18 --reason "seen there"'),
    N_('postroad resolve 354 --absent --reason "not on the channel"'),
    N_("postroad release 354 355"),
    N_("postroad release --channel bsky-en-gb"),
    N_('postroad pause --all --reason "wrong map in a post"'),
    N_('postroad pause --channel bsky-en-gb --reason "account under attack"'),
    N_('postroad resume --all --reason "map corrected" --as "Chen Yu"'),
    N_("postroad pauses --all"),
    N_('postroad recall museum-night --reason "wrong date"'),
    N_('postroad recall --campaign "Museum stories" --reason "no licence"'),
    N_("postroad report weekly"),
    N_("postroad report weekly --week 2026-W47 --lang zh-CN --format pdf,xlsx"),
    N_("postroad report monthly --month 2026-11 --out reports"),
    N_("postroad report yearly --year 2026"),
    N_('postroad report campaign "Museum stories" --from 2026-11-01'),
    N_('postroad report comment 2026-W47 --section output --text "A holiday week."'),
    N_("postroad report send --week 2026-W47"),
    N_("postroad report recipients add director@example.org --lang zh-CN"),
    N_("postroad goals set 2026 followers 1200000"),
    N_("postroad goals set 2026 publications 900 --slice language=ar"),
    N_("postroad goals list --year 2026"),
    N_("postroad goals freeze 2026 mid-year"),
    N_("postroad insight hours --channel bsky-en-gb"),
    N_("postroad insight languages museum-night"),
    N_("postroad readings template  # save it as readings.csv and fill it in"),
    N_("postroad readings import readings.csv"),
    N_("postroad harvest"),
    N_("postroad harvest --backfill --since 2026-11-01"),
    N_('postroad clock accept --reason "the clock was an hour slow"'),
    N_("postroad recover --json  # what is lost; changes nothing"),
    N_('postroad recover --as "Lin Wei"'),
)


def examples_of(command: str) -> list[str]:
    """The examples of a command by its full name, of a group those of all its commands."""
    return [_(line) for line in EXAMPLES if f"{line} ".startswith(f"{command} ")]
