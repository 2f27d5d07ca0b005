"""English verse: corpus, vocabulary, course, meter, rhyme, referee."""
