#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
exec bash "$(dirname "$0")/robust.sh" cycles
