// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The lexer of the configuration language.
 *
 * Words are letters, digits, '_' and '.', strings are quoted with ' or " and do not cross lines,
 * '#' starts a comment. Newlines are tokens, since they end a setting; inside a list the parser
 * drops them.
 */
#include <stdlib.h>
#include <string.h>

#include "lex.h"

/* <ctype.h> depends on the locale, and a signed char above 127 is undefined for it. */
static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_word_start(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_word(char c)
{
	return is_word_start(c) || is_digit(c) || c == '.';
}

static int hex_digit(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

void xlu_lex_init(struct xlu_lexer *lexer, const XLU_Config *cfg, struct xlu_span text)
{
	*lexer = (struct xlu_lexer){
		.cfg = cfg,
		.at = text.data,
		.end = text.data + text.length,
		.line_start = text.data,
		.line = 1,
	};
}

static struct xlu_place place_at(const struct xlu_lexer *lexer, const char *at)
{
	return (struct xlu_place){
		.file = lexer->cfg->sources->name,
		.line = lexer->line,
		.column = (int)(at - lexer->line_start) + 1,
	};
}

void xlu_lex_skip_line(struct xlu_lexer *lexer)
{
	while (lexer->at < lexer->end && *lexer->at != '\n')
		lexer->at++;
}

static void skip_blanks(struct xlu_lexer *lexer)
{
	while (lexer->at < lexer->end) {
		char c = *lexer->at;

		if (c == '#')
			xlu_lex_skip_line(lexer);
		else if (c == ' ' || c == '\t')
			lexer->at++;
		else
			return;
	}
}

static struct xlu_token finish(struct xlu_lexer *lexer, enum xlu_token_kind kind, const char *start)
{
	return (struct xlu_token){
		.kind = kind,
		.place = place_at(lexer, start),
		.text = { start, (size_t)(lexer->at - start) },
	};
}

static struct xlu_token bad(struct xlu_lexer *lexer, const char *start, const char *at, const char *why)
{
	xlu_report_at(lexer->cfg, place_at(lexer, at), "%s", why);
	return finish(lexer, XLU_TOKEN_BAD, start);
}

/* Up to max digits of the base; at least one is required. */
static bool escape_number(struct xlu_lexer *lexer, int base, int max, char *out)
{
	int value = 0, seen = 0;

	while (seen < max && lexer->at < lexer->end) {
		int digit = hex_digit(*lexer->at);

		if (digit < 0 || digit >= base)
			break;
		value = value * base + digit;
		seen++;
		lexer->at++;
	}
	*out = (char)value;
	/* A NUL would cut the string short without anyone noticing. */
	return seen && value && value < 256;
}

static bool escape(struct xlu_lexer *lexer, char *out)
{
	static const char names[] = "abfnrtv\\'\"?";
	static const char values[] = "\a\b\f\n\r\t\v\\'\"?";
	const char *hit;
	char c;

	if (lexer->at == lexer->end)
		return false;
	c = *lexer->at;
	if (c >= '0' && c <= '7')
		return escape_number(lexer, 8, 3, out);
	lexer->at++;
	if (c == 'x')
		return escape_number(lexer, 16, 2, out);
	hit = c ? strchr(names, c) : NULL;
	if (hit)
		*out = values[hit - names];
	return hit;
}

static struct xlu_token lex_string(struct xlu_lexer *lexer)
{
	const char *start = lexer->at;
	char quote = *lexer->at++;
	/* No escape is shorter than what it stands for, so the rest of the line is room enough. */
	const char *eol = memchr(start, '\n', (size_t)(lexer->end - start));
	char *contents = malloc((size_t)((eol ? eol : lexer->end) - start) + 1);
	size_t n = 0;
	struct xlu_token token;

	if (!contents)
		return finish(lexer, XLU_TOKEN_NOMEM, start);
	while (lexer->at < lexer->end && *lexer->at != quote && *lexer->at != '\n') {
		const char *at = lexer->at;
		char c = *lexer->at++;
		char value = c;

		if (!c || (c == '\\' && !escape(lexer, &value))) {
			free(contents);
			return bad(lexer, start, at, c ? "unknown escape in a quoted string; write \\\\ for a backslash" :
						     "a quoted string cannot hold a zero byte");
		}
		contents[n++] = value;
	}
	if (lexer->at == lexer->end || *lexer->at != quote) {
		free(contents);
		return bad(lexer, start, start, "this quote is not closed on the same line");
	}
	lexer->at++;
	contents[n] = 0;
	token = finish(lexer, XLU_TOKEN_STRING, start);
	token.string = contents;
	return token;
}

static struct xlu_token lex_number(struct xlu_lexer *lexer)
{
	const char *start = lexer->at;
	bool hex = lexer->end - start > 2 && start[0] == '0' && (start[1] == 'x' || start[1] == 'X');

	if (hex)
		lexer->at += 2;
	while (lexer->at < lexer->end && (hex ? hex_digit(*lexer->at) >= 0 : is_digit(*lexer->at)))
		lexer->at++;
	if (lexer->at < lexer->end && is_word(*lexer->at)) {
		const char *at = lexer->at;

		while (lexer->at < lexer->end && is_word(*lexer->at))
			lexer->at++;
		return bad(lexer, start, at,
			   "a number ends in letters; numbers have no unit or fraction here");
	}
	return finish(lexer, XLU_TOKEN_NUMBER, start);
}

static struct xlu_token lex_word(struct xlu_lexer *lexer)
{
	const char *start = lexer->at;

	while (lexer->at < lexer->end && is_word(*lexer->at))
		lexer->at++;
	return finish(lexer, XLU_TOKEN_WORD, start);
}

static struct xlu_token lex_sign(struct xlu_lexer *lexer)
{
	const char *start = lexer->at;
	char c = *lexer->at++;

	switch (c) {
	case ';':
		return finish(lexer, XLU_TOKEN_SEMICOLON, start);
	case '=':
		return finish(lexer, XLU_TOKEN_EQUALS, start);
	case '[':
		return finish(lexer, XLU_TOKEN_OPEN, start);
	case ']':
		return finish(lexer, XLU_TOKEN_CLOSE, start);
	case ',':
		return finish(lexer, XLU_TOKEN_COMMA, start);
	case '+':
		if (lexer->at < lexer->end && *lexer->at == '=') {
			lexer->at++;
			return finish(lexer, XLU_TOKEN_PLUS_EQUALS, start);
		}
		break;
	case '\r':
		return bad(lexer, start, start, "a line ends as in DOS files; sed -i 's/\\r$//' FILE mends them all");
	case '-':
		return bad(lexer, start, start, "negative numbers must be quoted, and keys have no '-'");
	default:
		break;
	}
	return bad(lexer, start, start, "this character means nothing here; are quotes missing?");
}

struct xlu_token xlu_lex_next(struct xlu_lexer *lexer)
{
	const char *start;

	skip_blanks(lexer);
	start = lexer->at;
	if (start == lexer->end)
		return finish(lexer, XLU_TOKEN_END, start);
	if (*start == '\n') {
		struct xlu_token token = finish(lexer, XLU_TOKEN_NEWLINE, start);

		lexer->line++;
		lexer->line_start = ++lexer->at;
		return token;
	}
	if (*start == '"' || *start == '\'')
		return lex_string(lexer);
	if (is_digit(*start))
		return lex_number(lexer);
	if (is_word_start(*start))
		return lex_word(lexer);
	return lex_sign(lexer);
}
