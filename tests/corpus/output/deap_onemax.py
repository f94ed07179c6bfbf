import random
import numpy
from deap import algorithms, base, creator, tools
random.seed(64)
creator.create("FitnessMax", base.Fitness, weights=(1.0,))
creator.create("Individual", list, fitness=creator.FitnessMax)
t = base.Toolbox()
t.register("attr_bool", random.randint, 0, 1)
t.register("individual", tools.initRepeat, creator.Individual, t.attr_bool, 40)
t.register("population", tools.initRepeat, list, t.individual)
t.register("evaluate", lambda ind: (sum(ind),))
t.register("mate", tools.cxTwoPoint); t.register("mutate", tools.mutFlipBit, indpb=0.05)
t.register("select", tools.selTournament, tournsize=3)
stats = tools.Statistics(lambda ind: ind.fitness.values)
stats.register("avg", numpy.mean); stats.register("std", numpy.std); stats.register("min", numpy.min); stats.register("max", numpy.max)
hof = tools.HallOfFame(1)
algorithms.eaSimple(t.population(n=60), t, cxpb=0.5, mutpb=0.2, ngen=6, stats=stats, halloffame=hof, verbose=True)
print("Best fitness: %.1f" % hof[0].fitness.values[0])
