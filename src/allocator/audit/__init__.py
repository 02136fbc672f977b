"""How a plan is checked: by reading every cell of its workbook, making it anew, and comparing."""
