#!/bin/sh
# Prints a Python that Offhook runs on (3.11 to 3.13), or says in a line what to install.
# A name on the PATH can be a version manager's shim that runs nothing, so each is tried.
for name in "${PYTHON:-python3}" python3.13 python3.12 python3.11 python; do
    if "$name" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
        >/dev/null 2>&1; then
        command -v "$name"
        exit 0
    fi
done
found=$(python3 --version 2>/dev/null || echo "none")
echo "offhook needs Python 3.11, 3.12 or 3.13 with venv; found: $found." \
    "Install one (Debian: apt install python3 python3-venv) or say where: make PYTHON=/path/to/python3.12" >&2
exit 1
