"""The proof: every fault and every legal variation run, and the pages that say what came of it."""
