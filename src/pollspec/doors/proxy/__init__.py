"""A validating reverse proxy."""
