"""The linear programme: rows in exact numbers, the model in PuLP, its solution. Knows nothing of Excel."""
