"""Full text search for readers: the same words, found in the same order, on SQLite and on PostgreSQL.

`words` makes tokens of a text and of what a reader typed, `query` reads what he typed, `index` keeps the rows that an
engine (`sqlite`, `postgresql`) searches, `snippets` shows where the words stand.
"""
