"""Mapbox Vector Tiles 2.1, read: nothing but what tests compare."""


def fields(data):
    """Of a message of Protocol Buffers: number, wire type and value; bytes where they have a length."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(data):
        key = varint()
        number, kind = key >> 3, key & 7
        if kind == 0:
            yield number, kind, varint()
        else:
            length = varint() if kind == 2 else 8 if kind == 1 else 4
            yield number, kind, data[at:at + length]
            at += length


def varints(data):
    value = shift = 0
    for byte in data:
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            yield value
            value = shift = 0


def features(tile):
    """(layer, id, tags, geometry type, geometry commands) of each; tags as a sorted tuple of names and encoded values."""
    out = []
    for number, _, layer in fields(tile):
        if number != 3:
            continue
        name, keys, values, found = "", [], [], []
        for number, _, value in fields(layer):
            if number == 1:
                name = value.decode()
            elif number == 2:
                found.append(value)
            elif number == 3:
                keys.append(value.decode())
            elif number == 4:
                values.append(value)
        for feature in found:
            key, tags, kind, geometry = None, (), 0, ()
            for number, _, value in fields(feature):
                if number == 1:
                    key = value
                elif number == 2:
                    pairs = list(varints(value))
                    tags = tuple(sorted((keys[a], values[b]) for a, b in zip(pairs[::2], pairs[1::2])))
                elif number == 3:
                    kind = value
                elif number == 4:
                    geometry = tuple(varints(value))
            out.append((name, key, tags, kind, geometry))
    return out
