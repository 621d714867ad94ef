"""The bot's own code in virtual weeks, from a seed: models of networks, faults of every kind, and a judge."""
