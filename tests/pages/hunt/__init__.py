"""The hunt for one old page: writers change things, readers note what they saw and when, a judge compares.

    writer.py   one process that does acts through the verbs, at random, and may be killed at any moment
    reader.py   one process that reads over the network and notes what each page said of each thing
    judge.py    which of the things seen were over, and known to be over, when the read began

A thing is what can be seen to be old: the headline of an article, its number of comments, whether it is there, which
article leads the front page, the banner. All processes look at the same clock, `time.time()`.
"""
