"""What the values of a capability sheet mean, in words for readers."""

from connectors.capabilities import Idempotency, Support

SUPPORT = {
    Support.FULL: "yes",
    Support.PARTIAL: "partly",
    Support.NOT_IMPLEMENTED: "not yet",
    Support.UNSUPPORTED: "no",
    Support.UNKNOWN: "unknown",
}
LEGEND = (
    "*yes*: works as expected. *partly*: works within the limits named on the platform's page. *not yet*: "
    "the platform can, this connector does not. *no*: the platform cannot. *unknown*: nobody looked, so it "
    "is treated as no."
)
IDEMPOTENCY = {
    Idempotency.KEY: "we choose a key; a repeat with it makes no second post",
    Idempotency.CONTAINER: "a staged object is released; releasing it twice makes no second post",
    Idempotency.LISTING: "none; our own posts can be listed and compared",
    Idempotency.NOTHING: "none, and nothing can be looked up: in doubt a person decides",
}
FINDING = {
    "exact": "by key or id",
    "by_text": "by comparing with a listing, which proves presence only",
    "none": "not at all",
}
CHECKED = {
    "run": "tried against the real software",
    "spec": "read in the platform's own specification",
    "code": "read in the platform's own code",
    "unchecked": "not checked; treat with care",
}
UNITS = {
    "graphemes": "graphemes",
    "code_points": "code points",
    "utf16_units": "UTF-16 units",
    "utf8_bytes": "UTF-8 bytes",
}
