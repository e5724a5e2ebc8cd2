"""Write the input files of an AMRClaw example, as a script in its folder: `python setrun.py CHANGES`.

CHANGES is JSON such as {"clawdata.tfinal": 2.5}: parts of Clawpack's run data, and what to set in them differently
from the example's `setrun.py`. It needs Clawpack's source on the import path, and imports nothing of the package.
"""

import json
import os
import sys


def write_input(changes: dict) -> None:
    """Change the parameters of `setrun.py` in the current folder and write them for the solver."""
    sys.path.insert(0, os.getcwd())
    from setrun import setrun

    parameters = setrun()
    for name, value in changes.items():
        part, attribute = name.split(".")
        setattr(getattr(parameters, part), attribute, value)
    parameters.write()


if __name__ == "__main__":
    write_input(json.loads(sys.argv[1]))
