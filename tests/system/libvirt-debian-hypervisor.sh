#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Debian's libvirt over our libraries and tools, on Debian's hypervisor.
HYPERVISOR=debian exec "$(dirname "$0")/libvirt.sh"
