"""What a repair is the best at, in words."""

from __future__ import annotations

from allocator.analyses.no_plan import Best

BEST = {
    Best.ONE_RULE: "one rule",
    Best.LEAST_CHANGE: "least change",
    Best.FEWEST_RULES: "fewest rules",
    Best.ANOTHER_WAY: "another way",
}
"""As data has it."""
BEST_IN_FULL = BEST | {
    Best.ONE_RULE: "changes one rule only",
    Best.LEAST_CHANGE: "least change in all",
    Best.FEWEST_RULES: "fewest rules changed",
}
"""As readers are told."""
