"""Takes the pictures in docs/images from a page: tools/screenshots.py PAGE FOLDER.

Needs Chromium on the path. Each picture is one window size in light or dark.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PICTURES = {  # name: (width, height, dark)
    "reproduction.png": (1180, 1240, False),
    "reproduction-dark.png": (1180, 1240, True),
    "reproduction-phone.png": (390, 1100, False),
}
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)


def main(page: str, folder: str) -> None:
    browser = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if browser is None:
        sys.exit(f"error: none of {', '.join(BROWSERS)} is installed: install Chromium")
    address = Path(page).resolve(strict=True).as_uri()
    for name, (width, height, dark) in PICTURES.items():
        picture = Path(folder).resolve() / name
        with tempfile.TemporaryDirectory() as profile:
            dark_flag = ["--blink-settings=preferredColorScheme=0"] if dark else []
            subprocess.run(
                [
                    browser,
                    *FLAGS,
                    *dark_flag,
                    f"--user-data-dir={profile}",
                    f"--window-size={width},{height}",
                    f"--screenshot={picture}",
                    address,
                ],
                check=True,
                capture_output=True,
                timeout=120,
            )
        print(picture.name)


if __name__ == "__main__":
    main(*sys.argv[1:])
