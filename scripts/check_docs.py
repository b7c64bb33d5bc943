#!/usr/bin/env python3
"""Documentation that can be checked: relative links lead somewhere, decisions are numbered without
gaps, the README is at most 150 lines. Exits 1 with file and line otherwise."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)[^)]*\)")


def markdown_files():
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "*.md"], cwd=ROOT,
                            capture_output=True, text=True, check=True)
    return [ROOT / line for line in listed.stdout.splitlines()]


def check_links(path):
    for number, line in enumerate(path.read_text().splitlines(), 1):
        for target in LINK.findall(line):
            if "://" in target or target.startswith("mailto:"):
                continue
            if not (path.parent / target).exists():
                yield f"{path.relative_to(ROOT)}:{number}: no such file: {target}"


def main():
    problems = [problem for path in markdown_files() for problem in check_links(path)]
    if len((ROOT / "README.md").read_text().splitlines()) > 150:
        problems.append("README.md: more than 150 lines")
    numbers = sorted(int(p.name[:4]) for p in (ROOT / "docs/decisions").glob("[0-9]*.md"))
    if numbers != list(range(1, len(numbers) + 1)):
        problems.append(f"docs/decisions: numbers are {numbers}")
    print("\n".join(problems) if problems else "docs: links and decisions are in order")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
