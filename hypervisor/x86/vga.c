/* SPDX-License-Identifier: GPL-2.0-only */
/* The 80x25 text screen. A loader that left a graphics mode gets no console here (fb is for Domain 0). */
#include <hv/boot.h>
#include <hv/console.h>
#include <hv/lib.h>
#include <x86/layout.h>
#include <x86/processor.h>
#include <x86/vga.h>

#define COLUMNS 80U
#define LINES 25U
#define ATTR 0x0700
#define VGA_MEM 0xb8000
#define CRTC_INDEX 0x3d4
#define CRTC_CURSOR_HIGH 0x0e
#define CRTC_CURSOR_LOW 0x0f

static u16 *screen;
static unsigned int column, row;
static bool keep, wanted = true;

static init_fn int opt_vga(const char *v)
{
	/* Modes are set by the loader; of the original's values, "keep" and the text modes mean something. */
	wanted = strncmp(v, "none", 4) != 0;
	keep = strstr(v, "keep") != NULL;
	return *v ? 0 : -EINVAL;
}
CMDLINE_PARAM("vga", opt_vga);

static void new_line(void)
{
	column = 0;
	if (++row < LINES)
		return;
	row = LINES - 1;
	memmove(screen, screen + COLUMNS, COLUMNS * (LINES - 1) * sizeof(*screen));
	for (unsigned int i = 0; i < COLUMNS; i++)
		screen[row * COLUMNS + i] = ATTR | ' ';
}

static void vga_write(const char *s, size_t n)
{
	unsigned int pos;

	for (size_t i = 0; i < n; i++) {
		if (s[i] == '\n') {
			new_line();
		} else if (s[i] == '\r') {
			column = 0;
		} else {
			screen[row * COLUMNS + column] = ATTR | (u8)s[i];
			if (++column == COLUMNS)
				new_line();
		}
	}
	pos = row * COLUMNS + column;
	outb(CRTC_CURSOR_HIGH, CRTC_INDEX);
	outb((u8)(pos >> 8), CRTC_INDEX + 1);
	outb(CRTC_CURSOR_LOW, CRTC_INDEX);
	outb((u8)pos, CRTC_INDEX + 1);
}

struct console_device vga_console = { .name = "vga" };

init_fn void vga_setup(void)
{
	if (!wanted || (boot_info.has_fb && boot_info.fb.type != 2))
		return;
	screen = paddr_to_virt(VGA_MEM);
	for (unsigned int i = 0; i < COLUMNS * LINES; i++)
		screen[i] = ATTR | ' ';
	vga_console.write = vga_write;
}

bool vga_text_in_use(void)
{
	return screen != NULL;
}

bool vga_keep(void)
{
	return keep;
}
