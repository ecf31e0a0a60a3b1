"""Many files of traffic, judged: sorted into parts, each of which one worker judges, and joined to one ledger."""
