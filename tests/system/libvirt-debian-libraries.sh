#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Debian's libvirt over Debian's libraries and tools, on our hypervisor.
TOOLS=debian exec "$(dirname "$0")/libvirt.sh"
