"""socrbot: a campaign's posts, from YAML to the networks, published once and logged."""

__version__ = "0.1.0"
