# SPDX-License-Identifier: GPL-2.0-only
# idl DIR [KIND:FILE...]: the headers that libxl's IDL generates, and each KIND of the rest of it (libxl/light/idl/gen.py)
# as DIR/FILE. Sourced with $top set.
idl() {
	idl_dir=$1
	shift
	for f in header:_libxl_types.h json:_libxl_types_json.h "$@"; do
		python3 "$top/libxl/light/idl/gen.py" "$top/libxl/light/idl/types.idl" "${f%%:*}" "$idl_dir/${f##*:}" || return 1
	done
}
