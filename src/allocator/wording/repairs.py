"""What a repair is the best at, in words."""

from __future__ import annotations

from allocator.analyses.no_plan import RepairKind

KINDS = {
    RepairKind.ONE_RULE: "one rule",
    RepairKind.LEAST_CHANGE: "least change",
    RepairKind.FEWEST_RULES: "fewest rules",
    RepairKind.ANOTHER_WAY: "another way",
}
"""As data has it."""
KINDS_IN_FULL = KINDS | {
    RepairKind.ONE_RULE: "changes one rule only",
    RepairKind.LEAST_CHANGE: "least change in all",
    RepairKind.FEWEST_RULES: "fewest rules changed",
}
"""As readers are told."""
