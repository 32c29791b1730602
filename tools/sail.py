"""Start Sail, a Spark Connect server without a JVM, on loopback; print ``host:port`` and serve until ended."""

from __future__ import annotations

import sys
import threading

from pysail.spark import SparkConnectServer


def main(port: int = 0) -> None:
    server = SparkConnectServer(ip="127.0.0.1", port=port)
    server.start(background=True)
    host, found = server.listening_address
    print(f"{host}:{found}", flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
