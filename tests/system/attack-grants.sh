#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
exec sh "$(dirname "$0")/microguest.sh" attack_grants
