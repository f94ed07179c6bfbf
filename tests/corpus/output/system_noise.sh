#!/bin/sh
date; df -h / | tail -2; free -m; cat /proc/loadavg; uptime
head -5 /proc/meminfo; ls -l --time-style=full-iso /usr/bin | head -12
time -p sleep 0.1
git --version; git -C "$(mktemp -d)" init 2>&1 | tail -1
head -c 2000000 /dev/zero | gzip -v > /dev/null
dd if=/dev/zero of=/dev/null bs=1M count=50
top -b -n1 | head -9
