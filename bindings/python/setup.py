# SPDX-License-Identifier: LGPL-2.1-only
"""Builds the package: what generate.py writes, and the extension module that cffi makes of it."""
import os
import shutil
import sys

from setuptools import setup
from setuptools.command.build_py import build_py

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import generate  # noqa: E402

GENERATED = os.path.join(HERE, 'build', 'generated')


class BuildPy(build_py):
    """The modules that are generated go beside the others."""

    def run(self):
        super().run()
        for name in ('types.py', '_context.py'):
            shutil.copy(os.path.join(GENERATED, name), os.path.join(self.build_lib, 'xenolith', name))


generate.main(GENERATED)
setup(cffi_modules=[os.path.join(HERE, 'extension.py') + ':builder'], cmdclass={'build_py': BuildPy})
