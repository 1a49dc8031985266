"""Peak memory of decoding a page and accessing every row once, with one library in a separate process.

`python -m benchmarks.memory ours|stock FILE` prints the number of bytes by which the process grew.
"""

from __future__ import annotations

import sys
from pathlib import Path


def main(contender: str, file: str) -> int:
    content = Path(file).read_bytes()
    if contender == "ours":
        from cloudjobs._decoding import response_decoder
        from cloudjobs._deviations import DeviationReporter
        from cloudjobs.ges.models import JobList

        reader = response_decoder(JobList, "listJobs")
        before = peak()
        page = reader.read(content, DeviationReporter("bench", "read", None))
        jobs = page.jobs
    else:
        from benchmarks import peers

        decode = peers.stock("ges", "JobList")
        before = peak()
        jobs = decode(content).jobs
    failed = sum(job.status == "failed" for job in jobs)
    print(peak() - before if failed else 0)
    return 0


def peak() -> int:
    """Return the peak memory of this process, in bytes."""
    # getrusage is not used, because its figure includes the process that started this one.
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM:"))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
