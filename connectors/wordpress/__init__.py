"""WordPress sites by the REST API: class C, a draft is laid out invisibly and then released."""

from connectors.wordpress.connector import WordPress

connector = WordPress()

__all__ = ["WordPress", "connector"]
