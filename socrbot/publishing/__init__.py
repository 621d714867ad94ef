"""From a due delivery to its outcome: the guards, the one loop that speaks, and the search for lost answers."""
