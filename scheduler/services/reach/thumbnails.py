"""Small pictures of the posts that a report shows, made from their own images; none where they are gone."""

from connectors.images import NotAnImage, small_picture
from scheduler.reports.dataset import ReachDataset
from scheduler.services.media import MediaFolder, path_of

SIZE = (240, 180)
"""In pixels: twice what is shown, for paper and fine screens. Some 10 KB each, ten at most in a report."""


def thumbnails(media: MediaFolder, dataset: ReachDataset) -> dict[str, bytes]:
    """A small JPEG for each image of the best and weakest posts that is still there, by its SHA-256."""
    shown = {post.picture.sha256 for post in (*dataset.best, *dataset.weakest) if post.picture}
    made = {sha256: _thumbnail(media, sha256) for sha256 in sorted(shown)}
    return {sha256: picture for sha256, picture in made.items() if picture is not None}


def _thumbnail(media: MediaFolder, sha256: str) -> bytes | None:
    try:
        return small_picture(media.read(path_of(sha256)), SIZE)
    except (OSError, NotAnImage):
        return None
