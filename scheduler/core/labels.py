"""Disclosures: what a platform has a field for goes there, what it has none for belongs in the text."""

from connectors.capabilities import Capabilities
from connectors.contract import Connector, Labels
from scheduler.core.wording import N_

AI_LABEL, PAID_LABEL = "ai_label", "paid_label"
NO_FIELD = {
    AI_LABEL: N_("there is no AI label on {channels}: say so in the text"),
    PAID_LABEL: N_("there is no label for paid or affiliated content on {channels}: say so in the text"),
}


def sendable(labels: Labels, connector: Connector | None) -> Labels:
    """Those of the labels that the platform can show; all of them where no connector says which."""
    if connector is None:
        return labels
    capabilities = connector.capabilities
    paid = capabilities.supports(PAID_LABEL)
    return Labels(
        ai_generated=labels.ai_generated and capabilities.supports(AI_LABEL),
        paid=labels.paid and paid,
        affiliation=labels.affiliation if paid else "",
    )


def unsendable(labels: Labels, capabilities: Capabilities) -> list[str]:
    """The message for each disclosure that the platform has no field for."""
    wanted = {AI_LABEL: labels.ai_generated, PAID_LABEL: labels.paid or bool(labels.affiliation)}
    return [NO_FIELD[label] for label in wanted if wanted[label] and not capabilities.supports(label)]
