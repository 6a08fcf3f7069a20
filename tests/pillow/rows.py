"""What a plugin does, row by row: a program that has one plugin registered and writes down what it found.

``python -m pillow.rows PLUGIN FOLDER`` prints a JSON object of a cell for each row; PLUGIN is
``eitherside.pillow`` or ``pillow_jxl``, FOLDER has the files of `pillow.files`. A process of its own, as both
register the same format.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from pillow import rows_metadata, rows_pictures, rows_safety
from pillow.plugin import Plugin, outcome

ROWS = {**rows_pictures.ROWS, **rows_metadata.ROWS, **rows_safety.ROWS}


def main() -> None:
    """Prints the cells of all rows."""
    plugin = Plugin(sys.argv[1], Path(sys.argv[2]))
    cells = {text: outcome(lambda work=work: work(plugin)) for text, work in ROWS.items()}  # type: ignore[misc]
    print(json.dumps(cells, ensure_ascii=False))


if __name__ == "__main__":
    main()
