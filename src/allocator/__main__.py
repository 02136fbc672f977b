"""``python -m allocator`` is the command ``allocate``."""

from allocator.cli import main

if __name__ == "__main__":
    main()
