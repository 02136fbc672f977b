"""The second solver, CBC: its 180 MB are there only where they are asked for, with ``uv run --extra cbc pytest``."""

from importlib.util import find_spec

import pytest

from allocator.audit.remaking import NO_SECOND

HAS_CBC = find_spec("cbcbox") is not None
needs_cbc = pytest.mark.skipif(not HAS_CBC, reason="CBC is not installed: uv run --extra cbc pytest")
NOTES: tuple[str, ...] = () if HAS_CBC else (NO_SECOND,)
"""What `verify` says of the solvers, before anything else it has to note."""
