/* SPDX-License-Identifier: LGPL-2.1-only */
/* Tokens of the configuration language. */
#ifndef XLU_LEX_H
#define XLU_LEX_H

#include "cfg.h"

enum xlu_token_kind {
	XLU_TOKEN_END,
	XLU_TOKEN_NEWLINE,
	XLU_TOKEN_SEMICOLON,
	XLU_TOKEN_WORD,
	XLU_TOKEN_NUMBER,
	XLU_TOKEN_STRING,
	XLU_TOKEN_EQUALS,
	XLU_TOKEN_PLUS_EQUALS,
	XLU_TOKEN_OPEN,
	XLU_TOKEN_CLOSE,
	XLU_TOKEN_COMMA,
	XLU_TOKEN_BAD, /* reported already */
	XLU_TOKEN_NOMEM,
};

struct xlu_token {
	enum xlu_token_kind kind;
	struct xlu_place place;
	struct xlu_span text; /* as written */
	char *string;	      /* STRING: the contents, owned by whoever takes the token */
};

struct xlu_lexer {
	const XLU_Config *cfg;
	const char *at;
	const char *end;
	const char *line_start;
	int line;
};

void xlu_lex_init(struct xlu_lexer *lexer, const XLU_Config *cfg, struct xlu_span text);
struct xlu_token xlu_lex_next(struct xlu_lexer *lexer);
void xlu_lex_skip_line(struct xlu_lexer *lexer);

#endif
