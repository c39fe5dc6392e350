#!/bin/sh
# Serves with reload: the server restarts when its Python changes, and the page is rebuilt when its
# source changes. Bots need neither: the server watches them itself.
cd "$(dirname "$0")/.." || exit 1
(cd client && exec npm run --silent build -- --watch --logLevel warn) &
page=$!
trap 'kill "$page" 2>/dev/null; wait' EXIT
trap 'exit 0' INT TERM
.venv/bin/watchfiles --filter python --sigint-timeout 15 ".venv/bin/offhook serve $*" bots processors server
