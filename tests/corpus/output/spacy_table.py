print("E    #       LOSS TOK2VEC  LOSS NER  ENTS_F  ENTS_P  ENTS_R  SCORE")
print("---  ------  ------------  --------  ------  ------  ------  ------")
for e, s in ((0, 0), (0, 200), (1, 400)):
    print(f"{e:3d}  {s:6d}  {30.5 - s / 20:12.2f}  {120.25 - s / 5:8.2f}  {s / 8:6.2f}  {s / 7:6.2f}  {s / 9:6.2f}  {s / 800:6.2f}")
