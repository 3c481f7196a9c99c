#!/bin/sh
# Makes .venv hold exactly what requirements/ locks: `sh infra/venv.sh run` or `sh infra/venv.sh test`.
# A stamp holds the requirements that were installed, so a second call does nothing; the test set contains the
# run set, so a test environment is never cut back.
set -eu
cd "$(dirname "$0")/.."

fail() {
    echo "$*" >&2
    exit 1
}

# The first interpreter that works and is new enough: a `python3` may be an old one, or a shim that leads nowhere.
find_python() {
    for name in python3 python3.15 python3.14 python3.13 python3.12 python3.11; do
        IFS=:
        for folder in $PATH; do
            if [ -x "$folder/$name" ] &&
                "$folder/$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
                unset IFS
                echo "$folder/$name"
                return
            fi
        done
        unset IFS
    done
    fail "Python 3.11 or newer is needed; none was found in PATH ($(python3 --version 2>&1 || true))."
}

make_venv() {
    python=$(find_python)
    "$python" -c 'import venv, ensurepip' 2>/dev/null ||
        fail "$python lacks the modules venv and ensurepip. On Debian and Ubuntu: apt-get install python3-venv"
    echo "Making the environment in .venv with $("$python" --version)."
    rm -rf .venv
    "$python" -m venv .venv
}

# Settings that send packages elsewhere have no place in a venv; what says where packages come from is kept.
pip_install() {
    env -u PIP_TARGET -u PIP_PREFIX -u PIP_ROOT -u PIP_NO_DEPS PIP_USER=0 PIP_DISABLE_PIP_VERSION_CHECK=1 \
        PIP_NO_INPUT=1 PIP_ROOT_USER_ACTION=ignore .venv/bin/python -m pip install -q --require-hashes "$@"
}

# Run quietly; what a failed attempt said is shown only when no attempt is left.
quietly() {
    "$@" >>"$log" 2>&1
}

install_uv() {
    cmp -s requirements/bootstrap.txt .venv/bootstrap.stamp && [ -x .venv/bin/uv ] && return
    { quietly pip_install -r requirements/bootstrap.txt && [ -x .venv/bin/uv ]; } ||
        quietly pip_install --isolated -r requirements/bootstrap.txt ||
        { cat "$log" >&2; fail "pip could not install uv; what it said stands above."; }
    cp requirements/bootstrap.txt .venv/bootstrap.stamp
}

uv_sync() {
    .venv/bin/uv pip sync -q --python .venv/bin/python --require-hashes --compile-bytecode "$@"
}

install() {
    set -- "$1" requirements/bootstrap.txt "requirements/$1.txt" requirements/demo.txt
    stamp=.venv/$1.stamp
    cat "$2" "$3" "$4" | cmp -s - "$stamp" 2>/dev/null && return
    echo "Installing the packages of requirements/$1.txt."
    rm -f .venv/run.stamp .venv/test.stamp
    # The second attempt is for networks whose certificates the system knows and uv does not; the third, which takes
    # minutes, for those whose way to the packages only pip has been told.
    quietly uv_sync "$2" "$3" "$4" || quietly uv_sync --system-certs "$2" "$3" "$4" ||
        quietly pip_install --no-deps -r "$2" -r "$3" -r "$4" ||
        { cat "$log" >&2; fail "Neither uv nor pip could install the packages; what they said stands above."; }
    cat "$2" "$3" "$4" >"$stamp"
}

wanted=${1:-run}
.venv/bin/python -c '' 2>/dev/null || make_venv
log=.venv/install.log
: >"$log"
[ -e .venv/test.stamp ] && wanted=test
install_uv
install "$wanted"
