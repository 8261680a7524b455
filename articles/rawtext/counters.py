"""The comment counter that another site left at the end of its text."""

from __future__ import annotations

import re

# "Comments" as sites label their counters, by language: every form that stands beside a number.
_LABELS = {
    "ar": "تعليق, تعليقات, تعليقا, تعليقًا",
    "az": "şərh, şərhlər",
    "be": "каментар, каментары, каментароў",
    "bg": "коментар, коментара, коментари",
    "bs, hr, sr": "komentar, komentara, komentari, коментар, коментара, коментари",
    "ca": "comentari, comentaris",
    "cs": "komentář, komentáře, komentářů",
    "da, nb, sv": "kommentar, kommentarer, kommentarerna",
    "de": "Kommentar, Kommentare, Kommentaren, Leserkommentar, Leserkommentare, Nutzerkommentare",
    "el": "σχόλιο, σχόλια",
    "en": "comment, comments, user comments, reader comments, readers' comments",
    "es": "comentario, comentarios",
    "et": "kommentaar, kommentaari, kommentaarid",
    "eu": "iruzkin, iruzkinak",
    "fa": "نظر, نظرات, دیدگاه, دیدگاه‌ها",
    "fi": "kommentti, kommenttia, kommentit",
    "fr": "commentaire, commentaires",
    "he": "תגובה, תגובות",
    "hi": "टिप्पणी, टिप्पणियाँ, टिप्पणियां",
    "hu": "hozzászólás, hozzászólások, komment, kommentek",
    "hy": "մեկնաբանություն, մեկնաբանություններ",
    "id, ms": "komentar, komen",
    "is": "athugasemd, athugasemdir, ummæli",
    "it": "commento, commenti",
    "ja": "コメント, 件のコメント",
    "ka": "კომენტარი",
    "kk": "пікір, пікірлер",
    "ko": "댓글, 개의 댓글",
    "lt": "komentaras, komentarai, komentarų",
    "lv": "komentārs, komentāri, komentāru",
    "nl": "reactie, reacties, opmerking, opmerkingen",
    "pl": "komentarz, komentarze, komentarzy",
    "pt": "comentário, comentários",
    "ro": "comentariu, comentarii, de comentarii",
    "ru": "комментарий, комментария, комментариев, комментарии",
    "sk": "komentár, komentáre, komentárov",
    "sl": "komentar, komentarja, komentarji, komentarjev",
    "sq": "koment, komente",
    "th": "ความคิดเห็น",
    "tr": "yorum, yorumlar",
    "uk": "коментар, коментаря, коментарі, коментарів",
    "vi": "bình luận",
    "zh": "评论, 評論, 留言, 条评论, 則留言, 个评论",
}
_KNOWN = frozenset(label.strip().casefold() for labels in _LABELS.values() for label in labels.split(","))

# "No comments", where a site writes that instead of a nought.
_NONE = (
    "no, keine, noch keine, aucun, pas de, pas encore de, nessun, ningún, sin, no hay, geen, brak, nenhum, sem, нет, "
    "немає, ingen, inga, ei, žádné, žiadne, bez, nincs, niciun, hiç"
)
_NOTHING = frozenset(word.strip() for word in _NONE.split(","))

# Digits of any script, with the separators of thousands that languages have: 1 234, 1.234, 1,234, 1'234, 12k.
_NUMBER = r"\d{1,4}(?:[\s.,'’]\d{3}){0,3}(?:\s?[kK](?!\w))?"
_NUMBER = rf"(?:[(\[（]\s*{_NUMBER}\s*[)\]）]|{_NUMBER})"
_LABEL_THEN_NUMBER = re.compile(rf"(?P<label>[^\d(\[（:：]+?)\s*[:：]?\s*{_NUMBER}")
_NUMBER_THEN_LABEL = re.compile(rf"{_NUMBER}\s*(?P<label>[^\d(\[（:：]+)")
_NO_LABEL = re.compile(r"(?P<none>.+?)\s+(?P<label>\S+)")

# A counter is a word and a number; what is longer is a sentence.
_LONGEST = 40


def is_counter(line: str) -> bool:
    """Tell whether a line is nothing but a counter: "Kommentare (0)", "12 comments", "Aucun commentaire"."""
    if len(line) > _LONGEST:
        return False
    line = line.strip(" .")
    for pattern in (_LABEL_THEN_NUMBER, _NUMBER_THEN_LABEL):
        if (found := pattern.fullmatch(line)) and found["label"].strip().casefold() in _KNOWN:
            return True
    none = _NO_LABEL.fullmatch(line)
    return none is not None and none["label"].casefold() in _KNOWN and none["none"].casefold() in _NOTHING
