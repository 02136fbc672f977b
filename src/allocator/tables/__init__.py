"""What is shown: every output table and column once, for workbook, console, JSON, DataFrames and docs."""
