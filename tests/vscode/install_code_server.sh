#!/bin/bash
# install_code_server.sh DIRECTORY: a real VS Code (code-server from the npm registry) that Debian's Chromium can drive.
#
# Runs again in no time when DIRECTORY already holds this version. Needs node 20 with its headers, g++, make, python3,
# libkrb5-dev and ripgrep; tests/vscode/test_vscode.py names the apt command.
set -euo pipefail

VERSION=4.100.3 # VS Code 1.100.3, the newest that runs on node 20
directory=$(mkdir -p "$1" && cd "$1" && pwd)
stamp="$directory/installed-$VERSION-node$(node -p 'process.versions.modules')"
if [ -f "$stamp" ]; then exit 0; fi

quiet=(--ignore-scripts --no-audit --no-fund --loglevel=error)
nodedir=$(node -p 'require("path").resolve(process.execPath, "../..")') # its include/node holds the headers
node_gyp="$(npm root -g 2>/dev/null)/npm/node_modules/node-gyp/bin/node-gyp.js"
code_server="$directory/node_modules/code-server"
vscode="$code_server/lib/vscode"

# The postinstall script refuses to run as root and downloads ripgrep from outside the registry: we do its steps here.
install_packages() {
  cd "$directory"
  echo '{"private": true}' >package.json
  npm install "${quiet[@]}" "code-server@$VERSION"
  (cd "$vscode" && npm install "${quiet[@]}" --omit=dev) &
  local engine=$!
  (cd "$vscode/extensions" && npm install "${quiet[@]}" --omit=dev)
  wait "$engine"
}

# Logs stay in DIRECTORY/build-*.log, and the first failing one is shown.
build_native_modules() {
  local module log
  for module in @vscode/spdlog native-watchdog node-pty kerberos; do
    log="$directory/build-$(basename "$module").log"
    (cd "$vscode/node_modules/$module" && node "$node_gyp" rebuild --nodedir="$nodedir" -j 2 >"$log" 2>&1) || fail "$log"
  done
  log="$directory/build-argon2.log"
  (cd "$directory/node_modules/argon2" &&
    npm_config_node_gyp="$node_gyp" ../.bin/node-pre-gyp install --build-from-source --nodedir="$nodedir" >"$log" 2>&1) || fail "$log"
}

link_what_the_postinstall_links() {
  mkdir -p "$vscode/node_modules/@vscode/ripgrep/bin"
  ln -sfn "$(command -v rg)" "$vscode/node_modules/@vscode/ripgrep/bin/rg"
  ln -sfn node_modules "$vscode/node_modules.asar"
  ln -sfn code-linux.sh "$vscode/bin/remote-cli/code-server"
  ln -sfn browser-linux.sh "$vscode/bin/helpers/browser.sh"
}

fail() {
  tail -n 20 "$1" >&2
  echo "building a native module of code-server failed; the whole log is $1" >&2
  exit 1
}

rm -rf "$directory/node_modules"
install_packages
build_native_modules
link_what_the_postinstall_links
XDG_CONFIG_HOME="$directory/check" node "$code_server/out/node/entry.js" --version
touch "$stamp"
