# SPDX-License-Identifier: GPL-2.0-only
# Turns "readelf -rW" output into the assembly of the table of branches to thunks (x86/thunk_sites.c): where the
# displacement of each is, as offset from HV_IMAGE_START (low 32 bits suffice: the image is under 1 GiB).
$1 ~ /^ffff8080/ && $3 ~ /^R_X86_64_(PLT|PC)32$/ && $5 ~ /^__x86_indirect_thunk_/ {
	site[n++] = substr($1, length($1) - 7)
}
END {
	print "\t.section .rodata.thunk_sites, \"a\", @progbits"
	print "\t.balign 4"
	print "\t.globl thunk_site_count, thunk_sites"
	print "\t.hidden thunk_site_count, thunk_sites"
	print "thunk_site_count: .long " n + 0
	print "thunk_sites:"
	for (i = 0; i < n; i++)
		print "\t.long 0x" site[i]
	print "\t.section .note.GNU-stack, \"\", @progbits"
}
