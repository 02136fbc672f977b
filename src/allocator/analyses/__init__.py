"""What can be learnt from a solved programme: one file each, one question each."""
