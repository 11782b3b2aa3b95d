#!/bin/sh
# Run once by the PostgreSQL image: a database and a user for each unit, and nobody in the other's.
set -eu
for unit in linkage statistics; do
    psql --username postgres --set=ON_ERROR_STOP=1 --set=unit="milchglas_$unit" \
        --set=password="$(cat "/run/secrets/$unit")" <<'SQL'
CREATE ROLE :"unit" LOGIN PASSWORD :'password';
CREATE DATABASE :"unit" OWNER :"unit";
REVOKE CONNECT ON DATABASE :"unit" FROM PUBLIC;
SQL
done
