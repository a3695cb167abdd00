"""Places on the sandbox for the conformance suite."""

from connectors.conformance import Place, Seen
from connectors.contract import Account
from connectors.sandbox import SandboxServer


def sandbox_place(
    sandbox: SandboxServer, platform: str, name: str, *, dead: dict[str, str] | None = None
) -> Place:
    """A new account on a face of the sandbox; `dead` replaces fields of its secret by refused ones."""
    account = sandbox.control.create_account(platform, name)

    def look(mark: str) -> list[Seen]:
        return [
            Seen(
                remote_id=post.remote_id,
                text=post.text,
                language=post.language,
                media_count=post.media_count,
                alts=post.alts,
            )
            for post in sandbox.control.posts(platform)
            if post.account == account.handle and mark in post.text
        ]

    return Place(
        account=Account(base_url=account.base_url, handle=account.handle),
        secret=account.secret,
        dead_secret=account.secret | (dead or {}),
        look=look,
    )
