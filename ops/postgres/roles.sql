-- The two roles of compose.yaml's database: the owner migrates, onboards and prunes; everything else is the app.
CREATE ROLE matins_owner LOGIN PASSWORD 'owner';
CREATE ROLE matins_app LOGIN PASSWORD 'app';
CREATE DATABASE matins OWNER matins_owner;
REVOKE ALL ON DATABASE matins FROM PUBLIC;
GRANT CONNECT ON DATABASE matins TO matins_app;
