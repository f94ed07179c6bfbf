import random
import pandas as pd
from surprise import SVD, Dataset, Reader, accuracy
from surprise.model_selection import cross_validate, train_test_split
random.seed(0)
df = pd.DataFrame([(u, i, random.randint(1, 5)) for u in range(60) for i in random.sample(range(80), 20)], columns=["u", "i", "r"])
data = Dataset.load_from_df(df, Reader(rating_scale=(1, 5)))
cross_validate(SVD(random_state=0), data, measures=["RMSE", "MAE"], cv=3, verbose=True)
train, test = train_test_split(data, test_size=0.25, random_state=0)
accuracy.rmse(SVD(random_state=0).fit(train).test(test))
