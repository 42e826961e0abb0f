#!/bin/sh
# Write .env beside docker-compose.yml: a password for Postgres and one for each user of Redis. Never overwrites one.
set -eu
cd "$(dirname "$0")/.."
if [ -e .env ]; then
    echo ".env is there already; left as it is" >&2
    exit 0
fi
umask 077
password() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }
{
    for name in POSTGRES_PASSWORD REDIS_PASSWORD_DOOR REDIS_PASSWORD_ORCHESTRATOR REDIS_PASSWORD_AGENT REDIS_PASSWORD_EFFECTS; do
        echo "HIVE_$name=$(password)"
    done
    echo "# To review pull requests, see README.md:"
    for name in GITHUB_APP_ID GITHUB_PRIVATE_KEY GITHUB_WEBHOOK_SECRET; do
        echo "$name="
    done
} > .env
echo "wrote .env"
