"""Start a Spark standalone cluster on loopback: one master, workers, and the Spark Connect server in front of them.

    python tools/spark_cluster.py                           prints host:port and serves until ended
    python tools/spark_cluster.py -- pytest tests/engines   runs the command on it, then ends it

Needs Java 17 or 21 and Spark itself, which PyPI's ``pyspark`` holds (``pyspark-client`` does not). Spark is looked
for in ``--home``, ``SPARK_HOME``, the project's ``.venv-spark`` and in the Python that runs this. Nothing listens
beyond 127.0.0.1; what was started, and nothing else, is ended by id.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

LOOPBACK = "127.0.0.1"
OLDEST_JAVA = 17
PATIENCE_SECONDS = 90.0
PARTING_SECONDS = 10.0
PROJECT = Path(__file__).parents[1]


class ClusterError(RuntimeError):
    """The cluster can't be started; the text says the cure."""


@dataclass(frozen=True)
class Started:
    """A process of the cluster.

    Parameters
    ----------
    name
        Its part: master, worker-1, connect.
    process
        The process, the first of a group of its own; a worker's executors are in its group.
    log
        What it says.
    """

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    def kill(self) -> None:
        """End it as a power cut would. A worker's executors outlive it until they notice."""
        self.process.kill()
        self.process.wait()


@dataclass(frozen=True)
class Sizes:
    """How large a cluster is. Memory as Spark writes it: ``1g``, ``512m``."""

    workers: int = 2
    worker_cores: int = 1
    worker_memory: str = "1g"
    driver_memory: str = "1g"


class SparkCluster:
    """A Spark standalone cluster on this machine, for tests and trials.

    Parameters
    ----------
    sizes
        Workers, their cores and memory.
    port
        Of Spark Connect; 0 for a free one.
    folder
        For logs, work and spill; a temporary one, removed in the end, if none is given.
    home
        Where Spark is.
    """

    def __init__(
        self, sizes: Sizes | None = None, *, port: int = 0, folder: Path | None = None, home: Path | None = None
    ) -> None:
        self.sizes = sizes or Sizes()
        self.home = home or spark_home()
        self.java = java_home()
        self._temporary = None if folder else tempfile.mkdtemp(prefix="spark-cluster-")
        self.folder = Path(folder or self._temporary or "").resolve()
        self.port = port or free_port()
        self.spill = self.folder / "spill"
        self.workers: list[Started] = []
        self._started: list[Started] = []
        self._master_port, self._page_port = free_port(), free_port()

    @property
    def address(self) -> str:
        """``host:port`` of Spark Connect."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def master(self) -> str:
        return f"spark://{LOOPBACK}:{self._master_port}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start everything and wait until the workers are registered and Connect answers.

        Raises
        ------
        ClusterError
            If a part ends or does not answer in time; its log is shown.
        """
        for name in ("conf", "spill", "logs"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        # The master would take jobs from anyone on a port of its own.
        defaults = "spark.master.rest.enabled false\n"
        (self.folder / "conf" / "spark-defaults.conf").write_text(defaults, encoding="utf-8")
        try:
            ports = ("--port", str(self._master_port), "--webui-port", str(self._page_port))
            master = self._launch("master", "spark-class", "org.apache.spark.deploy.master.Master", *ports)
            self._wait(master, lambda: answers(self._page_port))
            for _ in range(self.sizes.workers):
                self.add_worker()
            self._wait(master, lambda: self.registered() >= self.sizes.workers)
            self.start_connect()
        except BaseException:
            self.stop()
            raise

    def add_worker(self) -> Started:
        """One more worker."""
        name = f"worker-{len(self.workers) + 1}"
        sizes = ("--cores", str(self.sizes.worker_cores), "--memory", self.sizes.worker_memory, "--webui-port", "0")
        work = ("--work-dir", str(self.folder / name))
        main = "org.apache.spark.deploy.worker.Worker"
        worker = self._launch(name, "spark-class", main, "--host", LOOPBACK, *sizes, *work, self.master)
        self.workers.append(worker)
        return worker

    def start_connect(self) -> Started:
        """Start Spark Connect and wait until it answers; after :meth:`Started.kill` again, on the same port."""
        settings = {
            "spark.connect.grpc.binding.address": LOOPBACK,
            "spark.connect.grpc.binding.port": self.port,
            "spark.driver.host": LOOPBACK,
            "spark.driver.bindAddress": LOOPBACK,
            "spark.driver.memory": self.sizes.driver_memory,
            "spark.executor.memory": self.sizes.worker_memory,
            "spark.ui.enabled": "false",
            "spark.sql.catalogImplementation": "in-memory",
            "spark.sql.warehouse.dir": self.folder / "warehouse",
            "spark.sql.shuffle.partitions": 2 * self.sizes.workers * self.sizes.worker_cores,
        }
        said = [word for name, value in settings.items() for word in ("--conf", f"{name}={value}")]
        main = "org.apache.spark.sql.connect.service.SparkConnectServer"
        self.connect = self._launch(
            "connect", "spark-submit", "--master", self.master, "--class", main, *said, "spark-internal"
        )
        self._wait(self.connect, lambda: answers(self.port))
        return self.connect

    def stop(self) -> None:
        """End what was started, and nothing else."""
        for started in reversed(self._started):
            _signal(started, signal.SIGTERM)
        until = time.monotonic() + PARTING_SECONDS
        for started in self._started:
            with suppress(subprocess.TimeoutExpired):
                started.process.wait(max(0.0, until - time.monotonic()))
            # Executors, of a worker that was killed too, are in its group.
            _signal(started, signal.SIGKILL)
            started.process.wait()
        self._started.clear()
        self.workers.clear()
        if self._temporary:
            shutil.rmtree(self._temporary, ignore_errors=True)

    def state(self) -> dict[str, Any]:
        """What the master says of the cluster."""
        with urllib.request.urlopen(f"http://{LOOPBACK}:{self._page_port}/json/", timeout=5) as answer:
            found: dict[str, Any] = json.load(answer)
            return found

    def registered(self) -> int:
        """How many workers the master knows to be alive; none while its page is not up."""
        try:
            return sum(worker["state"] == "ALIVE" for worker in self.state()["workers"])
        except (OSError, ValueError):
            return 0

    def executors(self) -> dict[int, int]:
        """The ids of executors that run, each with that of its worker."""
        parents = {worker.pid for worker in self.workers}
        listed = subprocess.run(
            ["ps", "-A", "-ww", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True
        )
        rows = (line.split(None, 2) for line in listed.stdout.splitlines())
        return {int(pid): int(parent) for pid, parent, args in rows if int(parent) in parents and "Executor" in args}

    def _launch(self, name: str, script: str, *words: str) -> Started:
        log = self.folder / "logs" / f"{name}.log"
        with log.open("ab") as out:
            process = subprocess.Popen(
                [str(self.home / "bin" / script), *words],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                env=self._environment(),
                start_new_session=True,
            )
        started = Started(name, process, log)
        self._started.append(started)
        return started

    def _environment(self) -> dict[str, str]:
        """Our environment without what a person's own Spark is told."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("SPARK_", "PYSPARK_"))}
        return {
            **kept,
            "JAVA_HOME": str(self.java),
            "SPARK_HOME": str(self.home),
            "SPARK_CONF_DIR": str(self.folder / "conf"),
            "SPARK_LOCAL_IP": LOOPBACK,
            "SPARK_MASTER_HOST": LOOPBACK,
            "SPARK_LOCAL_DIRS": str(self.spill),
            "SPARK_DAEMON_MEMORY": "512m",
            "SPARK_DAEMON_JAVA_OPTS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
        }

    def _wait(self, started: Started, ready: Any) -> None:
        until = time.monotonic() + PATIENCE_SECONDS
        while not ready():
            if started.process.poll() is not None or time.monotonic() > until:
                said = started.log.read_text(encoding="utf-8", errors="replace")[-3000:]
                raise ClusterError(f"{said}\nSpark's {started.name} did not start; the last of its log is above.")
            time.sleep(0.2)


def _signal(started: Started, number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(started.pid, number)


def free_port() -> int:
    """A port of loopback that nothing listens on now."""
    with socket.socket() as listening:
        listening.bind((LOOPBACK, 0))
        port: int = listening.getsockname()[1]
        return port


def answers(port: int) -> bool:
    """Whether something listens on a port of loopback."""
    with socket.socket() as trying:
        trying.settimeout(1)
        return trying.connect_ex((LOOPBACK, port)) == 0


def spark_home() -> Path:
    """The folder of Spark, with ``bin`` and ``jars``.

    Raises
    ------
    ClusterError
        If there is none.
    """
    named = [Path(os.environ["SPARK_HOME"])] if os.environ.get("SPARK_HOME") else []
    spec = importlib.util.find_spec("pyspark")
    here = [Path(folder) for folder in (spec.submodule_search_locations or ())] if spec else []
    for folder in (*named, *sorted(PROJECT.glob(".venv-spark/lib/python*/site-packages/pyspark")), *here):
        if any((folder / "jars").glob("spark-connect_*.jar")):
            return folder
    raise ClusterError(
        "There is no Spark here (pyspark-client alone does not hold it).\n"
        "Cure: make test-spark sets it up; or pip install pyspark in an environment of its own and name it: "
        "SPARK_HOME=…/site-packages/pyspark"
    )


def java_home() -> Path:
    """The folder of a Java new enough for Spark 4.

    Raises
    ------
    ClusterError
        If there is none.
    """
    cure = "Cure (Debian, Ubuntu): apt-get install openjdk-17-jre-headless; macOS: brew install openjdk@17"
    named = os.environ.get("JAVA_HOME")
    java = str(Path(named) / "bin" / "java") if named else shutil.which("java")
    if java is None or not Path(java).is_file():
        raise ClusterError(f"Spark needs Java {OLDEST_JAVA} or 21, and there is none here.\n{cure}")
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(\d+)', said)
    if version is None or int(version[1]) < OLDEST_JAVA:
        raise ClusterError(f"Spark needs Java {OLDEST_JAVA} or 21; {java} says: {said.strip()[:200]}\n{cure}")
    return Path(java).resolve().parents[1]


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, default=Sizes.workers)
    parser.add_argument("--worker-cores", type=int, default=Sizes.worker_cores)
    parser.add_argument("--worker-memory", default=Sizes.worker_memory, help="such as 1g (default), 512m")
    parser.add_argument("--driver-memory", default=Sizes.driver_memory, help="of the Connect server")
    parser.add_argument("--port", type=int, default=0, help="of Spark Connect; 0: a free one")
    parser.add_argument("--folder", type=Path, help="for logs, work and spill; a temporary one if none is named")
    parser.add_argument("--home", type=Path, help="where Spark is, if not found by itself")
    parser.add_argument("--find-java", action="store_true", help="say which Java Spark would run on, and end")
    parser.add_argument("command", nargs="*", help="run on the cluster, with FORELAND_SPARK_SERVER=host:port")
    asked = parser.parse_args(argv)
    sizes = Sizes(asked.workers, asked.worker_cores, asked.worker_memory, asked.driver_memory)
    ended = threading.Event()
    try:
        if asked.find_java:
            print(java_home())
            return 0
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: ended.set())
        with SparkCluster(sizes, port=asked.port, folder=asked.folder, home=asked.home) as cluster:
            for started in cluster._started:
                print(f"{started.name}: process {started.pid}, log {started.log}", file=sys.stderr)
            print(cluster.address, flush=True, file=sys.stderr if asked.command else sys.stdout)
            if not asked.command:
                ended.wait()
                return 0
            environment = {
                **os.environ,
                "FORELAND_SPARK_SERVER": cluster.address,
                "SPARK_HOME": str(cluster.home),
            }
            with subprocess.Popen(asked.command, env=environment) as command:
                while command.poll() is None:
                    if ended.wait(0.2):
                        command.send_signal(signal.SIGINT)
                        ended.clear()
                return command.returncode
    except ClusterError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
