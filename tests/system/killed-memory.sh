#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
PART=memory exec bash "$(dirname "$0")/robust.sh" killed
