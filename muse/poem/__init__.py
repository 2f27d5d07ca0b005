"""Chinese regulated verse: corpus, model, automaton, writing, referee."""
