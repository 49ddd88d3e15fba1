# SPDX-License-Identifier: GPL-2.0-only
# Turns "nm -n" output into the assembly of the symbol table (lib/symbols.c): functions only, as offsets
# from HV_IMAGE_START in -v base=HEX (low 32 bits suffice: the image is under 1 GiB).
function low32(hex) { return substr(hex, length(hex) - 7) }
BEGIN { n = 0; pos = 0; last = "" }
$2 ~ /^[tTwW]$/ && $1 ~ /^ffff8080/ && $3 !~ /^\.L/ {
	if ($1 == last)
		next
	last = $1
	addr[n] = low32($1); name[n] = $3; at[n] = pos
	pos += length($3) + 1; n++
}
END {
	print "\t.section .rodata.symtab, \"a\", @progbits"
	print "\t.balign 8"
	print "\t.globl symtab_count, symtab_entries, symtab_names"
	print "\t.hidden symtab_count, symtab_entries, symtab_names"
	print "symtab_count: .long " n
	print "symtab_entries:"
	for (i = 0; i < n; i++)
		print "\t.long 0x" addr[i] ", " at[i]
	print "symtab_names:"
	for (i = 0; i < n; i++)
		print "\t.asciz \"" name[i] "\""
	print "\t.section .note.GNU-stack, \"\", @progbits"
}
