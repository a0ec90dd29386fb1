# Shared by the scripts here: a virtual environment beside the project, made once.
# Sourced, not run. Sets $project and $venv.

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
venv=${CHDKSHELL_VENV:-$project/.venv}

say() { printf '%s\n' "$*" >&2; }

find_python() {
    local name
    for name in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11 python}; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
    say "chdkshell needs Python 3.11 or newer; set PYTHON to one if it has another name"
    return 1
}

# ensure_venv EXTRAS: makes the environment and installs the package in it ("" or "[test]"),
# and does so again only when pyproject.toml has changed since.
ensure_venv() {
    local extras=$1 stamp="$venv/.installed${1//[^a-z]/-}" python log
    if [ -e "$stamp" ] && [ ! "$project/pyproject.toml" -nt "$stamp" ]; then return; fi
    if [ ! -x "$venv/bin/python" ]; then
        python=$(find_python)
        say "making a virtual environment in ${venv#"$project"/} (once)"
        if ! "$python" -m venv "$venv"; then
            rm -rf "$venv"
            say "python could not make a virtual environment (Debian and Ubuntu: apt install python3-venv)"
            return 1
        fi
    fi
    say "installing chdkshell and what it needs (once)"
    log=$(mktemp)
    # compat: a path in the environment, where a finder would cost each start 10 ms
    if ! "$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
        --config-settings editable_mode=compat --editable "$project$extras" >"$log" 2>&1; then
        cat "$log" >&2
        rm -f "$log"
        say "the installation failed: the lines above say why"
        return 1
    fi
    rm -f "$log"
    touch "$stamp"
}
