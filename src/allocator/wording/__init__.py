"""In which words: facts → sentences."""
