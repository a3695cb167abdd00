"""Which text a channel can carry: BCP-47 tags compared by language, script and region, never by prefix."""

from functools import cache

import langcodes
from babel.core import get_global
from langcodes import Language
from langcodes.tag_parser import LanguageTagError

LENGTH_LIMIT = 64

Closeness = tuple[bool, int, bool]


class UnknownLanguage(ValueError):
    """Not a tag of a language that exists (BCP-47)."""


def canonical(tag: str) -> str:
    """The tag as BCP-47 writes it (`zh_cn` is `zh-CN`), or UnknownLanguage."""
    try:
        standard = langcodes.standardize_tag(tag)
    except LanguageTagError:
        raise UnknownLanguage(tag) from None
    if not Language.get(standard).is_valid() or standard in ("und", "mul") or len(standard) > LENGTH_LIMIT:
        raise UnknownLanguage(tag)
    return standard


@cache
def closeness(offered: str, *, spoken: str) -> Closeness | None:
    """How well text in `offered` suits readers of `spoken`, greatest is best; None when it does not.

    The exact tag is best, then the nearer region, then a named script. A base language serves its regions
    (`pt` serves `pt-BR`) and CLDR's groups of regions serve theirs (`es-419` serves `es-MX`), but one
    script never serves another: `zh` and `zh-Hans` do not serve `zh-TW`.
    """
    text, reader = Language.get(offered), Language.get(spoken)
    full = reader.maximize()
    regions = _regions(full)
    same_tongue = (text.language, text.maximize().script) == (reader.language, full.script)
    if not same_tongue or (text.territory and text.territory not in regions):
        return None
    if not set(text.variants or ()) <= set(reader.variants or ()):
        return None
    nearness = len(regions) - regions.index(text.territory) if text.territory else 0
    return offered == spoken, nearness, bool(text.script)


@cache
def within(language: str, group: str) -> bool:
    """True when `language` belongs to `group`: `zh-TW` is within `zh` and within `zh-Hant`."""
    inner, outer = Language.get(language), Language.get(group)
    full = inner.maximize()
    return (
        inner.language == outer.language
        and outer.script in (None, full.script)
        and outer.territory in (None, full.territory)
    )


def _regions(full: Language) -> list[str]:
    """The region of a complete tag and the CLDR groups it belongs to, nearest first."""
    parents = get_global("parent_exceptions")
    regions = [full.territory or "001"]
    while group := parents.get(f"{full.language}_{regions[-1]}", "").partition("_")[2]:
        regions.append(group)
    return regions
