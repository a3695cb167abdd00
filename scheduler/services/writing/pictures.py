"""The images of an import: read once, cleaned, fitted to the platforms, and kept aside until all is well."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from connectors.capabilities import MediaRule
from connectors.images import MIME_TYPES, CannotFit, NotAnImage, fit_image, inspect_image
from scheduler.core.cells import Fault
from scheduler.core.wording import N_
from scheduler.services.media import MediaFolder

FILE_LIMIT = 50_000_000
ANY_RULE = MediaRule(max_count=1, max_bytes=FILE_LIMIT, mime_types=frozenset(MIME_TYPES.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """An image as it will be stored; `path` is the same in every media folder, `size` in bytes."""

    sha256: str
    mime_type: str
    size: int
    width: int
    height: int
    path: str


class Pictures:
    """Images named in a table in `folder`; what is made of them waits in `spool` until all is well.

    Every method that takes a name raises Fault with what is wrong with that image.
    """

    def __init__(self, folder: Path, *, spool: Path) -> None:
        self._folder = folder.resolve()
        self._files = MediaFolder(spool)
        self._fingerprints: dict[Path, str] = {}
        self._made: dict[tuple[str, MediaRule], Picture | Fault] = {}

    def fingerprint(self, name: str) -> str:
        """SHA-256 of the file as it is."""
        path = self._find(name)
        if path not in self._fingerprints:
            self._fingerprints[path] = hashlib.sha256(_read(path, name)).hexdigest()
        return self._fingerprints[path]

    def original(self, name: str) -> Picture:
        """The whole image without its metadata."""
        fingerprint = self.fingerprint(name)
        return self._once(fingerprint, ANY_RULE, name, lambda: _read(self._find(name), name))

    def rendition(self, name: str, rule: MediaRule) -> Picture:
        """The image as a platform takes it: the original itself where that fits."""
        original = self.original(name)
        if original.mime_type in rule.mime_types and original.size <= rule.max_bytes:
            return original
        return self._once(original.sha256, rule, name, lambda: self._files.read(original.path))

    def keep(self, picture: Picture, media: MediaFolder) -> None:
        """Put the image where it will stay."""
        media.put(self._files.read(picture.path))

    def _once(self, source: str, rule: MediaRule, name: str, read: Callable[[], bytes]) -> Picture:
        """Fit the same bytes to the same rule once, however many rows show them."""
        if (source, rule) not in self._made:
            try:
                self._made[source, rule] = self._fit(read(), rule, name)
            except Fault as fault:
                self._made[source, rule] = fault
        made = self._made[source, rule]
        if isinstance(made, Fault):
            raise made
        return made

    def _fit(self, content: bytes, rule: MediaRule, name: str) -> Picture:
        try:
            fitted, mime_type = fit_image(content, max_bytes=rule.max_bytes, mime_types=rule.mime_types)
        except NotAnImage as error:
            words, _, _ = str(error).partition(" (")
            raise Fault(N_("“{file}” cannot be used: {words}"), file=name, words=words) from None
        except CannotFit as error:
            raise Fault(N_("“{file}” cannot be made to fit: {words}"), file=name, words=str(error)) from None
        facts = inspect_image(fitted)
        return Picture(
            sha256=hashlib.sha256(fitted).hexdigest(),
            mime_type=mime_type,
            size=len(fitted),
            width=facts.width,
            height=facts.height,
            path=self._files.put(fitted),
        )

    def _find(self, name: str) -> Path:
        path = (self._folder / name.replace("\\", "/")).resolve()
        if not Path(name).is_absolute() and not path.is_relative_to(self._folder):
            raise Fault(N_("“{file}” is outside the folder of the table"), file=name)
        return path


def _read(path: Path, name: str) -> bytes:
    try:
        if path.stat().st_size > FILE_LIMIT:
            megabytes = FILE_LIMIT // 1_000_000
            raise Fault(N_("“{file}” is larger than {megabytes} MB"), file=name, megabytes=megabytes)
        return path.read_bytes()
    except FileNotFoundError:
        raise Fault(N_("there is no file “{file}” in the folder of the table"), file=name) from None
    except OSError as error:
        raise Fault(N_("“{file}” cannot be read: {words}"), file=name, words=error.strerror or "") from None
