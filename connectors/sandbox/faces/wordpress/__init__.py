"""The WordPress face: one site per account, after the REST API of 6.1 (seen on a real one, 2026-11-22)."""

from connectors.sandbox.faces.wordpress.face import WordPressFace

__all__ = ["WordPressFace"]
