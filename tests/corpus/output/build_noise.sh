#!/bin/sh
cd "$(mktemp -d)"
printf 'int main(){int loss=0.5; float accuracy=0.93; return x;}\n' > a.c
gcc -Wall -Wconversion -v -c a.c 2>&1 | cut -c1-160
printf 'all: a.o\n\techo "precision: 64"; false\na.o:\n\techo "[ 50%%] Building C object a.c.o"\n' > Makefile
make
"$PYTHON" -m compileall -v . 2>&1 | head -3
"$PYTHON" -X importtime -c 'import json' 2>&1 | head -20
"$PYTHON" -m timeit -n 100 'sum(range(100))'
"$PYTHON" -c 'import cProfile; cProfile.run("sum(range(1000))")'
