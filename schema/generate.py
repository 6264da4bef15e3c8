#!/usr/bin/env python3
"""Schema -> structs and constant tables.  usage: generate.py NAME.schema NAME.h NAME.c
The notation is described in README.md beside this file."""
import os
import re
import sys

UNIVERSAL = {"BOOLEAN": 0x01, "INTEGER": 0x02, "ENUMERATED": 0x0A, "BIGINT": 0x02, "NULL": 0x05, "OCTETS": 0x04,
             "BITS": 0x03, "OID": 0x06, "UTF8": 0x0C, "PRINTABLE": 0x13, "IA5": 0x16, "UTCTIME": 0x17,
             "GENTIME": 0x18, "ANY": 0, "SEQUENCE": 0x30, "OF": 0x30, "SETOF": 0x31, "CHOICE": 0}
KIND = {"ENUMERATED": "INTEGER", "SETOF": "SET_OF"}
C_TYPE = {"BOOLEAN": "bool", "INTEGER": "int64_t", "ENUMERATED": "int64_t", "NULL": "bool", "BITS": "struct asn1_bits"}
CONSTRUCTED = ("SEQUENCE", "CHOICE", "OF", "SETOF")
CLASS = {"": 0x80, "APPLICATION": 0x40, "PRIVATE": 0xC0, "UNIVERSAL": 0}
NO_MAX = 0x7FFFFFFFFFFFFFFF


class Type:
    def __init__(self, kind, name):
        self.kind, self.name = kind, name
        self.tag = None          # tag written in front of it: (class, number, explicit)
        self.low, self.high = None, None
        self.names, self.fields = [], []
        self.element = None
        self.any_tag = 0
        self.size_c = None


class Field:
    def __init__(self, name, old, typ):
        self.name, self.old, self.type = name, old, typ
        self.tag, self.explicit = 0, False
        self.optional = self.secret = self.quiet = False
        self.preset = None


class Reader:
    TOKEN = re.compile(r"\s*(?:#[^\n]*\n?)*\s*(\.\.|[\w-]+|[{}()\[\]=?/*]|$)")

    def __init__(self, text, path):
        text = re.sub(r"#[^\n]*", "", text)
        self.tokens = re.findall(r"\.\.|[\w][\w-]*|-\d+|[{}()\[\]=?/*]|\S", text)
        self.at, self.path = 0, path
        self.types, self.order = {}, []

    def peek(self, ahead=0):
        return self.tokens[self.at + ahead] if self.at + ahead < len(self.tokens) else None

    def take(self, want=None):
        token = self.peek()
        if token is None or (want and token != want):
            around = " ".join(self.tokens[max(0, self.at - 8):self.at + 3])
            sys.exit(f"{self.path}: expected {want or 'more'}, found {token!r} near: {around}")
        self.at += 1
        return token

    def accept(self, want):
        if self.peek() == want:
            self.at += 1
            return True
        return False

    def file(self):
        self.take("module")
        self.module = self.take()
        self.automatic = self.take() == "automatic"
        while self.peek():
            name = self.take()
            self.take("=")
            self.define(name, self.type(name))

    def define(self, name, typ):
        if name in self.types:
            sys.exit(f"{self.path}: {name} is defined twice")
        self.types[name] = typ
        self.order.append(name)

    def tag(self):
        if not self.accept("["):
            return None
        word = self.take() if self.peek() in CLASS else ""
        number = int(self.take())
        explicit = self.accept("EXPLICIT")
        self.take("]")
        return word, number, explicit

    def range(self, typ):
        if not self.accept("("):
            return
        typ.low = int(self.take())
        typ.high = typ.low
        if self.accept(".."):
            high = self.take()
            typ.high = None if high == "MAX" else int(high)
        self.take(")")

    def type(self, name):
        tag = self.tag()
        word = "SEQUENCE" if self.peek() == "{" else self.take()
        if word not in UNIVERSAL:
            typ = Type("REF", word)
            typ.tag = tag
            return typ
        typ = Type(word, name)
        typ.tag = tag
        if word == "ANY":
            if self.accept("("):
                typ.any_tag = int(self.take(), 16)
                self.take(")")
        elif word in ("SEQUENCE", "CHOICE"):
            self.members(typ, name)
        elif word in ("OF", "SETOF"):
            self.range(typ)
            typ.element = self.item(f"{name}_item")
        else:
            self.range(typ)
            if self.accept("{"):
                while not self.accept("}"):
                    item = self.take()
                    self.take("(")
                    typ.names.append((item, int(self.take())))
                    self.take(")")
        return typ

    def item(self, name):
        """The element of a list: a tag written in front of it belongs to its type."""
        typ = self.inner(name)
        if typ.tag:
            self.define(name, typ)
            typ = Type("REF", name)
        return typ

    def inner(self, name):
        """A type in place: anonymous ones become named types of their own."""
        typ = self.type(name)
        if typ.kind == "REF":
            return typ
        plain = not typ.names and typ.low is None and typ.high is None and typ.kind not in CONSTRUCTED
        if plain and not typ.any_tag:
            return typ
        ref = Type("REF", name)
        ref.tag, typ.tag = typ.tag, None
        self.define(name, typ)
        return ref

    def members(self, typ, name):
        self.take("{")
        while not self.accept("}"):
            member = self.take()
            old = self.take() if self.accept("/") else None
            inner = self.inner(f"{name}_{member}")
            field = Field(member, old, inner)
            field.secret = self.accept("secret")
            field.optional = self.accept("?")
            if self.accept("="):
                field.preset = self.preset()
                field.quiet = self.accept("quiet")
            typ.fields.append(field)

    def preset(self):
        token = self.take()
        if self.accept("*"):
            self.take("(")
            unit = self.take()
            self.take(")")
            self.take("h")
            return ("hex", unit * int(token))
        if re.fullmatch(r"[0-9A-Fa-f]+h", token):
            return ("hex", token[:-1])
        return ("value", token)


def c(name):
    return name.replace("-", "_")


class Writer:
    def __init__(self, reader):
        self.r, self.m = reader, reader.module
        self.done = []

    def resolve(self, typ):
        while typ.kind == "REF":
            if typ.name not in self.r.types:
                sys.exit(f"{self.r.path}: {typ.name} is not defined")
            typ = self.r.types[typ.name]
        return typ

    def outer_tag(self, typ):
        """(class, number, explicit) nearest to the outside, or None."""
        while True:
            if typ.tag:
                return typ.tag
            if typ.kind != "REF":
                return None
            typ = self.r.types[typ.name]

    def identifier(self, typ, tag):
        base = self.resolve(typ)
        if tag is None:
            return base.any_tag if base.kind == "ANY" else UNIVERSAL[base.kind]
        word, number, explicit = tag
        constructed = 0x20 if explicit or base.kind in CONSTRUCTED or (base.kind == "ANY" and base.any_tag & 0x20) else 0
        first = CLASS[word] | constructed
        return first | number if number < 31 else (first | 31) << 8 | number

    def tags(self):
        for name in self.r.order:
            typ = self.r.types[name]
            typ.id = self.identifier(typ, self.outer_tag(typ))
            manual = any(f.type.tag for f in typ.fields)
            for index, field in enumerate(typ.fields):
                tag = self.outer_tag(field.type)
                if self.r.automatic and not manual:
                    tag = ("", index, False)
                field.tag = self.identifier(field.type, tag)
                field.explicit = bool(tag and tag[2])

    def c_name(self, name):
        return f"{self.m}_{c(name)}"

    def c_type(self, typ):
        base = self.resolve(typ)
        if base.kind in CONSTRUCTED:
            return f"struct {self.c_name(base.name)}"
        return C_TYPE.get(base.kind, "struct bytes")

    def pointer(self, field):
        return field.optional and self.resolve(field.type).kind in CONSTRUCTED

    def has_flag(self, field):
        return field.optional and self.resolve(field.type).kind in ("INTEGER", "ENUMERATED", "BOOLEAN")

    def struct(self, out, name):
        typ = self.r.types[name]
        if typ.kind == "REF":
            return
        if name in self.done:
            return
        self.done.append(name)
        for inner in [f.type for f in typ.fields] + ([typ.element] if typ.element else []):
            base = self.resolve(inner)
            if base.kind in CONSTRUCTED:
                self.struct(out, base.name)
        self.constants(out, typ)
        if typ.kind not in CONSTRUCTED:
            return
        out.append(f"struct {self.c_name(name)} {{")
        out.append("    struct bytes raw;")
        if typ.kind in ("OF", "SETOF"):
            out.append("    size_t n;")
            out.append(f"    {self.c_type(typ.element)} *items;")
        elif typ.kind == "CHOICE":
            out.append("    int which;")
            out.append("    union {")
            for f in typ.fields:
                out.append(f"        {self.c_type(f.type)} {c(f.name)};")
            out.append("    };")
        else:
            for f in typ.fields:
                if self.has_flag(f):
                    out.append(f"    bool has_{c(f.name)};")
                out.append(f"    {self.c_type(f.type)} {'*' if self.pointer(f) else ''}{c(f.name)};")
        out.append("};")
        if typ.kind == "CHOICE":
            items = [f"    {self.c_name(name)}_{c(f.name)} = {i + 1}," for i, f in enumerate(typ.fields)]
            out += ["enum {"] + items + ["};"]
        out.append("")

    def constants(self, out, typ):
        if typ.names:
            items = [f"    {self.c_name(typ.name)}_{c(n)} = {v}," for n, v in typ.names]
            out += ["enum {"] + items + ["};", ""]

    def header(self, target):
        out = [f"/* Generated from {self.m}.schema. */", f"#ifndef RSPKIT_SCHEMA_{self.m.upper()}_H",
               f"#define RSPKIT_SCHEMA_{self.m.upper()}_H", "", '#include "asn1/asn1.h"', ""]
        for name in self.r.order:
            self.struct(out, name)
        for name in self.r.order:
            if self.r.types[name].kind != "REF":
                out.append(f"extern const struct asn1_type {self.c_name(name)}_type;")
        out.append(f"extern const struct asn1_type *const {self.m}_types[];")
        out += ["", "#endif", ""]
        write(target, out)

    def type_ref(self, typ):
        base = self.resolve(typ)
        if typ.kind == "REF":
            return f"&{self.c_name(base.name)}_type"
        return f"&asn1_plain[ASN1_{KIND.get(base.kind, base.kind)}]"

    def preset(self, field):
        if not field.preset:
            return None
        how, value = field.preset
        base = self.resolve(field.type)
        if how == "hex":
            return value
        number = dict(base.names).get(value)
        number = int(value) if number is None else number
        length = max(1, (number.bit_length() + 8) // 8)
        return number.to_bytes(length, "big", signed=True).hex()

    def flags(self, field):
        names = [("OPTIONAL", field.optional), ("DEFAULT", field.preset), ("POINTER", self.pointer(field)),
                 ("EXPLICIT", field.explicit), ("SECRET", field.secret), ("QUIET", field.quiet)]
        return " | ".join(f"ASN1_{n}" for n, on in names if on) or "0"

    def table(self, out, name):
        typ = self.r.types[name]
        cn = self.c_name(name)
        if typ.fields:
            for f in typ.fields:
                preset = self.preset(f)
                if preset is not None:
                    octets = ", ".join("0x" + preset[i:i + 2] for i in range(0, len(preset), 2))
                    out.append(f"static const uint8_t {cn}_{c(f.name)}_preset[] = {{ {octets} }};")
            out.append(f"static const struct asn1_field {cn}_fields[] = {{")
            for f in typ.fields:
                has = f"offsetof(struct {cn}, has_{c(f.name)})" if typ.kind == "SEQUENCE" and self.has_flag(f) else "0"
                old = f'"{f.old}"' if f.old else "NULL"
                preset = f"BYTES_OF({cn}_{c(f.name)}_preset)" if f.preset else "{ NULL, 0 }"
                if f.preset:
                    preset = f"{{ {cn}_{c(f.name)}_preset, sizeof {cn}_{c(f.name)}_preset }}"
                out.append(f'    {{ "{f.name}", {old}, {self.type_ref(f.type)}, 0x{f.tag:X}, '
                           f"offsetof(struct {cn}, {c(f.name)}), {has}, {self.flags(f)}, {preset} }},")
            out.append("};")
        if typ.names:
            out.append(f"static const struct asn1_name {cn}_names[] = {{")
            out += [f'    {{ "{n}", {v} }},' for n, v in typ.names]
            out.append("};")
        low = typ.low if typ.low is not None else (-NO_MAX if typ.kind in ("INTEGER", "ENUMERATED") else 0)
        high = typ.high if typ.high is not None else NO_MAX
        size = f"sizeof({self.c_type(typ) if typ.kind not in CONSTRUCTED else 'struct ' + cn})"
        label = name.split("_")[-1] if "_" in name else name
        fields = f"{cn}_fields, {len(typ.fields)}" if typ.fields else "NULL, 0"
        element = self.type_ref(typ.element) if typ.element else "NULL"
        names = f"{cn}_names, {len(typ.names)}" if typ.names else "NULL, 0"
        out.append(f'const struct asn1_type {cn}_type = {{ "{label}", ASN1_{KIND.get(typ.kind, typ.kind)}, '
                   f"0x{typ.id:X}, {size}, {low}, {high}, {fields}, {element}, {names} }};")
        out.append("")

    def source(self, target):
        out = [f"/* Generated from {self.m}.schema. */", f'#include "schema/{self.m}.h"', "",
               '#include "asn1/plain.h"', ""]
        names = [n for n in self.r.order if self.r.types[n].kind != "REF"]
        for name in names:
            self.table(out, name)
        out.append(f"const struct asn1_type *const {self.m}_types[] = {{")
        out += [f"    &{self.c_name(n)}_type," for n in names]
        out += ["    NULL,", "};", ""]
        write(target, out)


def write(path, lines):
    with open(path, "w", encoding="utf-8") as out:
        out.write("\n".join(lines))


def main():
    source, header, code = sys.argv[1:4]
    with open(source, encoding="utf-8") as text:
        reader = Reader(text.read(), os.path.basename(source))
    reader.file()
    writer = Writer(reader)
    writer.tags()
    writer.header(header)
    writer.source(code)


if __name__ == "__main__":
    main()
