#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Programs of other people, the Python package and the examples with our libraries, on Debian's hypervisor.
exec "$(dirname "$0")/people.sh" debian
