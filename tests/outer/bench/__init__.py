"""The bench: what pollspec costs in time and memory, beside schemathesis, openapi-core and Prism.

Nothing here passes or fails: `tox -e bench` prints what it measured, and writes it to docs/bench.md.
"""
