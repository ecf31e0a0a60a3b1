"""Clients, graded: what the document asks of whoever polls, put to the test by a polite server with baits.

A *trial* is one run of the client's command against a server of its own; a *requirement* looks at what that server saw.
"""
