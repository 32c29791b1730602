#!/usr/bin/env bash
# Find a Chromium for the browser tests, or install one with Chinese fonts; print its path on stdout.
set -euo pipefail

say() { printf '%s\n' "$*" >&2; }

find_browser() {
    local name
    for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable \
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" \
        "/Applications/Chromium.app/Contents/MacOS/Chromium"; do
        if [ -n "$name" ] && command -v "$name" >/dev/null 2>&1; then
            command -v "$name"
            return 0
        fi
    done
    return 1
}

has_chinese_font() {
    [ "$(uname)" = Darwin ] && return 0
    command -v fc-list >/dev/null 2>&1 && [ -n "$(fc-list :lang=zh family 2>/dev/null | head -n 1)" ]
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
        sudo -n "$@"
    else
        return 1
    fi
}

install_with_apt() {
    command -v apt-get >/dev/null 2>&1 || return 1
    as_root true || return 1
    say "Installing $* …"
    { as_root apt-get update -qq && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"; } >&2
}

if ! find_browser >/dev/null; then
    install_with_apt chromium fontconfig fonts-noto-cjk || {
        say "The browser tests need Chromium or Google Chrome, and none was found."
        say "Install one (Debian: apt-get install chromium fonts-noto-cjk), or name it: CHROMIUM=/path/to/chrome make test"
        exit 1
    }
fi
if ! has_chinese_font; then
    install_with_apt fontconfig fonts-noto-cjk || say "No Chinese font was found; pages and pictures in Chinese will show boxes. Install fonts-noto-cjk."
fi
find_browser
