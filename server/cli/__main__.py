"""入口：`python -m server.cli <命令>`。"""

from __future__ import annotations

import sys

from server.cli.commands import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
