"""Takes the pictures in docs/images from a reproduction's pages: tools/screenshots.py RUN FOLDER.

Needs Chromium on the path. Each picture is one window size in light or dark.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# What follows # in the address of a page that opens a network: see explore/scripts/address.js.
FOUR = (  # two strokes, as the page wrote them
    "AJMBKgQAB46CABBh_3oABhT__AEAD5f_hQAGHv_4ABC7_2AABif_8AAQ4P88AAYv_-cADwj9_xgABjj_3wAPKf_yAAdA_9YA"
    "D07_zgAHSf_OAA9y_-N5PwoAAghDov_YAA9p______jHtvL____iAA8COnCp4______q4f-VABMBIVxxNAOo_3MAGcn_UQAY"
    "Aen_MAAYEPz8EQAYL__qAgAYUf_KABly_6gAGZP_hwAZfPxKABkBFABD"
)
STATE = f"source=drawn&input={FOUR}&layer=0&unit=17&scales=1.25_0"
PICTURES = {  # name: (page, window's width, height, dark)
    "reproduction.png": ("index.html", 1180, 1240, False),
    "reproduction-dark.png": ("index.html", 1180, 1240, True),
    "reproduction-phone.png": ("index.html", 390, 1100, False),
    "explore.png": (f"explore-b.html#{STATE}", 1500, 1100, False),
    "explore-dark.png": ("explore-b.html#tab=chain", 1500, 1100, True),
    "explore-samples.png": ("explore-b.html#tab=samples&hiddenLayer=4", 1500, 1100, False),
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
    "--virtual-time-budget=5000",  # milliseconds for what a page draws when it is loaded
)


def main(run: str, folder: str) -> None:
    browser = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if browser is None:
        sys.exit(f"error: none of {', '.join(BROWSERS)} is installed: install Chromium")
    for name, (page, width, height, dark) in PICTURES.items():
        file, _, state = page.partition("#")
        if not Path(run, file).exists():
            print(f"{name} is left as it is: {run} has no {file}")
            continue
        address = f"{Path(run, file).resolve().as_uri()}#{state}"
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
