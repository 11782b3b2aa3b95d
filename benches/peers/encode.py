"""Encodes the same made-up people by clkhash and by ours: equal bytes, both rates, their ratio."""

import argparse
import json
import os
import resource
import subprocess
import sys
import time

from clkhash import clk
from clkhash.schema import from_json_file
from clkhash.serialization import serialize_bitarray

from people import write_people

BAR = 60
SECRET = "a secret of more than sixteen bytes"


def by_clkhash(schema_path, table, output):
    """Seconds of the processor for reading, encoding and writing in this process, and seconds by
    the clock; nothing of the start of Python."""
    with open(schema_path, encoding="utf-8") as file:
        schema = from_json_file(file)
    # It remembers tokens and values between runs; a run starts without.
    from clkhash import bloomfilter
    for name in dir(bloomfilter):
        clear = getattr(getattr(bloomfilter, name), "cache_clear", None)
        if clear:
            clear()
    start, cpu = time.perf_counter(), time.process_time()
    with open(table, encoding="utf-8", newline="") as file:
        filters = clk.generate_clk_from_csv(file, SECRET, schema, progress_bar=False, max_workers=1)
    with open(output, "w", encoding="utf-8") as file:
        json.dump({"clks": [serialize_bitarray(one) for one in filters]}, file)
    return time.process_time() - cpu, time.perf_counter() - start


def children():
    """Seconds of the processor of all processes that this one started and that ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def by_ours(program, schema_path, key, table, output):
    """The same from the start of the program to its end."""
    if os.path.exists(output):
        os.remove(output)
    command = [program, "encode", "--lang", "en", "--schema", schema_path, "--key-file", key,
               "--input", table, "--output", output]
    start, cpu = time.perf_counter(), children()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return children() - cpu, time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True)
    parser.add_argument("--folder", required=True)
    parser.add_argument("--schema", required=True)
    parser.add_argument("--rows", type=int, default=100000)
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    # One core for both; the child inherits it.
    core = max(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    path = lambda name: os.path.join(given.folder, name)
    write_people(path("people.csv"), given.schema, given.rows)
    with open(path("secret"), "w", encoding="utf-8") as file:
        os.chmod(path("secret"), 0o600)
        file.write(SECRET)
    theirs, ours = [], []
    for run in range(given.runs):
        theirs.append(by_clkhash(given.schema, path("people.csv"), path("clkhash.json")))
        ours.append(by_ours(given.program, given.schema, path("secret"), path("people.csv"),
                            path("ours.json")))
        print(f"run {run + 1}: clkhash {theirs[-1][0]:.2f} s ({theirs[-1][1]:.2f} by the clock), "
              f"ours {ours[-1][0]:.3f} s ({ours[-1][1]:.3f})", flush=True)
    with open(path("clkhash.json"), "rb") as one, open(path("ours.json"), "rb") as other:
        equal = one.read() == other.read()
    clkhash_rate, our_rate = given.rows / min(theirs)[0], given.rows / min(ours)[0]
    ratio = our_rate / clkhash_rate
    print(f"rows       {given.rows}, one core, seconds of the processor, the least of {given.runs} runs")
    print(f"bytes      {'equal' if equal else 'DIFFERENT'}")
    print(f"clkhash    {clkhash_rate:,.0f} records/s")
    print(f"ours       {our_rate:,.0f} records/s")
    print(f"ratio      {ratio:.1f} (bar: {BAR})")
    sys.exit(0 if equal and ratio >= BAR else 1)


main()
