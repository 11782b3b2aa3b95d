"""Made-up people with common and rare names, from a seed."""

import csv
import json
import random

SYLLABLES = ["an", "bert", "chri", "da", "el", "fried", "ger", "hei", "in", "jo", "ka", "lie",
             "mül", "nor", "ol", "pet", "quin", "rös", "schmi", "tho", "ur", "vol", "wei", "xa",
             "yan", "ziß", "ler", "mann", "ner", "dorf", "stein", "berg"]


def words(generator, count, least, most):
    """So many made-up words, and cumulative weights by which the n-th is 1/n as common."""
    found = set()
    while len(found) < count:
        length = generator.randint(least, most)
        found.add("".join(generator.choice(SYLLABLES) for _ in range(length)).capitalize())
    found = sorted(found)
    generator.shuffle(found)
    total, cumulative = 0.0, []
    for rank in range(1, count + 1):
        total += 1 / rank
        cumulative.append(total)
    return found, cumulative


def write_people(path, schema, rows, first=0, typos=0.0):
    """People with common and rare names, one in ten streets and every second phone missing.

    Person `n` is the same whatever rows are written; of `typos` one letter of the surname is
    another one.
    """
    generator = random.Random(1)
    errors = random.Random(first + 2)
    given, given_weights = words(generator, 1500, 2, 3)
    surnames, surname_weights = words(generator, 20000, 2, 4)
    streets, street_weights = words(generator, 3000, 2, 4)
    towns, town_weights = words(generator, 48, 2, 3)
    pick = lambda names, weights: generator.choices(names, cum_weights=weights)[0]
    with open(schema, encoding="utf-8") as file:
        header = [feature["identifier"] for feature in json.load(file)["features"]]
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        for number in range(first + rows):
            street = f"{pick(streets, street_weights)}straße {generator.randint(1, 120)}"
            town = generator.choices(range(len(towns)), cum_weights=town_weights)[0]
            date = (f"{generator.randint(1, 28):02}.{generator.randint(1, 12):02}."
                    f"{generator.randint(1930, 2024)}")
            phone = str(generator.randint(10 ** 9, 10 ** 11)) if number % 2 else ""
            row = [
                number, pick(given, given_weights), pick(surnames, surname_weights),
                street if number % 10 else "", towns[town], f"{64000 + 7 * town:05}", date,
                generator.choice("mwd" if number % 200 == 0 else "mw"), phone,
            ]
            if number < first:
                continue
            if errors.random() < typos:
                place = errors.randrange(len(row[2]))
                row[2] = row[2][:place] + errors.choice("aeiounrst") + row[2][place + 1:]
            writer.writerow(row)
