-- Once, as a superuser of PostgreSQL 18: three roles that may do little, and the database. Choose the passwords.
CREATE ROLE procurement_owner LOGIN PASSWORD 'change-me-owner';
CREATE ROLE procurement_app LOGIN PASSWORD 'change-me-app';
CREATE ROLE procurement_sequencer LOGIN PASSWORD 'change-me-sequencer';
CREATE DATABASE procurement OWNER procurement_owner
    TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C';
