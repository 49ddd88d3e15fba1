#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
PART=save exec bash "$(dirname "$0")/robust.sh" killed
