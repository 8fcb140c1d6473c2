"""Vejviser's conversation: Rasa Open Source 3.6.21 with own graph components, served on loopback only.

`train.py` makes a model, `serve.py` runs it, `channel.py` is the only door, `components/` reads a message
(language, tokens, entities, intent), `gazetteers/<tag>.yml` hold what is particular to one language.
"""
