#!/bin/sh
# Write docker/certificates/: an authority of our own, and a certificate of it for the host name "redis". For 825 days.
set -eu
cd "$(dirname "$0")"
if [ -e certificates ]; then
    echo "docker/certificates is there already; left as it is" >&2
    exit 0
fi
umask 077
mkdir certificates.draft
cd certificates.draft
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 825 -subj "/CN=Agent Hive" \
    -addext "basicConstraints=critical,CA:TRUE" -keyout authority.key -out authority.crt 2>/dev/null
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=redis" -keyout redis.key -out redis.csr 2>/dev/null
printf 'subjectAltName=DNS:redis\nbasicConstraints=CA:FALSE\n' > redis.ext
openssl x509 -req -in redis.csr -CA authority.crt -CAkey authority.key -days 825 -extfile redis.ext -out redis.crt 2>/dev/null
rm redis.csr redis.ext
chmod 644 authority.crt redis.crt
cd ..
mv certificates.draft certificates
echo "wrote docker/certificates"
