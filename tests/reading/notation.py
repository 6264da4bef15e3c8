"""Reads ASN.1 value notation as profile packages are published in it (X.680, as far as they use it).

    value1 ProfileElement ::= header : { major-version 2, .. }

A value is: octets, a number, a text, None (NULL), a Word (an enumerated value), a tuple (an object identifier), a
Choice of (name, value), or a list of (name or None, value).
"""
import re
from collections import namedtuple

Choice = namedtuple("Choice", "name value")
TOKEN = re.compile(r"""(?P<blank>\s+|--[^\n]*|/\*.*?\*/)|"(?P<text>[^"]*)"|'(?P<hex>[0-9A-Fa-f\s]*)'H"""
                   r"""|(?P<number>\d+(?![\w-]))|(?P<word>[A-Za-z][\w-]*)|(?P<mark>::=|[{}:,])""", re.S)


class Word(str):
    """An identifier: a member's, an alternative's or an enumerated value's name."""


class Reader:
    def __init__(self, text):
        self.tokens, at = [], 0
        while at < len(text):
            found = TOKEN.match(text, at)
            if not found:
                raise ValueError(f"not value notation: {text[at:at + 40]!r}")
            at = found.end()
            if found.lastgroup != "blank":
                self.tokens.append((found.lastgroup, found.group(found.lastgroup)))
        self.at = 0

    def look(self, ahead=0):
        return self.tokens[self.at + ahead] if self.at + ahead < len(self.tokens) else ("end", "")

    def take(self, *wanted):
        token = self.look()
        if wanted and token[1] not in wanted:
            raise ValueError(f"{wanted} expected, found {[t[1] for t in self.tokens[self.at:self.at + 5]]}")
        self.at += 1
        return token

    def value(self):
        kind, text = self.take()
        if kind == "text":
            return text
        if kind == "hex":
            return bytes.fromhex(text)
        if kind == "number":
            return int(text)
        if text == "{":
            return self.braces()
        if kind != "word":
            raise ValueError(f"a value cannot begin with {text!r}")
        if self.look() == ("mark", ":"):
            self.take()
            return Choice(text, self.value())
        return None if text == "NULL" else Word(text)

    def braces(self):
        if self.look()[0] == "number" and self.look(1)[1] not in ",":
            arcs = []
            while self.look()[1] != "}":
                arcs.append(int(self.take()[1]))
            self.take("}")
            return tuple(arcs)
        items = []
        while self.look()[1] != "}":
            name = None
            if self.look()[0] == "word" and self.look(1)[1] not in (":", ",", "}"):
                name = self.take()[1]
            items.append((name, self.value()))
            if self.take(",", "}")[1] == "}":
                return items
        self.take("}")
        return items


def package(text):
    """The elements in their order, each a Choice."""
    reader, elements = Reader(text), []
    while reader.look()[0] != "end":
        reader.take()
        reader.take("ProfileElement")
        reader.take("::=")
        elements.append(reader.value())
    return elements


def member(items, name, default=None):
    return next((value for key, value in items if key == name), default)
