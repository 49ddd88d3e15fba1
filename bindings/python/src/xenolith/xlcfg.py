# SPDX-License-Identifier: LGPL-2.1-only
"""Configurations as xl reads them.

What the keys of such a file mean is xl's knowledge, not libxl's, so xl is asked: its dry run prints what libxl would be
given. Any xl of 4.17 will do.
"""
from __future__ import annotations

import json
import os
import subprocess
import tempfile

from .types import DomainConfig


def read_config(path: str | os.PathLike[str], *overrides: str, xl: str = 'xl') -> DomainConfig:
    """Read a file; each override is a line that goes after it. ValueError has what xl says about a fault."""
    done = subprocess.run([xl, 'create', '-q', '-n', os.fspath(path), *overrides], stdin=subprocess.DEVNULL,
                          capture_output=True, check=False)
    if done.returncode:
        raise ValueError(done.stderr.decode(errors='replace').strip() or f'{xl} create -n: exit {done.returncode}')
    tree = json.loads(done.stdout)
    return DomainConfig.from_dict(tree.get('config', tree))


def parse_config(text: str, *overrides: str, xl: str = 'xl') -> DomainConfig:
    """The same from text."""
    with tempfile.NamedTemporaryFile('w', suffix='.cfg') as f:
        f.write(text)
        f.flush()
        return read_config(f.name, *overrides, xl=xl)
