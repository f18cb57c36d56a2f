"""The machine, the program and its answering at one moment."""

from __future__ import annotations

from dataclasses import dataclass

from engine.monitor.answers import Latency


@dataclass(frozen=True)
class Sample:
    """The machine at one moment.

    Attributes:
        at: Seconds since 1970.
        cpu_percent, memory_percent: Of the whole machine, 0 to 100.
        disk_percent: Of the disk that holds the home; None when it cannot be asked.
        process_cpu_percent: Of this program and the training it runs; of one core, so that two busy cores are 200.
        process_memory_bytes: Resident memory, with the training's.
        process_threads: Threads alive.
        predictions_per_second: Since the sample before.
        latency: Of the latest answers.
        cores: Processor cores of the machine.
        memory_total_bytes: Of the machine.
        disk_read_per_second, disk_written_per_second: Bytes, all disks together; None when they cannot be asked.
        gpu_percent, gpu_memory_percent: Of the busiest graphics card; None where there is none, or nobody looks.
        requests_per_second: Answered by our own server, since the sample before.
        received_per_second, sent_per_second: Bytes through our own server.
    """

    at: float
    cpu_percent: float
    memory_percent: float
    disk_percent: float | None
    process_cpu_percent: float
    process_memory_bytes: int
    process_threads: int
    predictions_per_second: float
    latency: Latency
    cores: int = 1
    memory_total_bytes: int = 0
    disk_read_per_second: float | None = None
    disk_written_per_second: float | None = None
    gpu_percent: float | None = None
    gpu_memory_percent: float | None = None
    requests_per_second: float = 0.0
    received_per_second: float = 0.0
    sent_per_second: float = 0.0

    def figures(self) -> dict[str, float | None]:
        """By the names of `points.FIGURES`."""
        return {
            "cpu_percent": self.cpu_percent,
            "memory_percent": self.memory_percent,
            "disk_percent": self.disk_percent,
            "disk_read_per_second": self.disk_read_per_second,
            "disk_written_per_second": self.disk_written_per_second,
            "gpu_percent": self.gpu_percent,
            "gpu_memory_percent": self.gpu_memory_percent,
            "program_cpu_percent": min(100.0, self.process_cpu_percent / max(1, self.cores)),
            "program_memory_percent": 100.0 * self.process_memory_bytes / self.memory_total_bytes
            if self.memory_total_bytes
            else None,
            "program_memory_bytes": float(self.process_memory_bytes),
            "predictions_per_second": self.predictions_per_second,
            "requests_per_second": self.requests_per_second,
            "received_per_second": self.received_per_second,
            "sent_per_second": self.sent_per_second,
        }
