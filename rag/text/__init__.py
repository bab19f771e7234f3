"""Rules of Chinese text, each in one file: years, places, numerals, list numbers, likeness of wording.

Pure functions that know neither documents nor questions. A rule that stands here stands nowhere else.
"""
