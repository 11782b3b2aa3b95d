"""The golden encoding of tests/it/encoding.rs, computed a second time.

Follows docs/formats/linkable.md from the normal form on, with Python's standard library and no
line of the crate: python3 encoding.py prints one encoding per view, then the same with the views
salted by the birth year and by sex and initial.
"""

import hashlib
import hmac
import json
import pathlib
import struct

KEY = bytes(range(32))
SALT = b"milchglas encoder 1"
SCHEMA = json.loads((pathlib.Path(__file__).parent / "schema.json").read_text())

# Müller, born Groß, Ute Maria, 21.03.1975, w, no telephone: their normal forms.
PERSON = {
    "surname": ["MULLER"],
    "birth_name": ["GROSS"],
    "given_names": ["UTE", "MARIA"],
    "date_of_birth": ["D21", "U21", "M03", "U03", "Y1975", "y27", "y35"],
    "sex": ["w"],
    "phone": [],
}
ATTRIBUTES = {"birth_year": "1975", "sex": "w", "given_initial": "U"}
SALTS = [["birth_year"], ["sex", "given_initial"]]


def mac(key, message):
    return hmac.new(key, message, hashlib.sha256).digest()


def derive(*purpose):
    info = b"".join(part.encode() + b"\0" for part in purpose)
    return mac(mac(SALT, KEY), info + b"\x01")


def pairs(part):
    padded = "_" + part + "_"
    return [padded[i : i + 2] for i in range(len(padded) - 1)]


def tokens(kind, parts):
    if kind == "bigrams":
        return [pair for part in parts for pair in pairs(part)]
    if kind == "positional_bigrams":
        return [f"{i}:{pair}" for part in parts for i, pair in enumerate(pairs(part))]
    return parts


def positions(key, token, k, bits):
    blocks = (mac(key, bytes([b]) + token.encode()) for b in range((k + 15) // 16))
    return [n % bits for n in struct.unpack(f"<{(k + 15) // 16 * 16}H", b"".join(blocks))[:k]]


def stream(key):
    counter = 0
    while True:
        yield from struct.unpack("<16H", mac(key, struct.pack("<I", counter)))
        counter += 1


def encode(schema, view, salt):
    bits, names = schema["bits"], (schema["name"], view["name"])
    plain = [0] * bits
    for field in view["fields"]:
        parts = PERSON[field["identifier"]] or PERSON.get(field.get("otherwise"), [])
        key = derive("field", *names, field["identifier"], field["tokens"])
        if salt:
            key = mac(key, b"\xff" + b"".join(ATTRIBUTES[s].encode() + b"\0" for s in salt))
        for token in tokens(field["tokens"], parts):
            for position in positions(key, token, field["k"], bits):
                plain[position] = 1
    draws = stream(derive("diffusion", *names))
    output = 0
    for place in range(bits):
        inputs = set()
        while len(inputs) < view["diffusion"]:
            inputs.add(next(draws) % bits)
        output |= (sum(plain[i] for i in inputs) % 2) << place
    return output.to_bytes(bits // 8, "little").hex()


for view in SCHEMA["views"]:
    print(encode(SCHEMA, view, []))
for view, salt in zip(SCHEMA["views"], SALTS):
    print(encode(SCHEMA, view, salt))
