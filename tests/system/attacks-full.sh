#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# All attacks by unprivileged domains, not only the quicker ones.
WHEN=full exec "$(dirname "$0")/attacks.sh"
