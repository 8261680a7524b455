"""The moderators' queue: what waits, what was decided, and a button for each decision. Works without scripts.

By subject: which comments are listed (`selection`), as rows beside one of them (`listing`), who wrote them (`people`),
the pages (`pages`), what the buttons do (`deciding`, `banning`), and what it all comes to (`numbers`, `chart`).
"""
