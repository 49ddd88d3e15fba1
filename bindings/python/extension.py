# SPDX-License-Identifier: LGPL-2.1-only
"""The extension module xenolith._libxl, for cffi. setup.py has called generate.py before."""
import os

from cffi import FFI

HERE = os.path.dirname(os.path.abspath(__file__))
GENERATED = os.path.join(HERE, 'build', 'generated')


def read(*path):
    with open(os.path.join(HERE, *path)) as f:
        return f.read()


builder = FFI()
builder.cdef(read(GENERATED, 'libxl.cdef'))
builder.set_source('xenolith._libxl', read('src', 'xenolith', 'glue.c'),
                   include_dirs=[GENERATED, os.path.join(HERE, '..', '..', 'libxl', 'include')],
                   libraries=['xenlight', 'xlutil', 'xentoollog'],
                   extra_compile_args=['-Wno-unused-parameter'])
