"""Writes small DeepLabCut tables as HDF5, of both of pandas' kinds, for test/data/formats/deeplabcut-h5.test.ts.

Run with pandas 3.1.1 and PyTables 3.11.1: python scripts/golden/deeplabcut-h5.py
"""

import os

import numpy
import pandas

folder = os.path.join(os.path.dirname(__file__), "../../test/data/formats/golden")
names = ["scorer", "individuals", "bodyparts", "coords"]
columns = pandas.MultiIndex.from_product([["s"], ["m1", "mé2"], ["nose", "tail"], ["x", "y", "likelihood"]], names=names)
values = numpy.arange(60, dtype="f8").reshape(5, 12) / 64
values[2, 3:6] = numpy.nan
multi = pandas.DataFrame(values, columns=columns)
multi.to_hdf(f"{folder}/dlc-table.h5", key="df_with_missing", format="table", mode="w", index=False)
multi.to_hdf(f"{folder}/dlc-fixed.h5", key="df_with_missing", mode="w")
print(pandas.__version__)
