"""Print the commands that a README's section "Try it" has in blocks of their own, in their order."""

import re
import sys
from pathlib import Path

text = Path(sys.argv[1]).read_text("utf-8")
section = re.search(r"^## Try it\n(.*?)^## ", text, re.MULTILINE | re.DOTALL)
if section is None:
    sys.exit("the README has no section Try it")
print(*re.findall(r"^```\n(.*?)^```", section[1], re.MULTILINE | re.DOTALL), sep="", end="")
