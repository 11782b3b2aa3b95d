"""Mean absolute error of one table, at equal (epsilon, delta), by three programs.

The table counts persons by municipality and age group; a person is in one cell. Every program gets
the same persons, the same public cells, and the same bound: one cell, once, per person.
"""

import argparse
import csv
import json
import math
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

import opendp.prelude as dp
import pipeline_dp

dp.enable_features("contrib")


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--folder", required=True, type=Path)
    parser.add_argument("--draws", type=int, required=True)
    parser.add_argument("--eps", type=float, required=True)
    parser.add_argument("--delta", type=float, required=True)
    parser.add_argument("--tables", type=int, required=True)
    return parser.parse_args()


def read(folder):
    """Persons as (person, cell), the public cells, and the exact counts."""
    with open(folder / "cells.csv", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    cells = [(line["municipality"], line["age_group"]) for line in lines]
    exact = {cell: int(line["persons"]) for cell, line in zip(cells, lines)}
    with open(folder / "persons.csv", encoding="utf-8") as file:
        persons = [
            (line["person"], (line["municipality"], line["age_group"]))
            for line in csv.DictReader(file)
        ]
    return persons, cells, exact


def zcdp_epsilon(scale, delta):
    """Epsilon at delta of a discrete Gaussian by way of zCDP, as opendp converts it."""
    measurement = dp.c.make_fix_delta(dp.c.make_zCDP_to_approxDP(gaussian(scale)), delta)
    return measurement.map(1.0)[0]


def gaussian(scale):
    space = dp.vector_domain(dp.atom_domain(T=int)), dp.l2_distance(T=float)
    return dp.m.make_gaussian(*space, scale=scale)


def least_scale(fits, low=1e-2, high=1e6):
    """The least scale at which `fits` holds, to twelve digits."""
    for _ in range(80):
        middle = math.sqrt(low * high)
        if fits(middle):
            high = middle
        else:
            low = middle
    return high


def exact_delta(sigma, eps):
    """Delta at eps of a discrete Gaussian for a change of one in one cell, itself.

    (Canonne, Kamath, Steinke 2020, "The Discrete Gaussian for Differential Privacy", theorem 7.)
    """
    reach = int(40 * sigma) + 2
    weights = [math.exp(-((x / sigma) ** 2) / 2) for x in range(-reach, reach + 1)]
    total = math.fsum(weights)

    def above(bound):
        first = math.floor(bound) + 1 + reach
        return math.fsum(weights[max(first, 0):]) / total

    return above(eps * sigma**2 - 0.5) - math.exp(eps) * above(eps * sigma**2 + 0.5)


def ours(arguments, budgets):
    """Runs our releases, one answer per budget in 1e-9 rho."""
    call = [
        arguments.program, "peers", str(arguments.folder), "--draws", str(arguments.draws),
        "--rho-nano", ",".join(str(budget) for budget in budgets),
    ]
    subprocess.run(call, check=True)
    return json.loads((arguments.folder / "ours.json").read_text(encoding="utf-8"))


def opendp_error(measurement, cells, exact, draws):
    """Mean absolute error of opendp in Python over at least that many noised cells."""
    counts = [exact[cell] for cell in cells]
    total, number = 0.0, 0
    while number < draws:
        for noisy, own in zip(measurement(counts), counts):
            total += abs(noisy - own)
            number += 1
    return total / number, number


def pipeline_error(kind, eps, delta, persons, cells, exact, draws):
    """Mean absolute error of PipelineDP on its local backend, and the deviation it reports."""
    extractors = pipeline_dp.DataExtractors(
        privacy_id_extractor=lambda row: row[0],
        partition_extractor=lambda row: row[1],
        value_extractor=lambda row: 1,
    )
    total, number, deviation = 0.0, 0, 0.0
    while number < draws:
        accountant = pipeline_dp.NaiveBudgetAccountant(total_epsilon=eps, total_delta=delta)
        engine = pipeline_dp.DPEngine(accountant, pipeline_dp.LocalBackend())
        parameters = pipeline_dp.AggregateParams(
            metrics=[pipeline_dp.Metrics.PRIVACY_ID_COUNT],
            noise_kind=kind,
            max_partitions_contributed=1,
            max_contributions_per_partition=1,
            output_noise_stddev=True,
        )
        result = engine.aggregate(persons, parameters, extractors, public_partitions=cells)
        accountant.compute_budgets()
        for cell, metrics in result:
            total += abs(metrics.privacy_id_count - exact[cell])
            deviation = metrics.privacy_id_count_noise_stddev
            number += 1
    return total / number, number, deviation


def line(*parts):
    print("| " + " | ".join(str(part) for part in parts) + " |", flush=True)


def main():
    own = arguments()
    # A release by way of zCDP, a release at its own exact curve, and one of several tables.
    stated = least_scale(lambda scale: zcdp_epsilon(scale, own.delta) <= own.eps)
    exact_scale = least_scale(lambda scale: exact_delta(scale, own.eps) <= own.delta)
    shared = stated * math.sqrt(own.tables)
    budgets = [round(0.5e9 / scale**2) for scale in (stated, exact_scale, shared)]
    begun = time.time()
    found = ours(own, budgets)
    seconds = {"ours": time.time() - begun}
    persons, cells, exact = read(own.folder)
    print(f"{len(persons)} persons, {len(cells)} cells, epsilon {own.eps}, delta {own.delta}")
    print(f"opendp {version('opendp')}, pipeline-dp {version('pipeline-dp')}, "
          f"python-dp {version('python-dp')}, Python {sys.version.split()[0]}\n")
    line("setting", "program", "sigma", "draws", "mean absolute error", "ours / this")
    line("---", "---", "---", "---", "---", "---")

    failed = []

    def show(setting, program, sigma, draws, error, reference, most):
        ratio = reference / error
        line(setting, program, f"{sigma:.4f}", draws, f"{error:.4f}", f"{ratio:.4f}")
        if most is not None and ratio > most:
            failed.append(f"{setting}: {ratio:.4f} of {program}, {most} is asked for")

    normal = pipeline_dp.NoiseKind.GAUSSIAN
    settings = [
        ("one release, by zCDP", stated, own.eps, own.delta, found[0]),
        ("one release, by the exact curve", exact_scale, own.eps, own.delta, found[1]),
        (f"one of {own.tables} tables", shared, own.eps / own.tables, own.delta / own.tables, found[2]),
    ]
    for setting, scale, eps, delta, mine in settings:
        reference = mine["mean_absolute_error"]
        show(setting, "ours", mine["sigma"], mine["draws"], reference, reference, None)
        begun = time.time()
        error, draws = opendp_error(gaussian(scale), cells, exact, own.draws)
        seconds["opendp"] = seconds.get("opendp", 0) + time.time() - begun
        show(setting, "opendp (Python)", scale, draws, error, reference, 1.02)
        begun = time.time()
        error, draws, deviation = pipeline_error(
            normal, eps, delta, persons, cells, exact, own.draws
        )
        seconds["pipeline-dp"] = seconds.get("pipeline-dp", 0) + time.time() - begun
        show(setting, "pipeline-dp, Gaussian", deviation, draws, error, reference, 1.0)
    print("\nseconds: " + ", ".join(f"{name} {took:.0f}" for name, took in seconds.items()))
    for failure in failed:
        print(f"above the bar: {failure}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
