"""Writes the sequences of a CalMS21 JSON file again and again in three layouts, until each file has enough bytes:
python calms21_layouts.py FILE FOLDER [--megabytes 1000]. Prints one path a line.

compact: as json.dump writes. indented: 4 spaces, as the published files. reordered: no white space, the keys of every
sequence the other way round.
"""
import argparse
import json
import os

LAYOUTS = {
    "compact": dict(),
    "indented": dict(indent=4),
    "reordered": dict(separators=(",", ":")),
}


def arrange(layout, sequence):
    return dict(reversed(sequence.items())) if layout == "reordered" else sequence


def write(layout, path, group, sequences, size):
    texts = [json.dumps(arrange(layout, sequence), **LAYOUTS[layout]) for sequence in sequences.values()]
    if layout == "indented":
        texts = [text.replace("\n", "\n" + 8 * " ") for text in texts]
    with open(path, "w") as file:
        file.write('{"%s": {' % group if layout != "indented" else '{\n    "%s": {' % group)
        count = 0
        while file.tell() < size:
            for text in texts:
                separator = ",\n        " if layout == "indented" else ", "
                file.write(f'{separator if count else separator[1:]}"mouse{count:06d}": {text}')
                count += 1
        file.write("\n    }\n}" if layout == "indented" else "}}")
    return path


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("folder")
    parser.add_argument("--megabytes", type=int, default=1000)
    options = parser.parse_args()
    with open(options.file) as file:
        ((group, sequences),) = json.load(file).items()
    for layout in LAYOUTS:
        folder = os.path.join(options.folder, layout)
        os.makedirs(folder)
        # the name says what is in it
        print(write(layout, os.path.join(folder, os.path.basename(options.file)), group, sequences, options.megabytes * 1e6))


if __name__ == "__main__":
    main()
