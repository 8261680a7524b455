"""Django's SQLite backend with a queue of writers: the setting ENGINE is `newsroom.sqlite`."""
