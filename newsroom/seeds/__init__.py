"""Sample content: readable files in, the same verbs as for real content, each file once.

`files` reads a folder and says what is wrong with it before anything is stored, `markdown` makes bodies,
`load` stores. This stands in the project and not in an app because it loads articles and comments alike, and
`articles` knows nothing of `comments`.
"""
