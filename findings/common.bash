# Sourced by every script here: a temporary folder, packages in it, processes that end with the script.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tmp=$(mktemp -d)
chmod 755 "$tmp"
cd "$tmp"
export PYTHONDONTWRITEBYTECODE=1
started=()

finish() {
    for process in "${started[@]}"; do kill "$process" 2>/dev/null || true; done
    # Who does not end when asked to is ended after five seconds.
    for _ in {1..50}; do
        jobs -r | grep -q . || break
        sleep 0.1
    done
    for process in "${started[@]}"; do kill -KILL "$process" 2>/dev/null || true; done
    wait 2>/dev/null || true
    rm -rf "$tmp"
}
trap finish EXIT

changed() {
    echo "CHANGED: $*" >&2
    exit 1
}

# debs NAME=VERSION...: unpacks Debian packages into $tmp/root; nothing is installed and no service is started.
debs() {
    mkdir -p "$tmp/debs" "$tmp/root"
    cd "$tmp/debs"
    apt-get -q download "$@" >log 2>&1 || { apt-get -q update >log 2>&1 && apt-get -q download "$@" >log 2>&1; } ||
        { cat log >&2 && changed "these packages are not to be had: $*"; }
    for deb in *.deb; do dpkg-deb -x "$deb" "$tmp/root"; done
    cd "$tmp"
    export LD_LIBRARY_PATH="$tmp/root/usr/lib/$(uname -m)-linux-gnu"
    export PATH="$tmp/root/usr/sbin:$tmp/root/usr/bin:$PATH"
}

# pips NAME==VERSION...: installs Python packages; `python` is then theirs, and finds ws.py.
pips() {
    python3 -m venv "$tmp/venv"
    "$tmp/venv/bin/pip" -q install --disable-pip-version-check "$@"
    export PATH="$tmp/venv/bin:$PATH" PYTHONPATH="$here"
}

# npms NAME@VERSION...: installs npm packages; scripts in $tmp find them.
npms() {
    npm init -y >/dev/null
    npm install --silent --no-audit --no-fund "$@"
}

# start COMMAND...: runs it until the script ends, what it prints goes to $tmp/log; its process id is $last.
start() {
    "$@" <&0 >>"$tmp/log" 2>&1 &
    last=$!
    started+=("$last")
}

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# accepts PORT: waits until something listens there.
accepts() {
    for _ in {1..300}; do
        if (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then return; fi
        sleep 0.1
    done
    cat "$tmp/log" >&2
    changed "nothing listens on port $1"
}
