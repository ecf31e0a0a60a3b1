"""Recorded traffic: what is read of it, and how its parts are judged."""
