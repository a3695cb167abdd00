"""The Mastodon face, after the OpenAPI description of API 4.7.0, and its GoToSocial variant."""

from connectors.sandbox.faces.mastodon.face import MastodonFace
from connectors.sandbox.faces.mastodon.flavours import GOTOSOCIAL, MASTODON

__all__ = ["GOTOSOCIAL", "MASTODON", "MastodonFace"]
