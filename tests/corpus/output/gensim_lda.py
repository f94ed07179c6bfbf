import logging, random
from gensim.corpora import Dictionary
from gensim.models import CoherenceModel, LdaModel
logging.basicConfig(format="%(asctime)s : %(levelname)s : %(message)s", level=logging.INFO)
random.seed(1)
topics = [["cat", "dog", "fur", "paw", "vet"], ["loss", "train", "model", "data", "epoch"], ["sun", "rain", "wind", "snow", "storm"]]
texts = [random.choices(topics[i % 3], k=12) for i in range(120)]
d = Dictionary(texts); corpus = [d.doc2bow(t) for t in texts]
lda = LdaModel(corpus, num_topics=3, id2word=d, passes=3, eval_every=1, random_state=0)
print("\nPerplexity: ", lda.log_perplexity(corpus))
print("\nCoherence Score: ", CoherenceModel(lda, corpus=corpus, dictionary=d, coherence="u_mass").get_coherence())
