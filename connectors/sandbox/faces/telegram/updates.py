"""getUpdates: the only way a bot learns of reactions, and only if it asks for them by name."""

from collections import deque
from typing import Any

from connectors.sandbox.faces.telegram.chats import REACTIONS, chat_of
from connectors.sandbox.faces.telegram.parameters import Parameters
from connectors.sandbox.world import AccountState, Post, World

KEPT = 10_000


class Updates:
    """One queue per bot; what is confirmed by `offset` is forgotten."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._queues: dict[str, deque[dict[str, Any]]] = {}

    def counters_changed(self, post: Post) -> None:
        """Queue a message_reaction_count with the new totals."""
        counted = {
            "chat": chat_of(post.account),
            "message_id": post.native["messages"][0]["message_id"],
            "date": int(self._world.now().timestamp()),
            "reactions": _spread(post.count("reaction")),
        }
        queue = self._queues.setdefault(post.account.remote_id, deque(maxlen=KEPT))
        number = self._world.serial(f"telegram-update-{post.account.name}")
        queue.append({"update_id": number, "message_reaction_count": counted})

    def get(self, bot: AccountState, parameters: Parameters) -> list[dict[str, Any]]:
        """Bot API getUpdates, which never waits here."""
        queue = self._queues.setdefault(bot.remote_id, deque(maxlen=KEPT))
        while queue and queue[0]["update_id"] < parameters.whole("offset"):
            queue.popleft()
        if "message_reaction_count" not in parameters.complex("allowed_updates", list):
            return []
        return list(queue)[: parameters.whole("limit", 100)]


def _spread(total: int) -> list[dict[str, Any]]:
    """The total over the channel's three reactions: most thumbs, some hearts, few flames."""
    hearts, flames = total // 4, total // 10
    counts = zip(REACTIONS, (total - hearts - flames, hearts, flames), strict=True)
    return [
        {"type": {"type": "emoji", "emoji": emoji}, "total_count": count} for emoji, count in counts if count
    ]
