"""The Bluesky face: a PDS with its AppView behind one address, after the lexicons of @atproto/api 0.20."""

from connectors.sandbox.faces.bluesky.face import BlueskyFace

__all__ = ["BlueskyFace"]
