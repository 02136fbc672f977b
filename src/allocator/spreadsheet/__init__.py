"""XLSX as a file: its parts, found and unpacked within bounds, and the cells in them; knows nothing of budgets."""
