"""The small words that fluent readers hardly say: where false alarms live."""

from typing import Final

FUNCTION_WORDS: Final = frozenset(
    {
        "a", "an", "the", "and", "or", "but", "nor", "so", "if", "as", "than", "that", "this", "these", "those",
        "of", "to", "in", "on", "at", "by", "for", "from", "with", "into", "up", "out", "is", "am", "are",
        "was", "were", "be", "been", "being", "do", "does", "did", "has", "have", "had", "will", "would", "can",
        "could", "shall", "should", "may", "might", "must", "i", "me", "my", "you", "your", "he", "him", "his",
        "she", "her", "it", "its", "we", "us", "our", "they", "them", "their", "who", "what", "which", "there",
        "here", "not", "no", "i'm", "i've", "i'll", "it's", "he's", "she's", "we're", "you're", "they're",
        "that's", "don't", "let's",
    }
)  # fmt: skip
"""Articles, prepositions, conjunctions, auxiliaries and pronouns, which English reduces in running speech."""
