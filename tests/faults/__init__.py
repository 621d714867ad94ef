"""The bot dies, and calls fail, anywhere between “claimed” and “recorded”. The networks' own record is the judge."""
