"""Make the configuration of every part of an installation from one site file."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from deploy.site import SiteError, configure, read_site


def main(arguments: list[str] | None = None) -> int:
    """Write the files; returns the exit status."""
    parser = argparse.ArgumentParser(prog="deploy/configure", description=__doc__)
    parser.add_argument("site", type=Path, help="the site file, as deploy/site.example.toml")
    parser.add_argument("output", type=Path, help="folder to write to; secrets that lie there are kept")
    options = parser.parse_args(arguments)
    try:
        configure(read_site(options.site), options.output)
    except SiteError as error:
        print(f"deploy/configure: {error}", file=sys.stderr)
        return 1
    print(f"The configuration is in {options.output}; docs/operations.md says where each file belongs.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
