"""How each kind of server is spoken to: sessions, clients, errors, reading of answers. No posts are made here."""
