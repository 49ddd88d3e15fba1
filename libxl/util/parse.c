// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The parser of the configuration language, by recursive descent:
 *
 *	file    = { [ setting ] ( newline | ";" ) } [ setting ]
 *	setting = word ( "=" | "+=" ) value
 *	value   = string | number | list
 *	list    = "[" [ value { "," value } [ "," ] ] "]"
 *
 * Newlines inside a list do not count. An error is reported where it is and reading goes on with
 * the next line, so that one run shows several mistakes.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lex.h"

#define MAX_DEPTH  32 /* nested lists: bounds the recursion */
#define MAX_ERRORS 10

struct parser {
	XLU_Config *cfg;
	struct xlu_lexer lexer;
	struct xlu_token token;
	int depth;
};

static void advance(struct parser *p)
{
	free(p->token.string);
	p->token = xlu_lex_next(&p->lexer);
}

static int failure(const struct parser *p)
{
	return p->token.kind == XLU_TOKEN_NOMEM ? ENOMEM : EINVAL;
}

static int unexpected(const struct parser *p, const char *wanted)
{
	int width = p->token.text.length < 40 ? (int)p->token.text.length : 40;

	switch (p->token.kind) {
	case XLU_TOKEN_NOMEM:
	case XLU_TOKEN_BAD:
		break;
	case XLU_TOKEN_END:
		xlu_report_at(p->cfg, p->token.place, "the file ends where %s should be", wanted);
		break;
	case XLU_TOKEN_NEWLINE:
		xlu_report_at(p->cfg, p->token.place, "the line ends where %s should be", wanted);
		break;
	default:
		xlu_report_at(p->cfg, p->token.place, "%s should be here, not `%.*s'", wanted, width,
			      p->token.text.data);
	}
	return failure(p);
}

static void skip_newlines(struct parser *p)
{
	while (p->token.kind == XLU_TOKEN_NEWLINE)
		advance(p);
}

static int parse_value(struct parser *p, XLU_ConfigValue **out);

static int parse_list(struct parser *p, XLU_ConfigValue **out)
{
	XLU_ConfigValue *list, *entry;
	int rc;

	if (p->depth == MAX_DEPTH) {
		xlu_report_at(p->cfg, p->token.place, "lists are nested deeper than %d", MAX_DEPTH);
		return EINVAL;
	}
	list = xlu_value_list(p->token.place);
	if (!list)
		return ENOMEM;
	p->depth++;
	advance(p);
	for (;;) {
		skip_newlines(p);
		if (p->token.kind == XLU_TOKEN_CLOSE)
			break;
		rc = parse_value(p, &entry);
		if (!rc)
			rc = xlu_list_append(&list->u.list, entry);
		if (rc)
			goto fail;
		skip_newlines(p);
		if (p->token.kind == XLU_TOKEN_CLOSE)
			break;
		if (p->token.kind != XLU_TOKEN_COMMA) {
			rc = unexpected(p, "a comma or the closing ] of the list");
			goto fail;
		}
		advance(p);
	}
	p->depth--;
	advance(p);
	*out = list;
	return 0;
fail:
	p->depth--;
	xlu_value_free(list);
	return rc;
}

static int parse_value(struct parser *p, XLU_ConfigValue **out)
{
	char *text;

	switch (p->token.kind) {
	case XLU_TOKEN_OPEN:
		return parse_list(p, out);
	case XLU_TOKEN_STRING:
		text = p->token.string;
		p->token.string = NULL;
		break;
	case XLU_TOKEN_NUMBER:
		text = strndup(p->token.text.data, p->token.text.length);
		break;
	case XLU_TOKEN_WORD:
		return unexpected(p, "a value in quotes, a number or a list");
	default:
		return unexpected(p, "a value");
	}
	*out = text ? xlu_value_string(text, p->token.place) : NULL;
	if (!*out)
		return ENOMEM;
	advance(p);
	return 0;
}

static bool ends_setting(const struct parser *p)
{
	return p->token.kind == XLU_TOKEN_NEWLINE || p->token.kind == XLU_TOKEN_SEMICOLON ||
	       p->token.kind == XLU_TOKEN_END;
}

static int parse_setting(struct parser *p)
{
	struct xlu_span name = p->token.text;
	struct xlu_place place = p->token.place;
	enum XLU_Operation op;
	XLU_ConfigValue *value;
	int rc;

	if (p->token.kind != XLU_TOKEN_WORD)
		return unexpected(p, "a key");
	advance(p);
	if (p->token.kind != XLU_TOKEN_EQUALS && p->token.kind != XLU_TOKEN_PLUS_EQUALS)
		return unexpected(p, "= or +=");
	op = p->token.kind == XLU_TOKEN_EQUALS ? XLU_OP_ASSIGNMENT : XLU_OP_ADDITION;
	advance(p);
	rc = parse_value(p, &value);
	if (rc)
		return rc;
	if (!ends_setting(p)) {
		rc = unexpected(p, "the end of the line or a ;");
		xlu_value_free(value);
		return rc;
	}
	return xlu_store(p->cfg, name, place, op, value);
}

int xlu_parse(XLU_Config *cfg, struct xlu_span text)
{
	struct parser p = { .cfg = cfg };
	int errors = 0, rc = 0;

	xlu_lex_init(&p.lexer, cfg, text);
	advance(&p);
	while (p.token.kind != XLU_TOKEN_END && rc != ENOMEM && errors < MAX_ERRORS) {
		int failed;

		if (p.token.kind == XLU_TOKEN_NEWLINE || p.token.kind == XLU_TOKEN_SEMICOLON) {
			advance(&p);
			continue;
		}
		failed = parse_setting(&p);
		if (!failed)
			continue;
		rc = failed;
		errors++;
		if (p.token.kind != XLU_TOKEN_NEWLINE && p.token.kind != XLU_TOKEN_END) {
			xlu_lex_skip_line(&p.lexer);
			advance(&p);
		}
	}
	free(p.token.string);
	return rc;
}
