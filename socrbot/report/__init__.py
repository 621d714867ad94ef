"""What people read: words, problems, the log page. Pure: gives text, prints and decides nothing."""
