"""How large a page of ``chainrule explore`` is, how long it takes to open and to follow a stroke.

python -m benchmarks.explore trains two networks for an epoch, of the report's section B and of half
a million parameters, writes their pages with 500 images of MNIST, and opens them in Chromium, which
it drives by Playwright. A stroke is 40 moves of a pointer; an update is all that the page's thread
does from one such event until it is free again: the event itself, and the frame that follows, with
the network's answer and the panels in view. Medians count.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from chainrule import NeuralNetwork
from chainrule.datasets import load_mnist
from chainrule.explore import explore
from chainrule.study.environment import environment

NETWORKS = ((784, 256, 128, 64, 32, 10), (784, 512, 256, 10))
TABS = {"network": "Inside", "chain": "Chain rule", "samples": "All samples"}
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
OPENINGS = 7
SETTLE = 2000  # milliseconds, for what a page computes once it is open

STROKE = """async () => {
  const canvas = document.querySelector("canvas.drawing");
  const box = canvas.getBoundingClientRect();
  canvas.setPointerCapture = () => {};
  canvas.hasPointerCapture = () => true;
  const fire = (type, t) => canvas.dispatchEvent(new PointerEvent(type, {
    pointerId: 1, button: 0, isPrimary: true, bubbles: true,
    clientX: box.left + (0.3 + 0.4 * t) * box.width,
    clientY: box.top + (0.2 + 0.6 * t) * box.height}));
  fire("pointerdown", 0);
  const times = [];
  for (let i = 1; i <= 40; i++) {
    await new Promise(requestAnimationFrame);
    await new Promise(done => setTimeout(done));
    const begun = performance.now();
    fire("pointermove", i / 40);
    const event = performance.now() - begun;
    await new Promise(requestAnimationFrame);
    const frame = performance.now();
    await new Promise(done => setTimeout(done));
    times.push(event + performance.now() - frame);
  }
  return times;
}"""


def measured(browser: Any, page: Path) -> list[str]:
    """Return a row of the table: milliseconds to open, and for an update in each tab."""
    opened = []
    updates = dict.fromkeys(TABS, "")
    for tab in [*TABS, *list(TABS)[:1] * (OPENINGS - len(TABS))]:
        view = browser.new_page(viewport={"width": 1280, "height": 900})
        begun = time.perf_counter()
        view.goto(f"{page.as_uri()}#tab={tab}")
        view.wait_for_selector("html[data-ready]")
        opened.append(1000 * (time.perf_counter() - begun))
        if not updates[tab]:
            view.wait_for_timeout(SETTLE)
            updates[tab] = f"{statistics.median(view.evaluate(STROKE)):.1f}"
        view.close()
    return [f"{statistics.median(opened):.0f}", *updates.values()]


def main() -> None:
    from playwright.sync_api import sync_playwright

    path = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if path is None:
        sys.exit(f"error: none of {', '.join(BROWSERS)} is installed: install Chromium")
    for name, value in environment().items():
        print(f"{name}: {value}")
    data = load_mnist()
    heads = ["network", "parameters", "weights", "page, bytes", "opens, ms"]
    heads += [f"update, {title}, ms" for title in TABS.values()]
    print("\n| " + " | ".join(heads) + " |\n" + "|---" * len(heads) + "|")
    with sync_playwright() as driver, tempfile.TemporaryDirectory() as folder:
        browser = driver.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu"]
        )
        for sizes in NETWORKS:
            net = NeuralNetwork(
                len(sizes), list(sizes), 0.1, "relu", "he_normal", 1, 128, random_state=0
            ).fit(data.X_train, data.y_train)
            file = Path(folder, "page.html")
            content = explore(net, "mnist", file)
            cells = ["-".join(map(str, sizes)), f"{content.model.n_parameters:,}"]
            cells += [content.network.weights.dtype, f"{file.stat().st_size:,}"]
            print("| " + " | ".join([*cells, *measured(browser, file)]) + " |", flush=True)
        browser.close()


if __name__ == "__main__":
    main()
