"""Installs what the tests need from Debian's packages, where it is missing and may be installed:
a browser and fonts for Chinese. Run as a module by `make test`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

PACKAGES = ("chromium", "fonts-noto-cjk")


def main() -> int:
    """0 if everything is there; 1 with a sentence that says what to install."""
    if _complete():
        return 0
    if shutil.which("apt-get") and os.geteuid() == 0:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (
            ["update", "-qq"],
            ["install", "-y", "-qq", "--no-install-recommends", *PACKAGES],
        ):
            subprocess.run(
                ["apt-get", *command], check=False, env=environment, stdout=subprocess.DEVNULL
            )
    if _complete():
        return 0
    print(
        f"The tests drive a browser; install it first: sudo apt-get install {' '.join(PACKAGES)}",
        file=sys.stderr,
    )
    return 1


def _complete() -> bool:
    fonts = (
        subprocess.run(["fc-list", ":lang=zh"], capture_output=True, check=False)
        if shutil.which("fc-list")
        else None
    )
    return bool(shutil.which("chromium") and fonts and fonts.stdout.strip())


if __name__ == "__main__":
    sys.exit(main())
