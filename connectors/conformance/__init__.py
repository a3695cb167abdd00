"""The conformance suite every connector inherits, ours and third parties' alike.

    class TestMine(ConnectorConformance):
        connector = my_connector

        @pytest.fixture(scope="class")
        @classmethod
        def place(cls) -> Iterator[Place]:
            with my_fake_platform() as fake:
                yield Place(account=..., secret=..., dead_secret=..., look=fake.public_posts)

The suite puts a relay between the connector and the place and breaks exchanges there, so a place needs no
fault switches and may be a real test server. Needs pytest (a development dependency).
"""

import pytest

pytest.register_assert_rewrite(
    *(
        f"{__name__}.{part}"
        for part in ("publishing", "claims", "reading_back", "limits", "failures", "secrecy")
    )
)

# Only modules imported after the line above have their asserts explained.
from connectors.conformance.claims import Claims  # noqa: E402
from connectors.conformance.desk import Desk, new_key, new_mark  # noqa: E402
from connectors.conformance.failures import Failures  # noqa: E402
from connectors.conformance.faults import Answer  # noqa: E402
from connectors.conformance.limits import Limits  # noqa: E402
from connectors.conformance.place import Place, Seen  # noqa: E402
from connectors.conformance.publishing import Publishing  # noqa: E402
from connectors.conformance.reading_back import ReadingBack  # noqa: E402
from connectors.conformance.relay import Relay  # noqa: E402
from connectors.conformance.secrecy import Secrecy  # noqa: E402

__all__ = ["Answer", "ConnectorConformance", "Desk", "Place", "Relay", "Seen", "new_key", "new_mark"]


class ConnectorConformance(Publishing, Claims, ReadingBack, Limits, Failures, Secrecy):
    """Subclass it, set `connector`, give `place`; an overridden case needs an xfail with its reason."""
