"""The whole pipeline in small."""
