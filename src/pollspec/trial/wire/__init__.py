"""What stands behind the one door out: connections, codings, limits, pace, credentials."""
