import cma
es = cma.CMAEvolutionStrategy(4 * [0.5], 0.3, {"seed": 3, "maxiter": 120, "verb_disp": 40, "verb_log": 0})
es.optimize(cma.ff.rosen)
es.result_pretty()
