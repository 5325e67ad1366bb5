#!/bin/sh
# 找到 Python 3.11，再交给 setup.py；用法：.ci/setup.sh [run|test]
set -eu
here=$(dirname "$0")
for candidate in "${PYTHON:-python3.11}" /usr/bin/python3.11 python3; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then
        exec "$candidate" "$here/setup.py" "${1:-run}"
    fi
done
echo "找不到 Python 3.11（Debian 12 自带，软件包名 python3.11）；请装好后再试，或用 PYTHON=路径 指定。" >&2
exit 2
