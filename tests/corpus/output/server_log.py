import time

for i in range(6):
    print(f'127.0.0.1 - - [{time.strftime("%d/%b/%Y %H:%M:%S")}] "GET /score?accuracy=0.{i} HTTP/1.1" 200 {1234 + i} {0.0123 * i:.4f}')
    print(f"{time.strftime('%Y-%m-%dT%H:%M:%SZ')} level=info msg=\"request served\" addr=10.0.0.{i}:8443 latency={i}.5ms bytes=2048 version=v2.{i}.0")
print("TensorBoard 2.21.0 at http://localhost:6006/ (Press CTRL+C to quit)")
print("Uvicorn running on http://0.0.0.0:8000 (workers: 4, timeout: 30.0)")
print("Loaded 12345 rows in 0.53 s (23292.5 rows/s), memory: 512.3 MB, cpu: 87.5 %, gpu: 3.2/16.0 GB")
print("Git commit: 3f2a1b0, branch: main, build: 20261122.1, python: 3.11.7")
