"""Tests of the connectors."""

import pytest

pytest.register_assert_rewrite(f"{__name__}.wordpress_cases")
