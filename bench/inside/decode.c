/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * decode BZIMAGE: unpacks a kernel's payload as toolstacks do, by the same library and in one piece, and nothing else:
 * what of a creation is the decoder's.
 */
#include <fcntl.h>
#include <lzma.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROOM (256UL << 20)

static uint32_t u32_at(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

int main(int argc, char **argv)
{
	lzma_stream stream = LZMA_STREAM_INIT;
	const uint8_t *image;
	struct stat st;
	int fd = argc == 2 ? open(argv[1], O_RDONLY) : -1;

	if (fd < 0 || fstat(fd, &st) || lzma_stream_decoder(&stream, UINT64_MAX, 0) != LZMA_OK)
		return 2;
	image = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (image == MAP_FAILED)
		return 2;
	/* Boot protocol 2.08: setup_sects at 0x1f1, payload_offset and payload_length at 0x248. */
	stream.next_in = image + (image[0x1f1] + 1) * 512 + u32_at(image + 0x248);
	stream.avail_in = u32_at(image + 0x24c) - 4;	/* the size of what comes out is behind it */
	stream.avail_out = ROOM;
	stream.next_out = mmap(NULL, ROOM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	return stream.next_out == MAP_FAILED || lzma_code(&stream, LZMA_FINISH) != LZMA_STREAM_END;
}
