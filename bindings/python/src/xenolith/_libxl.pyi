# SPDX-License-Identifier: LGPL-2.1-only
"""The extension module, whose objects are C's."""
from typing import Any

ffi: Any
lib: Any
