"""What the terminal shows: a plan, a comparison, a sweep, a verdict, a difference, problems, progress."""
