from datasets import Dataset

d = Dataset.from_dict({"x": list(range(5000))})
d = d.map(lambda r: {"y": r["x"] * 2})
d = d.filter(lambda r: r["y"] % 3 == 0)
print(d)
d.to_json("/dev/null")
