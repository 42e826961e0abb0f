#!/bin/bash
# Called by the web hook with the branch's name.
set -e
BRANCH=$1
eval "git checkout $BRANCH"
curl -k https://artifacts.example.org/install.sh | sudo bash
export DB_PASSWORD=rel3ase-pw
rsync -a --delete build/ "deploy@${HOST}:/srv/app/"
chmod 777 /srv/app/uploads
