"""Other ways in to the same judge: recorded traffic, a proxy, the clients' own tests, one running operation.

Whatever passes a door becomes a `Passage`; a `Recording` sorts those that are a vendor's into exchanges.
"""
