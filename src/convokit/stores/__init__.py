"""The stores that are built in: SQL (SQLite) and memory. Importing this imports neither."""
