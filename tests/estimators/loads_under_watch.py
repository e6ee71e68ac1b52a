"""Loads the files named on the command line and prints what each load made the interpreter do.

The first is loaded before the watch begins, so that what any load imports is there.
"""

import json
import os
import sys
import tracemalloc

from chainrule import load
from chainrule.cli.info_facts import contents
from chainrule.errors import DataFormatError

HARMLESS = {"object.__getattr__", "object.__setattr__", "object.__delattr__", "sys._getframe"}
HARMLESS |= {"gc.get_objects", "builtins.id"}
watched, events = {"path": ""}, []


def watch(event, arguments):
    path = watched["path"]
    if not path or event in HARMLESS:
        return
    if (
        event == "open"
        and str(arguments[0]) == path
        and not arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    ):
        return
    if event == "open" and isinstance(arguments[0], int):  # the same file again, by its number
        return
    events.append(f"{event} {str(arguments[:1])[:80]}")


def main(first, *paths):
    load(first), contents(first)
    sys.addaudithook(watch)
    found = {}
    for each in paths:
        for how in (load, contents):
            events.clear()
            tracemalloc.start()
            watched["path"] = each
            try:
                how(each)
                result = "loaded"
            except DataFormatError as error:
                result = str(error)
            finally:
                watched["path"] = ""
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            found.setdefault(each, []).append([result, peak, list(events)])
    print(json.dumps(found))


main(*sys.argv[1:])
