#!/bin/sh
# serve-once.sh COMMAND ...: starts COMMAND (./run, as somebody types it), waits until it is ready, makes a call, and ends
# it. Runs inside the systems of tools/run-check; exit status 0 when all of that worked.
set -eu
log=$(mktemp)
"$@" --listen 127.0.0.1:0 >"$log" 2>&1 </dev/null &
started=$!
trap 'kill $started 2>/dev/null && wait $started || true' EXIT  # also when something is not as it should be
began=$(date +%s)

url=
while [ -z "$url" ]; do
  kill -0 $started 2>/dev/null || { cat "$log"; echo 'serve-once: it ended before it was ready'; exit 1; }
  sleep 1
  url=$(sed -n 's/.*"url":"\(http[^"]*\)".*/\1/p' "$log" | head -n 1)
done
printf 'serve-once: ready after %d s, having said:\n' $(($(date +%s) - began))
sed 's/^/    /' "$log"
if grep -q 'warning:' "$log"; then echo 'serve-once: the compiler has warnings'; exit 1; fi

node -e '
  const username = "alice" + Date.now();  // a second start serves the first one'\''s data
  const post = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ username }) };
  fetch(process.argv[1] + "/users", post).then(async (answer) => {
    const text = await answer.text();
    if (answer.status !== 200 || JSON.parse(text).username !== username) throw new Error(`${answer.status} ${text}`);
  }).catch((error) => { console.error(error); process.exit(1); });' "$url"
kill -TERM $started
wait $started
