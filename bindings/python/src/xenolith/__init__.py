# SPDX-License-Identifier: LGPL-2.1-only
"""Domains of a Xen host, through libxl.

    import xenolith
    with xenolith.Context() as host:
        for domain in host.domains():
            print(domain.domid, host.name(domain.domid))

Context waits until each operation is done; AsyncContext has the same operations as coroutines. Both have the quick
calls of Host. xenolith.types holds libxl's types, generated from its IDL; read_config() reads a file of xl's. A context
belongs to one thread, and to the process that made it.
"""
from . import types
from ._aio import AsyncContext, AsyncEvents
from ._context import Context, Events
from ._core import LibxlError
from ._host import Host
from .types import *  # noqa: F403
from .xlcfg import parse_config, read_config

__all__ = ['AsyncContext', 'AsyncEvents', 'Context', 'Events', 'Host', 'LibxlError', 'parse_config', 'read_config',
           'types']
__all__ += types.__all__
