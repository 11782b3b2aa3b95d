"""Candidate pairs of the same CLKs by anonlink and by ours: equal pairs, both rates, their ratio."""

import argparse
import base64
import csv
import json
import os
import subprocess
import sys
import time

import anonlink
from bitarray import bitarray

from people import write_people

BARS = {"0.70": 10, "0.80": 14, "0.85": 18}
SECRET = "a secret of more than sixteen bytes"


def clks(path):
    with open(path, encoding="utf-8") as file:
        texts = json.load(file)["clks"]
    filters = []
    for text in texts:
        own = bitarray(endian="big")
        own.frombytes(base64.b64decode(text))
        filters.append(own)
    return filters


def by_anonlink(sources, threshold):
    """Seconds of the processor, and the pairs as (row, row)."""
    began = time.process_time()
    _, (_, _), (left, right) = anonlink.candidate_generation.find_candidate_pairs(
        sources, anonlink.similarities.dice_coefficient, float(threshold))
    return time.process_time() - began, set(zip(left, right))


def by_ours(program, paths, folder, threshold):
    """Seconds of the comparison by the clock, on the one core that this process has, and pairs."""
    pairs, report = os.path.join(folder, "pairs.csv"), os.path.join(folder, "report.json")
    subprocess.run(
        [program, "link", "--input", paths[0], "--input", paths[1], "--threshold", threshold,
         "--output", os.path.join(folder, "groups.csv"), "--pairs", pairs, "--json", report,
         "--most-pairs", "200000000", "--overwrite"],
        check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with open(report, encoding="utf-8") as file:
        stages = {stage["stage"]: stage["seconds"] for stage in json.load(file)["stages"]}
    with open(pairs, encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        return stages["compare"], {(int(row["row_a"]), int(row["row_b"])) for row in rows}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True)
    parser.add_argument("--encoder", required=True)
    parser.add_argument("--folder", required=True)
    parser.add_argument("--schema", required=True)
    parser.add_argument("--rows", type=int, nargs=2, default=[50000, 100000])
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    # One core for both; the child inherits it.
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    path = lambda name: os.path.join(given.folder, name)
    with open(path("secret"), "w", encoding="utf-8") as file:
        os.chmod(path("secret"), 0o600)
        file.write(SECRET)
    paths = []
    # Half of the lesser source's people are in the other, one in five with a typing error.
    for name, rows, first in zip("ab", given.rows, (0, given.rows[0] // 2)):
        write_people(path(f"{name}.csv"), given.schema, rows, first, 0.2)
        paths.append(path(f"{name}.json"))
        subprocess.run(
            [given.encoder, "encode", "--lang", "en", "--schema", given.schema, "--key-file",
             path("secret"), "--input", path(f"{name}.csv"), "--output", paths[-1]],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    sources = [clks(own) for own in paths]
    all_pairs, failed = given.rows[0] * given.rows[1] / 1e6, False
    print("| threshold | candidate pairs | anonlink, M pairs/s | ours, M pairs/s | ratio | bar |")
    print("|---|---|---|---|---|---|")
    for threshold, bar in BARS.items():
        theirs, ours = [], []
        for _ in range(given.runs):
            seconds, expected = by_anonlink(sources, threshold)
            theirs.append(seconds)
            seconds, found = by_ours(given.program, paths, given.folder, threshold)
            ours.append(seconds)
        if found != expected:
            print(f"DIFFERENT pairs at {threshold}: {len(found)} and {len(expected)}")
            failed = True
        ratio = min(theirs) / min(ours)
        failed |= ratio < bar
        print(f"| {threshold} | {len(found)} | {all_pairs / min(theirs):,.0f} | "
              f"{all_pairs / min(ours):,.0f} | {ratio:.1f} | {bar} |", flush=True)
    sys.exit(1 if failed else 0)


main()
