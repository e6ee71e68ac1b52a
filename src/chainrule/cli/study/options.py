"""What several ``study`` commands take."""

from __future__ import annotations

from pathlib import Path

from chainrule.cli.options import out_folder

OUT = out_folder("The study's folder.", Path("study"))
