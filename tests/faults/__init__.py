"""The bot dies, and calls fail, at every point between “claimed” and “recorded”. The networks' own record is the judge."""
