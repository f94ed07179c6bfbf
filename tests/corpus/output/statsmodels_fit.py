import numpy as np, statsmodels.api as sm
rng = np.random.default_rng(9876)
x = sm.add_constant(rng.random((100, 2))); y = x @ [1, 0.1, 10] + rng.standard_normal(100)
print(sm.OLS(y, x).fit().summary())
logit = sm.Logit((y > y.mean()).astype(int), x).fit()
print(logit.summary())
print("AIC:", logit.aic, "BIC:", logit.bic)
