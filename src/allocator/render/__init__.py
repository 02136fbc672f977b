"""How it looks: workbooks, charts, console, JSON, DataFrames and docs, from the tables."""
