"""Rasa graph components, in the order a message meets them: language, tokenizer, entities, intent.

Each component is a thin wrapper; what it does is a pure module beside it that knows nothing of Rasa:
normalise (text), gazetteer (data per language), numerals, finding (entities), ngrams (intent features).
"""
