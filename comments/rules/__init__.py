"""What the rules look for in a comment; `comments.judging` says what becomes of it.

    words.py     words and phrases, whole words where the script has words
    patterns.py  regular expressions in linear time (RE2)
    links.py     addresses, written out or not
    likeness.py  the same words, or nearly the same
    limits.py    too many within a time, and slow mode
    scores.py    the interface for programs that score a comment
    trial.py     what a rule would do, before it is saved
    rerun.py     the waiting comments judged again

All but the last three are pure: text in, findings out, at a cost bounded by the length of the text.
"""
