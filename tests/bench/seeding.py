"""Seeding the whole province, beside what the file system takes for as many files: the cache copied by cp."""
import os
import pathlib
import re
import statistics
import subprocess
import time

from measure import remove_at_end, wait_for_files


def bench(report, runs, state, tiles_url):
    command, cache = os.environ["OCOPMAP_TEST_CLI"], next(path for path in state.rglob("cache/tiles") if path.is_dir())

    removed = cache.parent / "removed"

    def clear():
        """Out of the way by a rename: what the file system does about removed files would fall into the next run."""
        removed.mkdir(exist_ok=True)
        cache.rename(removed / str(len(list(removed.iterdir()))))
        cache.mkdir()
        os.sync()

    def seed():
        out = subprocess.run([command, "tiles", "seed", "--zoom", "0-16", "--url", tiles_url], capture_output=True, text=True, check=True).stdout
        made, seconds, fresh, empty, failed = (float(value) for value in re.fullmatch(
            r"(\d+) tiles made in ([\d.]+) s \(.*\), (\d+) were there, (\d+) empty, (\d+) failed\n", out).groups())
        assert failed == 0, out
        return made, seconds, fresh, empty

    wait_for_files()
    rates, copies, files = [], [], 0
    for _ in range(runs):
        clear()
        made, seconds, _, empty = seed()
        rates.append(made / seconds)
        files = sum(len(names) for _, _, names in os.walk(cache))
        copy = pathlib.Path(str(cache) + "-copy")
        began = time.perf_counter()
        subprocess.run(["cp", "-r", cache, copy], check=True)
        copies.append(files / (time.perf_counter() - began))
        copy.rename(removed / f"copy-{len(copies)}")
    again = seed()
    remove_at_end(removed)
    assert again[0] == 0, again
    report("seed_tiles_per_s", statistics.median(rates),
           f"{made:.0f} tiles z0-z14 ({files} files) and {empty:.0f} empty ones passed over; cp -r copies {statistics.median(copies):.0f} files/s", ">= 5000")
    report("seed_resume_tiles_per_s", again[2] / max(again[1], 0.001), f"{again[2]:.0f} tiles that are there, looked at again", "none")
