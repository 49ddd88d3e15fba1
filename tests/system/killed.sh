#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
PART=create exec bash "$(dirname "$0")/robust.sh" killed
