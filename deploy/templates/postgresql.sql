-- {{ made }} Once, as the user postgres: psql -f postgresql.sql
--
-- Also needed: in postgresql.conf  listen_addresses = '{{ postgresql.address }}'
--              in pg_hba.conf      {{ "hostssl" if postgresql.tls else "host" }} {{ postgresql.database }} {{ postgresql.user }} {{ postgresql.network }} scram-sha-256
CREATE ROLE {{ postgresql.user }} LOGIN PASSWORD '{{ postgresql_password }}';
CREATE DATABASE {{ postgresql.database }} OWNER {{ postgresql.user }} ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE {{ postgresql.database }} FROM PUBLIC;
-- Statements are not logged with what they carry.
ALTER ROLE {{ postgresql.user }} SET log_min_error_statement = 'panic';
ALTER ROLE {{ postgresql.user }} SET log_parameter_max_length_on_error = 0;
