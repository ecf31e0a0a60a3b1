"""Many targets, each tested by a process of its own."""
