"""What a connector refuses loudly instead of losing silently."""

from connectors.capabilities import Capabilities
from connectors.contract import Outgoing
from connectors.errors import Unsupported


def refuse_what_would_be_lost(capabilities: Capabilities, outgoing: Outgoing) -> None:
    """Raise Unsupported when `outgoing` carries images or a disclosure that this platform cannot show."""
    labels = outgoing.labels
    asked = {
        "images": bool(outgoing.media),
        "ai_label": labels.ai_generated,
        "paid_label": labels.paid or bool(labels.affiliation),
    }
    for feature, wanted in asked.items():
        if wanted and not capabilities.supports(feature):
            raise Unsupported(f"{capabilities.title} has no field for {feature}")
