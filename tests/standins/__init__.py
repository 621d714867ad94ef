"""Servers on the loopback that behave like the networks, and misbehave like them when told to."""
