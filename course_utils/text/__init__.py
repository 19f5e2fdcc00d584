"""From text to arrays of integers and back, and what is made by counting or from neighbouring words: n-gram models, vectors.

Words: `preprocessing.words` -> `Vocabulary.encode` -> `Vocabulary.decode`. Characters: `characters.fold` ->
`characters.encode` -> `characters.spell`.
"""
