"""Tell which of the locked packages don't stand in pyproject.toml with their exact versions; exit code 1 if any."""

import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
packages = tomllib.loads((ROOT / "uv.lock").read_text("utf-8"))["package"]
locked = {f"{each['name']}=={each['version']}" for each in packages if each["name"] != project["project"]["name"]}
stated = set(project["tool"]["uv"].get("constraint-dependencies", ()))
for line in sorted(locked ^ stated):
    print("missing:" if line in locked else "not needed:", line)
sys.exit(locked != stated)
