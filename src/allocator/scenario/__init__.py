"""What is asked: the scenario workbook and its meaning as data. Knows nothing of linear programmes."""
