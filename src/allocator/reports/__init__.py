"""How it is shown: workbook, console, JSON. Every output column is declared once, in `tables`."""
